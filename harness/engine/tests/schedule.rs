//! What a run makes of a broker that answers late once, never, or dies of a packet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mqttspec_engine::transport::{Connector, Memory};
use mqttspec_engine::{BrokerControl, Options, Restarting, RunName, Stop, Timing};
use mqttspec_script::Suite;
use mqttspec_script::plan;
use mqttspec_spec::record::{Case, Run, RunEnd, Tool};
use mqttspec_spec::{Registry, RunEvent, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

const REGISTER: &str = "
version: '5.0'
statements:
  - {id: MQTT-3.12.4-1, section: 3.12.4, binds: server, level: must, summary: A demand., observable: 'yes'}
  - {id: MQTT-3.1.2-3, section: 3.1.2.3, binds: server, level: must, summary: A demand., observable: 'yes'}
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

const RESERVED_FLAG: &str = "
- id: one
  title: One
  covers: {5.0: [MQTT-3.1.2-3]}
  script:
    - open: {}
    - send: {connect: {}, override: {connect_flags: {hex: '03'}}, violates: [MQTT-3.1.2-3]}
    - closed: {reason: malformed-packet}
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
    let connections = AtomicUsize::new(0);
    let broker = Memory::new(move |stream| {
        let connection = connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(stream, connection, delay));
        Ok(())
    });
    play(CASE, Arc::new(broker), None).cases.remove(0)
}

/// Plays the cases of a file.
fn play(cases: &str, broker: Arc<dyn Connector>, control: Option<Arc<dyn BrokerControl>>) -> Run {
    let registry = Arc::new(Registry::read([("mqtt-5.0.yaml", REGISTER)]).unwrap());
    let suite = Suite::load([("ping.yaml", cases)], None, &registry).unwrap();
    let tool = Tool { name: String::new(), version: String::new(), suite_digest: String::new() };
    let options = Options {
        plays: 1,
        jobs: 4,
        websocket: None,
        timing: Some(Timing::fixed(Timing::FLOOR)),
        name: RunName::new(0),
        provided: Vec::new(),
        control,
        resource_cases: false,
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
    let tell = &mut |_: &RunEvent<'_>| {};
    runtime.block_on(mqttspec_engine::run(suite.cases, broker, registry, options, interrupt, tell)).record
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
fn an_answer_that_always_takes_two_seconds_is_an_answer() {
    let case = run(|_, packet| if packet == PINGREQ { Duration::from_secs(2) } else { Duration::ZERO });
    assert_eq!(case.verdict, Verdict::Pass, "{:?}", case.findings);
    assert!(!case.flaky, "{:?}", case.findings);
}

#[test]
fn a_connection_that_was_never_accepted_may_end_by_a_timer_of_thirty_seconds() {
    let case = before_connack(Duration::from_secs(30));
    assert_eq!(case.verdict, Verdict::Pass, "{:?}", case.findings);
    let case = before_connack(NEVER);
    assert_eq!(case.verdict, Verdict::Fail, "{:?}", case.findings);
}

/// The case of a CONNECT with a reserved flag, on a broker that stays mute and ends such a connection after a time.
fn before_connack(time: Duration) -> Case {
    let broker = Memory::new(move |mut stream: DuplexStream| {
        tokio::spawn(async move {
            let mut connect = [0; 64];
            let read = stream.read(&mut connect).await?;
            // The flags of CONNECT; the cases have a client id of more than 20 bytes.
            if connect.get(9).is_some_and(|flags| flags & 1 == 1) {
                tokio::time::timeout(time, pending::<()>()).await.unwrap_err();
                return Ok(());
            }
            assert!(read > 0);
            stream.write_all(&[0x20, 3, 0, 0, 0]).await?;
            loop {
                let first = stream.read_u8().await?;
                let mut rest = vec![0; usize::from(stream.read_u8().await?)];
                stream.read_exact(&mut rest).await?;
                if first != PINGREQ {
                    return std::io::Result::Ok(());
                }
                stream.write_all(&[0xD0, 0]).await?;
            }
        });
        Ok(())
    });
    play(RESERVED_FLAG, Arc::new(broker), None).cases.remove(0)
}

#[test]
fn an_answer_that_never_comes_is_a_failure() {
    // The case is played twice, and the broker asked after each time whether it still serves.
    let case = run(|connection, first| {
        let is_case = [FIRST_PASS, FIRST_PASS + 2].contains(&connection);
        if first == PINGREQ && is_case { NEVER } else { Duration::ZERO }
    });
    assert_eq!((case.verdict, case.flaky), (Verdict::Fail, false));
}

#[test]
fn a_preparation_that_is_late_once_does_not_speak_against_the_second_pass() {
    let case = run(|connection, first| late(connection == FIRST_PASS && first == CONNECT));
    assert_eq!((case.verdict, case.flaky), (Verdict::Pass, false), "{:?}", case.findings);
}

#[test]
fn a_delivery_behind_the_clients_own_disconnect_is_not_acknowledged() {
    let broker = Memory::new(|mut stream| {
        tokio::spawn(async move {
            let mut topic = Vec::new();
            loop {
                let first = stream.read_u8().await?;
                let mut rest = vec![0; usize::from(stream.read_u8().await?)];
                stream.read_exact(&mut rest).await?;
                match first {
                    CONNECT => stream.write_all(&[0x20, 3, 0, 0, 0]).await?,
                    PINGREQ => stream.write_all(&[0xD0, 0]).await?,
                    SUBSCRIBE => {
                        topic = rest[3..rest.len() - 1].to_vec();
                        stream.write_all(&[0x90, 4, rest[0], rest[1], 0, 1]).await?;
                    }
                    _ => break,
                }
            }
            let length = u8::try_from(topic.len() + 3).unwrap();
            let publish = [vec![0x32, length], topic, vec![0, 1, 0]].concat();
            stream.write_all(&publish).await?;
            // What comes back would be an acknowledgement.
            std::io::Result::Ok(stream.read_u8().await.is_err())
        });
        Ok(())
    });
    let case = CASE.replace(
        "- send: {pingreq: {}}",
        "- subscribe: {filter: \"$t/a\", qos: 1}\n    - send: {pingreq: {}}",
    );
    let case = case + "    - disconnect: {}\n";
    let record = play(&case, Arc::new(broker), None).cases.remove(0);
    assert_eq!(record.verdict, Verdict::Pass, "{:?}", record.findings);
}

/// Dies of an UNSUBSCRIBE, and lives again when it is restarted.
#[derive(Debug, Default)]
struct Mortal {
    dead: AtomicBool,
    restarts: AtomicUsize,
}

impl Mortal {
    async fn serve(&self, mut stream: DuplexStream) -> std::io::Result<()> {
        loop {
            let first = stream.read_u8().await?;
            let mut rest = vec![0; usize::from(stream.read_u8().await?)];
            stream.read_exact(&mut rest).await?;
            self.dead.fetch_or(first == UNSUBSCRIBE, Ordering::Relaxed);
            match first {
                _ if self.dead.load(Ordering::Relaxed) => return Ok(()),
                CONNECT => stream.write_all(&[0x20, 3, 0, 0, 0]).await?,
                PINGREQ => stream.write_all(&[0xD0, 0]).await?,
                _ => return Ok(()),
            }
        }
    }
}

impl BrokerControl for Mortal {
    fn restart(&self, _: plan::Stop) -> Restarting<'_> {
        self.dead.store(false, Ordering::Relaxed);
        self.restarts.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }

    fn trouble(&self) -> Option<String> {
        self.dead.load(Ordering::Relaxed).then(|| "it died".to_owned())
    }

    fn log(&self) -> Vec<String> {
        vec!["last words".to_owned()]
    }
}

const SUBSCRIBE: u8 = 0x82;
const UNSUBSCRIBE: u8 = 0xA2;

/// Of twelve cases, two kill it; one of them would call its closing the connection right.
fn mortal_cases() -> String {
    let mut cases: String =
        (0..10).map(|number| CASE.replace("id: one", &format!("id: ping-{number}"))).collect();
    for (id, expectation) in
        [("answered", "unsuback: {..}"), ("closed", "any: [{closed: {}}, {unsuback: {..}}]")]
    {
        let deadly = CASE
            .replace("id: one", &format!("id: {id}"))
            .replace("send: {pingreq: {}}", "send: {unsubscribe: {filters: [\"$t/a\"]}}");
        let deadly = deadly.replace("expect: {pingresp: {}}", &format!("expect: {{{expectation}}}"));
        cases.push_str(&deadly.replace("  script:", "  control: [{connect: {}}]\n  script:"));
    }
    cases
}

fn mortal() -> (Arc<Mortal>, Arc<dyn Connector>) {
    let broker = Arc::new(Mortal::default());
    let serving = Arc::clone(&broker);
    let connector = Memory::new(move |stream| {
        let broker = Arc::clone(&serving);
        tokio::spawn(async move { broker.serve(stream).await });
        Ok(())
    });
    (broker, Arc::new(connector))
}

#[test]
fn a_crash_is_laid_to_its_case_and_the_others_get_their_verdicts() {
    let (broker, connector) = mortal();
    let run = play(&mortal_cases(), connector, Some(broker));
    assert_eq!(run.end, RunEnd::Complete);
    let mut culprits: Vec<_> = run.crashes.iter().filter_map(|crash| crash.culprit.clone()).collect();
    culprits.sort_by(|one, other| one.id.cmp(&other.id));
    let ids: Vec<&str> = culprits.iter().map(|culprit| culprit.id.as_str()).collect();
    assert_eq!(ids, ["ping/answered", "ping/closed"]);
    for crash in &run.crashes {
        assert_eq!((crash.what.as_str(), crash.log.clone()), ("it died", vec!["last words".to_owned()]));
    }
    for culprit in culprits {
        let packet = culprit.packet.unwrap();
        assert!(packet.starts_with("UNSUBSCRIBE"), "{packet}");
    }
    for case in run.cases {
        let expected = if case.id.starts_with("ping/ping-") {
            [Verdict::Pass].as_slice()
        } else {
            &[Verdict::Fail, Verdict::Inconclusive]
        };
        assert!(expected.contains(&case.verdict), "{} {}", case.id, case.verdict);
    }
}

/// Panics in the connection of who sends UNSUBSCRIBE, says so, and goes on to serve the others.
#[derive(Debug, Default)]
struct Shaken {
    panicked: AtomicBool,
    restarts: AtomicUsize,
}

impl BrokerControl for Shaken {
    fn restart(&self, _: plan::Stop) -> Restarting<'_> {
        self.restarts.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }

    fn trouble(&self) -> Option<String> {
        self.panicked.swap(false, Ordering::Relaxed).then(|| "it panicked".to_owned())
    }
}

#[test]
fn a_breakdown_of_one_connection_is_laid_to_its_case_without_a_restart() {
    let broker = Arc::new(Shaken::default());
    let serving = Arc::clone(&broker);
    let connector = Memory::new(move |stream| {
        let broker = Arc::clone(&serving);
        tokio::spawn(async move {
            let mortal = Mortal::default();
            let served = mortal.serve(stream).await;
            broker.panicked.fetch_or(mortal.dead.load(Ordering::Relaxed), Ordering::Relaxed);
            served
        });
        Ok(())
    });
    let run = play(&mortal_cases(), Arc::new(connector), Some(broker.clone()));
    assert_eq!(run.end, RunEnd::Complete);
    assert_eq!(broker.restarts.load(Ordering::Relaxed), 0);
    let culprits: Vec<&str> =
        run.crashes.iter().filter_map(|crash| Some(crash.culprit.as_ref()?.id.as_str())).collect();
    // One of the same kind at the same time is not looked for any more.
    assert!(!culprits.is_empty());
    assert!(culprits.iter().all(|id| ["ping/answered", "ping/closed"].contains(id)), "{culprits:?}");
    for case in run.cases.iter().filter(|case| case.id.starts_with("ping/ping-")) {
        assert_eq!(case.verdict, Verdict::Pass, "{}", case.id);
    }
}

#[test]
fn a_broker_that_cannot_be_started_again_ends_the_run() {
    let (_, connector) = mortal();
    let run = play(&mortal_cases(), connector, None);
    assert_eq!(run.end, RunEnd::BrokerLost);
    assert!(run.crashes.is_empty());
}
