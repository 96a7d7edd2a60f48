//! The broker under test: one that runs, one that is started from a profile, or the reference broker.

use std::future::pending;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mqttspec_audit::{ReferenceControl, with_account};
use mqttspec_broker::server::{Shared, serve_shared};
use mqttspec_broker::{Broker, Configuration, Rules};
use mqttspec_codec::{Citation, Version};
use mqttspec_engine::BrokerControl;
use mqttspec_engine::transport::{Address, Connector, Listener, Listeners, Route, Target, Tcp, WebSocket};
use mqttspec_script::Diagnostic;
use mqttspec_script::profile::{Account, Profile, Transport};
use mqttspec_sut::{LaunchError, Sut, declared_versions};
use tokio::net::TcpListener;

use crate::arguments::BrokerChoice;
use crate::command::{Failure, colored};
use crate::exit::Exit;
use crate::suite::{self, PROFILES};

/// How the built-in broker is called in reports.
const REFERENCE: &str = "the reference broker";

/// A broker that can be reached, and what is known of it beforehand.
#[derive(Debug)]
pub(crate) struct UnderTest {
    /// The way to it.
    pub(crate) connector: Arc<dyn Connector>,
    /// The way to it through WebSocket.
    pub(crate) websocket: Option<Arc<WebSocket>>,
    /// The means to restart it.
    pub(crate) control: Option<Arc<dyn BrokerControl>>,
    /// What it provides beyond what its CONNACK says, in the vocabulary of `needs`.
    pub(crate) provides: Vec<&'static str>,
    /// Its name for people; absent for its address.
    pub(crate) name: Option<String>,
    /// The version that it says of itself.
    pub(crate) version: Option<String>,
    /// The profile that describes it.
    pub(crate) profile: Option<Profile>,
    /// Its listeners, each for itself.
    pub(crate) ways: Vec<Way>,
    /// The broker itself, when it was started from a profile.
    pub(crate) sut: Option<Arc<Sut>>,
}

/// The way to one listener.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) connector: Arc<dyn Connector>,
    /// The versions that it is said to serve.
    pub(crate) versions: Vec<Version>,
}

impl Way {
    fn new(name: &str, connector: Arc<dyn Connector>) -> Self {
        Self { name: name.to_owned(), connector, versions: Version::ALL.to_vec() }
    }
}

impl UnderTest {
    /// Finds or starts the broker that the user has chosen.
    pub(crate) async fn find(choice: &BrokerChoice) -> Result<Self, Failure> {
        Self::find_without(choice, &[]).await
    }

    /// The same; the reference broker breaks these statements.
    pub(crate) async fn find_without(choice: &BrokerChoice, without: &[Citation]) -> Result<Self, Failure> {
        let profile = match (&choice.sut, &choice.profile) {
            (Some(name), _) => Some((built_in(name)?, PathBuf::from("."))),
            (None, Some(path)) => Some((from_file(path)?, folder_of(path))),
            (None, None) => None,
        };
        if choice.transport.is_some() && profile.is_none() {
            return Err(Failure::usage(
                "--transport chooses among the listeners of --sut or --profile; --broker takes the address of any",
            ));
        }
        let mut found = match (profile, &choice.broker) {
            (profile, Some(target)) => Self::running(target, profile.map(|(profile, _)| profile), choice)?,
            (Some((profile, here)), None) => Self::started(profile, &here, choice.transport).await?,
            (None, None) => Self::reference(Rules::without(without.iter().copied())).await?,
        };
        found.provides.extend(choice.provides.iter().copied());
        Ok(found)
    }

    async fn started(profile: Profile, here: &Path, transport: Option<Transport>) -> Result<Self, Failure> {
        let here = std::fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
        let sut = Sut::start(profile.clone(), &here, transport.unwrap_or(Transport::Tcp))
            .await
            .map_err(|error| failed(&error))?;
        let sut = Arc::new(sut);
        Ok(Self {
            connector: sut.connector(),
            websocket: sut.websocket(),
            control: Some(Arc::<Sut>::clone(&sut)),
            provides: sut.provides(),
            name: Some(sut.title()),
            version: sut.version().map(str::to_owned),
            profile: Some(profile),
            ways: sut
                .ways()
                .into_iter()
                .map(|way| Way { name: way.name, connector: way.connector, versions: way.versions })
                .collect(),
            sut: Some(sut),
        })
    }

    fn running(target: &Target, profile: Option<Profile>, choice: &BrokerChoice) -> Result<Self, Failure> {
        let Route { connector, websocket } = choice.connection.routes(target)?;
        let account = choice.user.as_ref().map(|user_name| Account {
            user_name: user_name.clone(),
            password: choice.password.clone().unwrap_or_default(),
        });
        let account = account.or_else(|| profile.as_ref()?.account.clone());
        let alone = |connector| -> Arc<dyn Connector> {
            Arc::new(Listeners::new(Listener::only(connector), Vec::new(), account.clone()))
        };
        let connector = alone(connector);
        let other = websocket.clone().filter(|_| !target.is_websocket());
        let other = other.map(|websocket| Way::new("websocket", alone(websocket)));
        let mut main = Way::new("main", Arc::clone(&connector));
        if let Some(profile) = &profile {
            main.versions = declared_versions(profile).into_iter().collect();
        }
        let ways = std::iter::once(main).chain(other).collect();
        Ok(Self {
            connector,
            ways,
            websocket,
            control: None,
            provides: Vec::new(),
            name: profile.as_ref().map(|profile| profile.title.clone()),
            version: None,
            profile,
            sut: None,
        })
    }

    /// Starts the reference broker on free ports of the loopback interface: one for TCP and one for WebSocket, where
    /// anybody is welcome, and one for the cases that need accounts.
    pub(crate) async fn reference(rules: Rules) -> Result<Self, Failure> {
        let no_port = |error: std::io::Error| {
            Failure::new(Exit::Broker, format!("the reference broker cannot be started: {error}"))
        };
        let bind = async || {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
            let address = Address::loopback(socket.local_addr().map_err(no_port)?.port());
            Ok::<_, Failure>((socket, address))
        };
        let (tcp, tcp_address) = bind().await?;
        let (websocket, websocket_address) = bind().await?;
        let (guarded, guarded_address) = bind().await?;
        let listeners = vec![
            mqttspec_broker::server::Listener::tcp(tcp),
            mqttspec_broker::server::Listener::tcp(websocket).with_websocket(),
        ];
        let start = |configuration: Configuration, listeners| {
            let shared = Shared::start(Broker::new(configuration, rules.clone()));
            tokio::spawn(serve_shared(listeners, Arc::clone(&shared), pending()));
            shared
        };
        let provides = with_account().provides();
        let open = start(Configuration::default(), listeners);
        let accounts = start(with_account(), vec![mqttspec_broker::server::Listener::tcp(guarded)]);
        let websocket = Arc::new(WebSocket::over_tcp(websocket_address, "/"));
        let for_accounts =
            Listener { provides: vec!["auth"], ..Listener::only(Arc::new(Tcp::new(guarded_address))) };
        Ok(Self {
            connector: Arc::new(Listeners::new(
                Listener::only(Arc::new(Tcp::new(tcp_address.clone()))),
                vec![for_accounts],
                None,
            )),
            ways: vec![
                Way::new("tcp", Arc::new(Tcp::new(tcp_address))),
                Way::new("websocket", Arc::clone(&websocket) as Arc<dyn Connector>),
            ],
            websocket: Some(websocket),
            control: Some(Arc::new(ReferenceControl::new(vec![open, accounts]))),
            provides,
            name: Some(REFERENCE.to_owned()),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            profile: None,
            sut: None,
        })
    }

    /// Stops what was started.
    pub(crate) async fn leave(self) {
        if let Some(sut) = self.sut {
            // That it had to be killed changes no verdict: the run is over.
            let _ = sut.stop().await;
        }
    }
}

impl BrokerChoice {
    /// The options as one would type them, each with a space before it. A password is not repeated.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        let mut add =
            |name: &str, value: &dyn std::fmt::Display| words.push_str(&format!(" --{name} {value}"));
        if let Some(broker) = &self.broker {
            add("broker", broker);
        }
        words.push_str(&self.connection.words());
        let mut add =
            |name: &str, value: &dyn std::fmt::Display| words.push_str(&format!(" --{name} {value}"));
        if let Some(sut) = &self.sut {
            add("sut", sut);
        }
        if let Some(profile) = &self.profile {
            add("profile", &profile.display());
        }
        if let Some(transport) = &self.transport {
            add("transport", transport);
        }
        if let Some(user) = &self.user {
            add("user", user);
        }
        if self.password.is_some() {
            add("password", &"..");
        }
        for capability in &self.provides {
            add("provides", capability);
        }
        words
    }
}

/// A profile that is built in.
fn built_in(name: &str) -> Result<Profile, Failure> {
    let profiles = || mqttspec_cases::FILES.iter().filter(|(path, _)| path.starts_with(PROFILES));
    let stem = |path: &'static str| path.strip_prefix(PROFILES).and_then(|file| file.strip_suffix(".yaml"));
    match profiles().find(|(path, _)| stem(path) == Some(name)) {
        Some((path, text)) => Profile::read(*path, *text).map_err(|diagnostics| mistakes(&diagnostics)),
        None => {
            let known: Vec<&str> = profiles().filter_map(|(path, _)| stem(path)).collect();
            Err(Failure::usage(format!(
                "there is no profile `{name}`; built in are {}. --profile FILE takes one of your own",
                known.join(", ")
            )))
        }
    }
}

fn from_file(path: &Path) -> Result<Profile, Failure> {
    let text = suite::read_file(path).map_err(Failure::from)?;
    Profile::read(path.display().to_string(), text).map_err(|diagnostics| mistakes(&diagnostics))
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Mistakes in a file, each with its place.
pub(crate) fn mistakes(diagnostics: &[Diagnostic]) -> Failure {
    let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(colored())).collect();
    let count = match diagnostics.len() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    Failure { diagnostics: Some(all.join("\n\n")), ..Failure::usage(count) }
}

/// A broker that does not run is not reachable; a profile that cannot work is a mistake of its author.
fn failed(error: &LaunchError) -> Failure {
    let exit = match error {
        LaunchError::Outside { .. }
        | LaunchError::NoStart { .. }
        | LaunchError::NoListener { .. }
        | LaunchError::NoCertificates(_) => Exit::Usage,
        _ => Exit::Broker,
    };
    Failure::new(exit, error.to_string())
}
