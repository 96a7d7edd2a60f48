//! The tool against the reference broker over every transport, with real sockets.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use mqttspec_broker::server::{Identity, Listener, serve_all};
use mqttspec_broker::{Broker, Configuration, Rules};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Runtime;

use crate::tool::{Folder, tool};

/// An authority, and certificates from it, in files.
struct Certificates {
    folder: Folder,
}

impl Certificates {
    fn make(test: &str) -> Self {
        let folder = Folder::new(&format!("transports-{test}"));
        let write = |name: &str, text: String| folder.write(name, &text);
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        write("ca.pem", authority.self_signed(&key).unwrap().pem());
        write("ca.key", key.serialize_pem());
        let issuer = Issuer::from_params(&authority, &key);
        for name in ["server", "client"] {
            let key = KeyPair::generate().unwrap();
            let leaf = CertificateParams::new(vec!["broker.test".to_owned()]).unwrap();
            write(&format!("{name}.pem"), leaf.signed_by(&key, &issuer).unwrap().pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.file(name)
    }

    fn identity(&self, demands_certificates: bool) -> Identity {
        let [chain, key] = ["server.pem", "server.key"].map(|name| self.folder.read(name));
        let ca = demands_certificates.then(|| self.folder.read("ca.pem"));
        Identity::from_pem(chain.as_bytes(), key.as_bytes(), ca.as_deref().map(str::as_bytes)).unwrap()
    }
}

/// A listener on a free port, and the port.
async fn tcp() -> (Listener, u16) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    (Listener::tcp(socket), port)
}

fn serve(runtime: &Runtime, listeners: Vec<Listener>) {
    let broker = Broker::new(Configuration::default(), Rules::all());
    runtime.spawn(serve_all(listeners, broker, std::future::pending()));
}

fn run(arguments: &[&str]) -> i32 {
    let output = tool(&["run"]).args(arguments).output().unwrap();
    output.status.code().unwrap()
}

/// The verdicts of a record, by case and version.
fn verdicts(record: &str) -> BTreeMap<String, String> {
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let cases = record["cases"].as_array().unwrap().iter();
    cases.map(|case| (text(&case["id"]) + " " + &text(&case["version"]), text(&case["verdict"]))).collect()
}

#[test]
fn verdicts_are_the_same_over_every_transport() {
    let certificates = Certificates::make("same");
    let socket = certificates.path("socket");
    let runtime = Runtime::new().unwrap();
    let ports = runtime.block_on(async {
        let [plain, tls, websocket, secure] = [tcp().await, tcp().await, tcp().await, tcp().await];
        let unix = Listener::unix(UnixListener::bind(&socket).unwrap());
        let identity = certificates.identity(false);
        let listeners = vec![
            plain.0,
            tls.0.with_tls(identity.clone()),
            websocket.0.with_websocket(),
            secure.0.with_tls(identity).with_websocket(),
            unix,
        ];
        serve(&runtime, listeners);
        [plain.1, tls.1, websocket.1, secure.1]
    });
    let [plain, tls, websocket, secure] = ports;
    let websocket_address = format!("ws://127.0.0.1:{websocket}/mqtt");
    let ca = certificates.path("ca.pem");
    let record = certificates.path("out.json");
    let mut expected = None;
    for broker in [
        format!("127.0.0.1:{plain}"),
        format!("mqtts://127.0.0.1:{tls}"),
        websocket_address.clone(),
        format!("wss://127.0.0.1:{secure}"),
        format!("unix://{socket}"),
    ] {
        let options = ["--ca", &ca, "--server-name", "broker.test", "--websocket", &websocket_address];
        let selection = ["websocket/*", "ping/*", "connect/second-connect/*", "connect/accepted/*"];
        let mut arguments = vec!["--broker", &broker, "--json", &record];
        arguments.extend(options);
        arguments.extend(selection);
        assert_eq!(run(&arguments), 0, "{broker}");
        let verdicts = verdicts(&certificates.folder.read("out.json"));
        assert!(verdicts.keys().any(|case| case.starts_with("websocket/")));
        assert_eq!(*expected.get_or_insert(verdicts.clone()), verdicts, "{broker}");
    }
}

#[test]
fn a_certificate_of_an_authority_is_told_from_one_of_a_broker() {
    let certificates = Certificates::make("authority");
    let [chain, key] = ["ca.pem", "ca.key"].map(|name| certificates.folder.read(name));
    let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes(), None).unwrap();
    let runtime = Runtime::new().unwrap();
    let port = runtime.block_on(async {
        let (listener, port) = tcp().await;
        serve(&runtime, vec![listener.with_tls(identity)]);
        port
    });
    let broker = format!("mqtts://127.0.0.1:{port}");
    let options = ["--ca", "ca.pem", "--server-name", "broker.test", "ping/ping/answered"];
    let (code, text) = certificates.folder.run(&[&["run", "--broker", &broker], &options[..]].concat());
    assert_eq!(code, 3, "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("the broker shows the certificate of an authority; give it one of its own"),
        "{text}"
    );
}

#[test]
fn tls_trusts_whom_it_was_told_to() {
    let certificates = Certificates::make("trust");
    let strangers = Certificates::make("strangers");
    let runtime = Runtime::new().unwrap();
    let port = runtime.block_on(async {
        let (listener, port) = tcp().await;
        serve(&runtime, vec![listener.with_tls(certificates.identity(true))]);
        port
    });
    let broker = format!("mqtts://127.0.0.1:{port}");
    let reached = |authority: &Certificates, name: &str, identity: Option<&Certificates>| {
        let ca = authority.path("ca.pem");
        let identity = identity.map(|of| (of.path("client.pem"), of.path("client.key")));
        let mut arguments =
            vec!["--broker", &broker, "--ca", &ca, "--server-name", name, "ping/ping/answered"];
        if let Some((cert, key)) = &identity {
            arguments.extend(["--cert", cert, "--key", key]);
        }
        run(&arguments)
    };
    assert_eq!(reached(&certificates, "broker.test", Some(&certificates)), 0);
    for (what, code) in [
        ("no certificate", reached(&certificates, "broker.test", None)),
        ("a certificate of another authority", reached(&certificates, "broker.test", Some(&strangers))),
        ("another name", reached(&certificates, "other.test", Some(&certificates))),
        ("another authority", reached(&strangers, "broker.test", Some(&certificates))),
    ] {
        assert_eq!(code, 3, "{what}");
    }
}
