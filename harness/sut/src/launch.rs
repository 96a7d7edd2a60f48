//! A broker that was started from a profile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttspec_engine::transport::{Connector, Listeners, WebSocket};
use mqttspec_engine::{BrokerControl, Clock, RestartError, Restarting, Usage, ready};
use mqttspec_script::plan::Stop;
use mqttspec_script::profile::{self, Profile, Transport};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::certificates::Certificates;
use crate::error::{LaunchError, Output};
use crate::folder::Folder;
use crate::follow::Follower;
use crate::install;
use crate::log::{Line, Log};
use crate::ports::free_ports;
use crate::process::Process;
use crate::values::Values;
use crate::watch::Watch;
use crate::way::Way;

/// How long a command may take that prepares a broker: some build it.
const SETUP_WITHIN: Duration = Duration::from_secs(1_800);
/// How long a broker may take to say its version.
const VERSION_WITHIN: Duration = Duration::from_secs(20);
/// How many lines of its log tell how a broker broke.
const LAST_LINES: usize = 50;
/// The Client Identifier of the CONNECT that finds out whether a broker serves.
const CLIENT_ID: &str = "mqttspec";

/// A broker under test that runs, on ports and in a folder of its own.
#[derive(Debug)]
pub struct Sut {
    profile: Profile,
    /// The command that is the broker.
    start: profile::Command,
    values: Values,
    clock: Clock,
    log: Arc<Log>,
    ways: Vec<Way>,
    listeners: Arc<Listeners>,
    /// The transport that cases use which need no other.
    transport: Transport,
    version: Option<String>,
    /// The process; none while it is started again, or when that failed.
    process: Mutex<Option<Process>>,
    watch: StdMutex<Watch>,
    /// What lay in the folder before the broker was started for the first time.
    prepared: BTreeSet<PathBuf>,
    // Dropped after the process that works in it.
    folder: Folder,
}

impl Sut {
    /// Starts a broker and waits until it serves. `here` is the folder that relative paths of the profile start from,
    /// `transport` that of the listeners where cases are played which need no other. Without certificates the broker
    /// has no listeners for TLS.
    ///
    /// # Errors
    /// When the broker is not installed, cannot be prepared or started, or does not serve in time; when there is no
    /// such listener, or there are no certificates for it.
    pub async fn start(profile: Profile, here: &Path, transport: Transport) -> Result<Self, LaunchError> {
        let folder = Folder::new(&profile.name)?;
        let ports = profile.listeners.iter().map(|listener| &listener.port).chain(&profile.ports);
        let mut values = Values {
            ports: free_ports(ports.map(String::as_str)).map_err(LaunchError::NoPort)?,
            first: profile.listeners.first().map(|listener| listener.port.clone()).unwrap_or_default(),
            folder: folder.path().to_owned(),
            here: here.to_owned(),
            tools: install::tools(),
            certificates: None,
        };
        let Some(start) = profile.start.clone() else {
            return Err(LaunchError::NoStart { title: profile.title, file: profile.file.path.clone() });
        };
        check_installed(&profile, &start, &values)?;
        values.certificates = certificates(&profile, &folder, transport).await?;
        let credentials = values.certificates.as_ref().map(|certificates| &certificates.credentials);
        let ways: Vec<Way> =
            profile.listeners.iter().filter_map(|listener| Way::to(listener, &values, credentials)).collect();
        let listeners = listeners(&profile, &ways, transport)?;
        for (path, text) in &profile.files {
            folder.write(&values.fill(path), &values.fill(text))?;
        }
        let clock = Clock::start();
        let log = Arc::new(Log::new(clock));
        let files =
            profile.logs.iter().map(|path| Follower::new(folder.path().join(values.fill(path)))).collect();
        let watch = Watch::new(clock, Arc::clone(&log), profile.alarms.clone(), files);
        let mut sut = Self {
            profile,
            start,
            values,
            clock,
            log,
            ways,
            listeners: Arc::new(listeners),
            transport,
            version: None,
            process: Mutex::new(None),
            watch: StdMutex::new(watch),
            prepared: BTreeSet::new(),
            folder,
        };
        for command in &sut.profile.setup {
            sut.prepare(command).await?;
        }
        check_program(&sut.start, &sut.profile, &sut.values)?;
        sut.version = sut.ask_version().await;
        sut.prepared = sut.folder.contents();
        let process = sut.spawn().await?;
        *sut.process.get_mut() = Some(process);
        sut.watch().begin();
        Ok(sut)
    }

    /// The broker with its version, for people.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.profile.title),
            None => self.profile.title.clone(),
        }
    }

    /// The version that the broker says, if it says one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The profile that it was started from.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The way to it.
    #[must_use]
    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::<Listeners>::clone(&self.listeners)
    }

    /// The way to it through WebSocket.
    #[must_use]
    pub fn websocket(&self) -> Option<Arc<WebSocket>> {
        let through = |transport| self.ways.iter().find(|way| way.transport == transport && way.is_for_all());
        let chosen = match self.transport {
            Transport::SecureWebSocket => Transport::SecureWebSocket,
            Transport::Tcp | Transport::Tls | Transport::WebSocket => Transport::WebSocket,
        };
        through(chosen)?.websocket.clone()
    }

    /// What its listeners provide to cases that need it.
    #[must_use]
    pub fn provides(&self) -> Vec<&'static str> {
        let plain = self.ways.iter().filter(|way| way.transport == Transport::Tcp);
        plain.flat_map(|way| way.provides.iter().copied()).collect()
    }

    /// The ways to its listeners, each for itself, with the account that its clients have to show.
    #[must_use]
    pub fn ways(&self) -> Vec<Way> {
        let account = self.profile.account.as_ref();
        let alone = |way: &Way| Way { connector: Arc::new(way.alone(account)), ..way.clone() };
        self.ways.iter().map(alone).collect()
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops it in order, or if it does not within its time, all the same.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&self) -> Result<(), LaunchError> {
        self.end(Stop::Orderly).await
    }

    async fn end(&self, how: Stop) -> Result<(), LaunchError> {
        let Some(process) = self.process.lock().await.take() else { return Ok(()) };
        match how {
            Stop::Kill => process.kill(),
            Stop::Orderly => process.ask_to_end(),
        }
        let deadline = self.clock.now() + self.profile.stop_within;
        if self.clock.before(deadline, process.ended()).await.is_some() {
            return Ok(());
        }
        process.kill();
        process.ended().await;
        Err(LaunchError::DoesNotStop { title: self.profile.title.clone(), within: self.profile.stop_within })
    }

    /// Starts the process and waits until every listener for TCP answers CONNECT.
    async fn spawn(&self) -> Result<Process, LaunchError> {
        let written = self.log.written();
        let command = self.command(&self.start);
        let process = Process::spawn(command.system, &self.log)
            .map_err(|error| LaunchError::Unrunnable { command: command.words, error })?;
        let deadline = self.clock.now() + self.profile.ready_within;
        let title = || self.profile.title.clone();
        let output = |log: &Log| Output(log.since(written));
        tokio::select! {
            biased;
            exit = process.ended() => Err(LaunchError::Ended { title: title(), exit, output: output(&self.log) }),
            serving = self.serving(deadline) => match serving {
                Ok(()) => Ok(process),
                Err(last) => Err(LaunchError::NotReady {
                    title: title(),
                    within: self.profile.ready_within,
                    last,
                    output: output(&self.log),
                }),
            }
        }
    }

    /// Starts the process again, and watches it anew.
    async fn start_again(&self) -> Result<(), RestartError> {
        let process = self.spawn().await.map_err(not_restarted)?;
        *self.process.lock().await = Some(process);
        self.watch().begin();
        Ok(())
    }

    async fn serving(&self, deadline: Duration) -> Result<(), String> {
        let is_used = |way: &&Way| way.transport == Transport::Tcp || way.transport == self.transport;
        for (number, way) in self.ways.iter().filter(is_used).enumerate() {
            let Some(&version) = way.versions.first() else { continue };
            let only = way.alone(self.profile.account.as_ref());
            let client_id = format!("{CLIENT_ID}{number}");
            ready(&only, self.clock, version, &client_id, deadline).await.map_err(|error| error.last)?;
        }
        Ok(())
    }

    /// Runs a command that prepares the broker.
    async fn prepare(&self, command: &profile::Command) -> Result<(), LaunchError> {
        let written = self.log.written();
        let command = self.command(command);
        let words = command.words;
        let process = Process::spawn(command.system, &self.log)
            .map_err(|error| LaunchError::Unrunnable { command: words.clone(), error })?;
        let deadline = self.clock.now() + SETUP_WITHIN;
        let exit = match self.clock.before(deadline, process.ended()).await {
            Some(exit) => exit,
            None => {
                process.kill();
                process.ended().await
            }
        };
        if exit == crate::process::Exit::Code(0) {
            return Ok(());
        }
        Err(LaunchError::Setup { command: words, exit, output: Output(self.log.since(written)) })
    }

    /// The version that the broker says, if it says one.
    async fn ask_version(&self) -> Option<String> {
        let log = Arc::new(Log::new(self.clock));
        let command = self.command(self.profile.version.as_ref()?);
        let process = Process::spawn(command.system, &log).ok()?;
        // Whatever the exit code: some say it together with their help.
        self.clock.before(self.clock.now() + VERSION_WITHIN, process.ended()).await?;
        version_in(&log.since(0))
    }

    fn command(&self, command: &profile::Command) -> Filled {
        let words: Vec<String> = command.words.iter().map(|word| self.values.fill(word)).collect();
        let program = words.first().map(String::as_str).unwrap_or_default();
        let found = install::program(program, &self.values.here).unwrap_or_else(|| program.into());
        let mut system = Command::new(found);
        system.args(words.iter().skip(1)).current_dir(&self.values.folder);
        for (name, value) in &self.profile.environment {
            system.env(name, self.values.fill(value));
        }
        Filled { words: words.join(" "), system }
    }
}

fn not_restarted(error: LaunchError) -> RestartError {
    RestartError { why: error.to_string() }
}

/// A command with everything filled in.
struct Filled {
    /// For people.
    words: String,
    system: Command,
}

impl BrokerControl for Sut {
    fn restart(&self, how: Stop) -> Restarting<'_> {
        Box::pin(async move {
            self.end(how).await.map_err(not_restarted)?;
            self.start_again().await
        })
    }

    fn renew(&self) -> Restarting<'_> {
        Box::pin(async move {
            self.end(Stop::Kill).await.map_err(not_restarted)?;
            self.folder.keep_only(&self.prepared);
            self.start_again().await
        })
    }

    fn trouble(&self) -> Option<String> {
        // While it is started again its end is meant.
        let process = self.process.try_lock().ok()?;
        self.watch().trouble(process.as_ref()?)
    }

    fn usage(&self) -> Option<Usage> {
        self.process.try_lock().ok()?.as_ref()?.usage()
    }

    fn log(&self) -> Vec<String> {
        self.watch().follow();
        let written = self.log.written();
        self.log.since(written.saturating_sub(LAST_LINES)).into_iter().map(|line| line.text).collect()
    }
}

/// Checks what has to be there before anything is run. The broker itself may be what the preparation makes.
fn check_installed(profile: &Profile, start: &profile::Command, values: &Values) -> Result<(), LaunchError> {
    let first = profile.setup.first().unwrap_or(start);
    check_program(first, profile, values)?;
    let missing = profile.requires.iter().map(|path| values.fill(path));
    match missing.into_iter().find(|path| !values.here.join(path).exists()) {
        Some(path) => Err(not_installed(profile, values, path)),
        None => Ok(()),
    }
}

fn check_program(command: &profile::Command, profile: &Profile, values: &Values) -> Result<(), LaunchError> {
    let program = command.words.first().map(|word| values.fill(word)).unwrap_or_default();
    match install::program(&program, &values.here) {
        Some(_) => Ok(()),
        None => Err(not_installed(profile, values, program)),
    }
}

fn not_installed(profile: &Profile, values: &Values, missing: String) -> LaunchError {
    LaunchError::NotInstalled {
        title: profile.title.clone(),
        missing,
        install: profile.install.as_ref().map(|install| values.fill(install)),
    }
}

/// The certificates for listeners with TLS. Where there can be none and nobody has asked for them, the broker has no such
/// listeners.
async fn certificates(
    profile: &Profile,
    folder: &Folder,
    transport: Transport,
) -> Result<Option<Certificates>, LaunchError> {
    if !profile.listeners.iter().any(|listener| listener.transport.is_secure()) {
        return Ok(None);
    }
    match Certificates::make(folder).await {
        Err(LaunchError::NoCertificates(_)) if !transport.is_secure() => Ok(None),
        made => made.map(Some),
    }
}

/// The listeners of a transport, and those that provide what some cases need.
fn listeners(profile: &Profile, ways: &[Way], transport: Transport) -> Result<Listeners, LaunchError> {
    let mut main = ways.iter().filter(|way| way.transport == transport && way.is_for_all());
    let Some(first) = main.next() else {
        return Err(LaunchError::NoListener { title: profile.title.clone(), transport });
    };
    let special = ways.iter().filter(|way| way.transport == Transport::Tcp && !way.is_for_all());
    let others = main.chain(special).map(Way::listener).collect();
    Ok(Listeners::new(first.listener(), others, profile.account.clone()))
}

/// The first word that reads like a version: digits, a point, and whatever belongs to it.
fn version_in(lines: &[Line]) -> Option<String> {
    let words = lines.iter().flat_map(|line| line.text.split([' ', '\t', ',', '(', ')', '"', '\'', '=']));
    let mut versions = words.map(|word| word.trim_start_matches(['v', 'V'])).filter(|word| {
        let (major, rest) = word.split_once('.').unwrap_or_default();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number(major) && rest.starts_with(|c: char| c.is_ascii_digit())
    });
    versions.next().map(|word| word.trim_end_matches(['.', ':', ';']).to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::version_in;
    use crate::log::Line;

    #[test]
    fn versions_are_found_among_other_words() {
        for (text, version) in [
            ("mosquitto version 2.0.11", Some("2.0.11")),
            ("rumqttd 0.20.0", Some("0.20.0")),
            ("broker v1.2.3-rc.1, built today", Some("1.2.3-rc.1")),
            ("ActiveMQ 5.17.2.", Some("5.17.2")),
            ("no version", None),
        ] {
            let line = Line { at: Duration::ZERO, text: text.to_owned() };
            assert_eq!(version_in(&[line]).as_deref(), version, "{text}");
        }
    }
}
