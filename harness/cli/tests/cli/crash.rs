//! A broker that aborts at UNSUBSCRIBE: the run finds the case, starts the broker again and goes on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::{env, process, thread};

use crate::tool::Folder;
use mqttspec_codec::model::{ConnAck, Packet, Properties, ReasonCode, Sender, SubAck};
use mqttspec_codec::{Context, Framer, Version, decode, encode};

/// Tells this program to be the broker: the port to listen at.
const PORT: &str = "MQTTSPEC_TEST_BROKER_PORT";

/// This very program is the broker that the profile starts.
const PROFILE: &str = "\
name: planted
title: a broker with a planted crash
listeners:
  - {port: main, versions: [5.0]}
start: env MQTTSPEC_TEST_BROKER_PORT={{port}} PROGRAM --ignored --exact --nocapture crash::serves_until_unsubscribe
";

#[test]
#[ignore = "it is no test but the broker that the other test puts to the test"]
fn serves_until_unsubscribe() {
    let Ok(port) = env::var(PORT) else { return };
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    for stream in listener.incoming() {
        thread::spawn(|| serve(stream.unwrap()));
    }
}

/// Answers what has an answer, until a packet cannot be read.
fn serve(mut stream: TcpStream) -> Option<()> {
    let context = Context { version: Version::V5_0, sender: Sender::Client };
    let mut framer = Framer::new(context, 1024);
    let mut buffer = [0; 1024];
    loop {
        while let Some(frame) = framer.next_frame().ok()? {
            let answer = match decode(&frame, context).ok()? {
                Packet::Connect(_) => Packet::ConnAck(ConnAck {
                    session_present: false,
                    reason_code: ReasonCode::SUCCESS,
                    properties: Properties::default(),
                }),
                Packet::PingReq => Packet::PingResp,
                Packet::Subscribe(subscribe) => Packet::SubAck(SubAck {
                    packet_id: subscribe.packet_id,
                    reason_codes: vec![ReasonCode::SUCCESS; subscribe.filters.len()],
                    ..SubAck::default()
                }),
                Packet::Unsubscribe(_) => {
                    std::io::stderr()
                        .write_all(b"assertion failed: subscriptions.contains(filter)\n")
                        .ok()?;
                    process::abort();
                }
                _ => return None,
            };
            stream.write_all(&encode(&answer, Version::V5_0)).ok()?;
        }
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        framer.push(buffer.get(..count)?);
    }
}

#[test]
fn a_crash_names_case_packet_and_log_and_the_run_goes_on() {
    let folder = Folder::new("crash");
    let broker = env::current_exe().unwrap();
    folder.write("crash.yaml", &PROFILE.replace("PROGRAM", &broker.display().to_string()));
    let text = folder.shown(&[
        "run",
        "--profile",
        "crash.yaml",
        "--version",
        "5.0",
        "--json",
        "out.json",
        "--junit",
        "out.xml",
        "--html",
        "out.html",
        "ping/ping/answered",
        "ping/ping/each-answered",
        "unsubscribe/answer/unsuback[0]",
    ]);
    assert!(text.ends_with("exit 5\n"), "{text}");
    // A line of progress says so as well, while the run goes on.
    let crash = text.rsplit("\nCRASH").next().and_then(|rest| rest.split("\n\n").next()).unwrap();
    assert!(crash.contains("  assertion failed: subscriptions.contains(filter)"), "{text}");
    insta::assert_snapshot!(steady(crash));

    let record: serde_json::Value = serde_json::from_str(&folder.read("out.json")).unwrap();
    let verdicts: Vec<String> = record["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| format!("{} {}", case["id"].as_str().unwrap(), case["verdict"].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
    assert_eq!(record["end"], "complete");
    assert_eq!(record["crashes"].as_array().unwrap().len(), 1);
    assert_eq!(record["crashes"][0]["culprit"]["id"], "unsubscribe/answer/unsuback[0]");

    let junit = folder.read("out.xml");
    let element = junit.split("<testcase").find(|element| element.contains("type=\"crash\"")).unwrap();
    assert!(element.contains("unsubscribe/answer/unsuback[0]"), "{element}");
    assert!(element.contains("assertion failed: subscriptions.contains(filter)"), "{element}");
    assert_eq!(junit.matches("<error").count(), 1, "{junit}");
    assert!(folder.read("out.html").contains("\"crashes\":[{"));
}

/// Without what differs from run to run: what the process held, names of topics, and what each start writes.
fn steady(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines().take_while(|line| !line.starts_with("  log")) {
        let words = line.split(' ').map(|word| if word.contains("mqttspec/") { "TOPIC" } else { word });
        let line = words.collect::<Vec<_>>().join(" ");
        lines.push(match (line.strip_prefix("  bytes     "), line.split_once("; it last held ")) {
            (Some(bytes), _) => format!("  bytes     {}..", bytes.get(..2).unwrap_or(bytes)),
            (None, Some((before, held))) => {
                format!("{before}{}", held.split_once(" open files").map_or("", |(_, after)| after))
            }
            (None, None) => line,
        });
    }
    lines.join("\n")
}
