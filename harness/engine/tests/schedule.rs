//! What a run makes of a verdict that a deadline led to, against a broker that answers late once, or never.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mqttspec_engine::transport::Memory;
use mqttspec_engine::{Options, RunName, Stop, Timing};
use mqttspec_script::Suite;
use mqttspec_spec::record::{Case, Tool};
use mqttspec_spec::{Registry, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

const REGISTER: &str = "
version: '5.0'
statements:
  - {id: MQTT-3.12.4-1, section: 3.12.4, binds: server, level: must, summary: A demand., observable: 'yes'}
unnumbered: []
";

const CASE: &str = "
- id: one
  title: One
  covers: {5.0: [MQTT-3.12.4-1]}
  script:
    - connect: {}
    - send: {pingreq: {}}
    - expect: {pingresp: {}}
";

const CONNECT: u8 = 0x10;
const PINGREQ: u8 = 0xC0;

const NEVER: Duration = Duration::from_secs(3_600);

/// The connection of the first pass: the exchange that comes before the cases has the one before.
const FIRST_PASS: usize = 1;

/// How long a broker thinks about a packet of a connection.
type Delay = fn(connection: usize, first_byte: u8) -> Duration;

/// Answers CONNECT and PINGREQ, each after its delay.
async fn serve(mut stream: DuplexStream, connection: usize, delay: Delay) -> std::io::Result<()> {
    loop {
        let first = stream.read_u8().await?;
        let mut rest = vec![0; usize::from(stream.read_u8().await?)];
        stream.read_exact(&mut rest).await?;
        tokio::time::timeout(delay(connection, first), pending::<()>()).await.unwrap_err();
        match first {
            CONNECT => stream.write_all(&[0x20, 3, 0, 0, 0]).await?,
            PINGREQ => stream.write_all(&[0xD0, 0]).await?,
            _ => return Ok(()),
        }
    }
}

fn run(delay: Delay) -> Case {
    let registry = Arc::new(Registry::read([("mqtt-5.0.yaml", REGISTER)]).unwrap());
    let suite = Suite::load([("ping.yaml", CASE)], None, &registry).unwrap();
    let connections = AtomicUsize::new(0);
    let broker = Memory::new(move |stream| {
        let connection = connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(stream, connection, delay));
        Ok(())
    });
    let tool = Tool { name: String::new(), version: String::new(), suite_digest: String::new() };
    let options = Options {
        plays: 1,
        jobs: 1,
        websocket: None,
        timing: Some(Timing::fixed(Timing::FLOOR)),
        name: RunName::new(0),
        provided: Vec::new(),
        control: None,
        started: String::new(),
        command: Vec::new(),
        tool,
        broker: None,
        broker_version: None,
        rerun: String::new(),
    };
    let (_stop, interrupt) = watch::channel(Stop::No);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let mut run = runtime.block_on(mqttspec_engine::run(
        suite.cases,
        Arc::new(broker),
        registry,
        options,
        interrupt,
        &mut |_| {},
    ));
    run.record.cases.remove(0)
}

fn late(yes: bool) -> Duration {
    if yes { Timing::FLOOR + Duration::from_secs(1) } else { Duration::ZERO }
}

#[test]
fn an_answer_that_is_late_once_decides_nothing() {
    let case = run(|connection, first| late(connection == FIRST_PASS && first == PINGREQ));
    assert_eq!(case.verdict, Verdict::Inconclusive);
    assert!(case.flaky);
    let message = &case.findings.first().unwrap().message;
    assert!(message.starts_with("flaky: fail among the other cases (nothing came in time"), "{message}");
}

#[test]
fn an_answer_that_never_comes_is_a_failure() {
    let case = run(|connection, first| {
        let is_sanity = [0, FIRST_PASS + 1].contains(&connection);
        if first == PINGREQ && !is_sanity { NEVER } else { Duration::ZERO }
    });
    assert_eq!((case.verdict, case.flaky), (Verdict::Fail, false));
}

#[test]
fn a_preparation_that_is_late_once_does_not_speak_against_the_second_pass() {
    let case = run(|connection, first| late(connection == FIRST_PASS && first == CONNECT));
    assert_eq!((case.verdict, case.flaky), (Verdict::Pass, false), "{:?}", case.findings);
}
