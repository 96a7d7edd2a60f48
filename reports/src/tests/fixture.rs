//! A hand-made run that holds every verdict, several clients, hostile text, long packets and flaky cases.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_spec::record::{
    Broker, Case, Crash, Culprit, Ending, EndingKind, Entry, Event, Expectation, Finding, FindingKind,
    Foreseen, Place, Run, RunEnd, SCHEMA, Source, StatementResult, Tool,
};
use mqttspec_spec::{Registry, Tally, Verdict};

/// What a hostile broker may put into a Reason String.
pub(crate) const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nPASS  all\u{9b}31m \u{202e}txt.exe\u{2028}]]><&\"' \0\u{fffe}\u{ffff}";

const STATEMENTS_3: &str = "
version: 3.1.1
statements:
  - {id: MQTT-3.1.0-2, section: '3.1', binds: server, level: must, observable: 'yes', summary: The server treats a second CONNECT from one client as a protocol violation and disconnects the client.}
  - {id: MQTT-4.8.0-1, section: '4.8', binds: both, level: must, observable: 'yes', summary: A protocol violation ends the Network Connection on which it came.}
unnumbered: []
";

const STATEMENTS_5: &str = "
version: '5.0'
statements:
  - id: MQTT-1.5.4-1
    section: 1.5.4
    binds: both
    level: must
    summary: Every UTF-8 Encoded String holds well-formed UTF-8.
    clauses: {a: Broken sequences are not accepted., b: Encoded surrogates are not accepted.}
    observable: 'yes'
  - {id: MQTT-3.1.0-2, section: '3.1', binds: server, level: must, observable: 'yes', summary: 'The server processes a second CONNECT packet sent from a client as a Protocol Error and closes the Network Connection, whatever the packet holds.'}
  - {id: MQTT-3.1.2-24, section: 3.1.2.10, binds: server, level: must, observable: 'yes', summary: A silent client is disconnected after one and a half times the Keep Alive.}
  - {id: MQTT-3.3.1-5, section: 3.3.1.3, binds: server, level: must, observable: 'yes', summary: A PUBLISH with RETAIN 1 replaces the retained message of its topic.}
  - {id: MQTT-3.4.2-1, section: '3.4.2.1, 3.5.2.1', binds: both, level: must, observable: partly, reason: only what is sent, summary: The sender of a PUBACK uses one of the PUBACK Reason Codes.}
  - {id: MQTT-4.8.2-4, section: 4.8.2, binds: server, level: must, observable: 'yes', summary: A message to a shared subscription goes to one of its clients.}
  - {id: MQTT-4.1.0-1, section: '4.1', binds: both, level: must, observable: 'no', reason: memory of the broker, summary: Session State is kept while the Network Connection is open.}
unnumbered:
  - {id: S5-14, section: 3.2.2.2, binds: server, level: should, observable: 'yes', summary: A refused client is told why.}
  - {id: S5-15, section: 4.13.1, binds: server, level: may, observable: 'yes', summary: The server may send a DISCONNECT before it closes.}
";

pub(crate) fn registry() -> Registry {
    Registry::read([("mqtt-3.1.1.yaml", STATEMENTS_3), ("mqtt-5.0.yaml", STATEMENTS_5)]).unwrap()
}

pub(crate) fn run() -> Run {
    of_cases(vec![
        second_connect("3.1.1"),
        second_connect("5.0"),
        hostile_reason(),
        control_failed(),
        flaky(),
        simple(
            "connect/keep-alive/one-and-a-half",
            Verdict::Pass,
            "A silent client is disconnected in time",
            "MQTT-3.1.2-24",
            None,
        ),
        lenient(),
        simple(
            "retain/replace/plain",
            Verdict::Unsupported,
            "A retained message is replaced",
            "MQTT-3.3.1-5",
            Some("CONNACK says Retain Available = 0"),
        ),
        simple(
            "shared/one-of-two/plain",
            Verdict::Skipped,
            "One of two clients gets the message",
            "MQTT-4.8.2-4",
            Some("left out by --skip shared"),
        ),
        info(),
        known_deviation(),
        unexpected_pass(),
        flaky_failure(),
        unregistered(),
    ])
}

pub(crate) fn of_cases(cases: Vec<Case>) -> Run {
    let mut statements: BTreeMap<String, StatementResult> = BTreeMap::new();
    for case in &cases {
        for id in &case.statements {
            let result = statements.entry(format!("{} {id}", case.version)).or_default();
            result.verdict = result.verdict.max(Some(case.verdict));
            result.cases += case.verdict;
            for choice in case.findings.iter().filter_map(|finding| finding.choice.clone()) {
                result.choices.insert(case.id.clone(), choice);
            }
        }
    }
    Run {
        schema: SCHEMA,
        tool: Tool { name: "mqttspec".into(), version: "0.1.0".into(), suite_digest: "5f2c9a01".into() },
        broker: Broker {
            name: format!("bad broker {}", '\u{1b}'),
            address: "127.0.0.1:1883".into(),
            version: None,
            round_trip_us: 412,
            connack: BTreeMap::from([(
                "5.0".into(),
                BTreeMap::from([("Receive Maximum".into(), "20".into())]),
            )]),
            notes: Vec::new(),
        },
        started: "2026-11-03T09:30:00Z".into(),
        duration_ms: 12_345,
        end: RunEnd::Complete,
        command: vec!["mqttspec".into(), "run".into(), "127.0.0.1:1883".into()],
        summary: cases.iter().map(|case| case.verdict).collect::<Tally>(),
        cases,
        statements,
        crashes: Vec::new(),
        baseline: None,
    }
}

/// One crash with its culprit, and one without; the broker's words are hostile.
pub(crate) fn crashes() -> Vec<Crash> {
    let culprit = Culprit {
        id: "connect/will/empty".into(),
        version: "5.0".into(),
        packet: Some("UNSUBSCRIBE packet_id=1 filter=\"a\"".into()),
        bytes: Some("a2060001000161".into()),
        rerun: "mqttspec run --sut mine --version 5.0 'connect/will/empty'".into(),
    };
    let log = vec!["starting".into(), "thread 'main' panicked at \u{1b}[2J src/main.rs:5".into()];
    let suspects = (1..=7).map(|number| format!("5.0 connect/many/case-{number}")).collect();
    vec![
        Crash {
            what: "was ended by signal 6 (SIGABRT)".into(),
            culprit: Some(culprit),
            suspects: vec![],
            log,
        },
        Crash { what: "the broker no longer answers".into(), culprit: None, suspects, log: vec![] },
    ]
}

/// Several runs that ended before their time.
pub(crate) fn ended(end: RunEnd) -> Run {
    let cases = match end {
        RunEnd::BrokerUnreachable => Vec::new(),
        _ => (1..=7).map(unfinished).collect(),
    };
    Run { end, ..of_cases(cases) }
}

fn unfinished(number: u32) -> Case {
    simple(
        &format!("connect/many/case-{number}"),
        Verdict::Inconclusive,
        "One of many that were never run",
        "MQTT-3.1.2-24",
        Some("the run ended before the case did"),
    )
}

pub(crate) fn simple(id: &str, verdict: Verdict, title: &str, statement: &str, reason: Option<&str>) -> Case {
    let (file, _) = id.rsplit_once('/').unwrap();
    let findings = reason.map(|reason| finding(verdict, reason, &[])).into_iter().collect();
    Case {
        id: id.into(),
        version: "5.0".into(),
        title: title.into(),
        verdict,
        flaky: false,
        tags: BTreeSet::new(),
        statements: vec![statement.into()],
        cited: Vec::new(),
        findings,
        endings: Vec::new(),
        expectation: None,
        foreseen: None,
        absences_by_time: 0,
        source: Source { path: format!("{file}.yaml"), line: 7 },
        digest: "0a1b2c3d".into(),
        duration_ms: 15,
        timeline: Vec::new(),
        rerun: format!("mqttspec run 127.0.0.1:1883 --case {id} --protocol 5.0"),
    }
}

fn finding(verdict: Verdict, message: &str, statements: &[&str]) -> Finding {
    Finding {
        verdict,
        kind: FindingKind::Wrong,
        statements: statements.iter().map(|&id| id.into()).collect(),
        message: message.into(),
        allowed: None,
        place: None,
        by_deadline: false,
        choice: None,
    }
}

fn at(at_us: u64, client: &str, event: Event) -> Entry {
    Entry { at_us, control: false, client: client.into(), connection: 0, event }
}

fn sent(bytes: &str, summary: &str) -> Event {
    Event::Sent { bytes: bytes.into(), summary: summary.into(), violates: Vec::new() }
}

fn received(bytes: &str, summary: &str) -> Event {
    Event::Received { bytes: bytes.into(), summary: summary.into(), violation: None }
}

fn ending(client: &str, how: EndingKind, reason_code: Option<&str>) -> Ending {
    Ending { client: client.into(), connection: 0, how, reason_code: reason_code.map(Into::into) }
}

/// A failure by a deadline, with a control, two clients and an underlined step.
fn second_connect(version: &str) -> Case {
    let mut case = simple(
        "connect/second-connect/ends-connection",
        Verdict::Fail,
        "A second CONNECT on one connection ends it",
        "MQTT-3.1.0-2",
        None,
    );
    case.version = version.into();
    case.rerun = case.rerun.replace("5.0", version);
    case.cited = vec!["MQTT-3.1.0-2".into()];
    case.findings = vec![Finding {
        allowed: Some("the Network Connection is closed, with or without a DISCONNECT before".into()),
        place: Some(Place { line: 14, column: 16, text: "    - expect: {closed: a}".into(), length: 6 }),
        by_deadline: true,
        ..finding(
            Verdict::Fail,
            "the connection of `a` was still open 1.0 s after the second CONNECT",
            &["MQTT-3.1.0-2"],
        )
    }];
    case.endings =
        vec![ending("a", EndingKind::Open, None), ending("watcher", EndingKind::ClientClosed, None)];
    case.duration_ms = 1034;
    case.timeline = vec![
        Entry { control: true, ..at(102, "a", Event::Opened) },
        Entry { control: true, ..at(311, "a", sent("c000", "PINGREQ")) },
        at(2_020, "a", Event::Opened),
        at(2_022, "", Event::Step { line: 12, verb: "connect".into() }),
        at(2_101, "a", sent("101000044d5154540502003c000003612d31", "CONNECT v5, Keep Alive 60, client a-1")),
        at(2_498, "a", received("2003000000", "CONNACK 0x00 Success")),
        at(2_600, "watcher", Event::Opened),
        at(
            2_700,
            "a",
            Event::Sent {
                bytes: "101000044d5154540502003c000003612d31".into(),
                summary: "CONNECT v5, Keep Alive 60, client a-1".into(),
                violates: vec!["MQTT-3.1.0-2".into()],
            },
        ),
        at(2_998, "a", received("2003000000", "CONNACK 0x00 Success")),
        at(1_002_700, "", Event::Timer { what: "closed within 1.0 s".into() }),
    ];
    case
}

/// A failure whose every text comes from the broker, with a long packet that is malformed.
fn hostile_reason() -> Case {
    let mut case = simple(
        "errors/utf8/surrogate",
        Verdict::Fail,
        "A surrogate in a topic is refused",
        "MQTT-1.5.4-1/b",
        None,
    );
    case.cited = vec!["MQTT-1.5.4-1/b".into(), "MQTT-9.9.9-9".into()];
    case.findings = vec![
        Finding {
            place: Some(Place { line: 9, column: 11, text: format!("  expect: {HOSTILE}"), length: 200 }),
            allowed: Some("DISCONNECT 0x81, then close".into()),
            ..finding(Verdict::Fail, &format!("DISCONNECT with Reason String {HOSTILE}"), &["MQTT-1.5.4-1/b"])
        },
        finding(Verdict::Lenient, "no Reason String", &["S5-14"]),
    ];
    case.endings = vec![
        Ending { connection: 1, ..ending("a", EndingKind::BrokerCut, Some(&format!("0x82 {HOSTILE}"))) },
        ending("b", EndingKind::BrokerReset, None),
    ];
    case.absences_by_time = 2;
    let mut timeline = vec![at(10, "a", sent(&"30".repeat(70_000), "PUBLISH, 69996 bytes of payload"))];
    timeline.extend((1..60).map(|step| at(10 + step, "b", received("d000", "PINGRESP"))));
    timeline.push(Entry {
        connection: 1,
        ..at(
            99,
            "a",
            Event::Received {
                bytes: "e0058203001f00".into(),
                summary: format!("DISCONNECT 0x82 {HOSTILE}"),
                violation: Some(format!("MQTT-1.5.4-1: {HOSTILE}")),
            },
        )
    });
    timeline.push(Entry { connection: 1, ..at(120, "a", Event::Ended { how: EndingKind::BrokerCut }) });
    case.timeline = timeline;
    case
}

fn control_failed() -> Case {
    let mut case = simple(
        "subscribe/overlap/once",
        Verdict::Inconclusive,
        "Overlapping subscriptions",
        "MQTT-3.3.1-5",
        None,
    );
    case.findings = vec![Finding {
        allowed: Some("SUBACK with Granted QoS 1".into()),
        place: Some(Place { line: 21, column: 5, text: "  - subscribe: a/+".into(), length: 9 }),
        ..finding(Verdict::Inconclusive, "the control did not hold: SUBACK 0x87 Not authorized", &[])
    }];
    case.timeline = vec![
        Entry { control: true, ..at(5, "a", sent("8208000100000361", "SUBSCRIBE a/+")) },
        Entry { control: true, ..at(450, "a", received("900400010087", "SUBACK 0x87 Not authorized")) },
    ];
    case
}

fn flaky() -> Case {
    let mut case = simple(
        "qos/resend/after-reconnect",
        Verdict::Inconclusive,
        "A PUBLISH is sent again after a reconnect",
        "MQTT-4.8.2-4",
        Some("fail at first, pass in quiet"),
    );
    case.flaky = true;
    case
}

fn lenient() -> Case {
    let mut case = simple(
        "connect/refusal/says-why",
        Verdict::Lenient,
        "A refused client is told why",
        "S5-14",
        Some("closed without a CONNACK"),
    );
    case.cited = vec!["S5-14".into()];
    case.endings = vec![ending("a", EndingKind::BrokerClosed, None)];
    case
}

fn info() -> Case {
    let mut case = simple(
        "errors/goodbye/sent",
        Verdict::Info,
        "Whether a DISCONNECT comes before the close",
        "S5-15",
        None,
    );
    case.findings = vec![Finding {
        choice: Some(format!("sends DISCONNECT {HOSTILE}")),
        ..finding(Verdict::Info, "recorded", &["S5-15"])
    }];
    case
}

fn known_deviation() -> Case {
    let mut case = simple(
        "errors/violation/closes",
        Verdict::Fail,
        "A protocol violation ends the connection",
        "MQTT-4.8.0-1",
        None,
    );
    case.version = "3.1.1".into();
    case.cited = vec!["MQTT-4.8.0-1".into()];
    case.findings = vec![finding(Verdict::Fail, "the connection stayed open", &["MQTT-4.8.0-1"])];
    case.expectation = Some(Expectation::Expected);
    case.foreseen = Some(Foreseen {
        entry: Some("known.yaml:12".into()),
        reason: Some("old clients depend on it".into()),
        issue: Some("https://example.org/17".into()),
        advice: None,
    });
    case
}

fn unexpected_pass() -> Case {
    let mut case =
        simple("acks/codes/puback", Verdict::Pass, "PUBACK has a code of its own", "MQTT-3.4.2-1", None);
    case.expectation = Some(Expectation::Stale);
    case.foreseen = Some(Foreseen {
        entry: Some("known.yaml:20".into()),
        reason: Some("not mended yet".into()),
        issue: None,
        advice: Some(
            "the baseline foresees fail, but the broker is better now (pass): take the case out".into(),
        ),
    });
    case
}

fn flaky_failure() -> Case {
    let mut case =
        simple("acks/codes/unknown", Verdict::Fail, "PUBACK has no unknown code", "MQTT-3.4.2-1", None);
    case.findings = vec![finding(Verdict::Fail, "PUBACK 0x42", &["MQTT-3.4.2-1"])];
    case.flaky = true;
    case.expectation = Some(Expectation::Unexpected);
    case
}

fn unregistered() -> Case {
    simple("zz/unknown/statement", Verdict::Pass, "A statement that no register knows", "MQTT-9.9.9-9", None)
}
