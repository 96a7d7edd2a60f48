//! The server's end of WebSocket: what it does, and what it does wrong with a rule off.

use bytes::Bytes;
use mqttspec_codec::{Citation, StatementId, Version, statement};
use mqttspec_websocket::{Frame, Opcode, Request, head_length};

use crate::Rules;
use crate::websocket::{Action, Endpoint};

const KEY: [u8; 4] = [0x11, 0x22, 0x33, 0x44];
const PINGREQ: &[u8] = &[0xC0, 0x00];

fn request(subprotocols: &[&str], path: &str) -> Vec<u8> {
    let subprotocols = subprotocols.iter().map(|name| (*name).to_owned()).collect();
    Request::new("localhost", path, subprotocols, [7; 16]).encode()
}

fn frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    Frame::new(opcode, payload.to_vec()).masked(KEY).encode()
}

/// The first line and the subprotocol of what answers a request.
fn answer(rules: Rules, subprotocols: &[&str]) -> (String, Option<String>) {
    let actions = Endpoint::new(rules).received(&request(subprotocols, "/"));
    let Some(Action::Send(head)) = actions.first() else { panic!("no answer: {actions:?}") };
    let text = String::from_utf8(head.to_vec()).unwrap();
    let selected = text.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
    (text.lines().next().unwrap().to_owned(), selected.map(str::to_owned))
}

fn open(rules: Rules, path: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(rules);
    let actions = endpoint.received(&request(&["mqtt"], path));
    assert!(matches!(actions.as_slice(), [Action::Send(head)] if head_length(head) == Some(head.len())));
    endpoint
}

fn without(id: StatementId) -> Rules {
    Rules::without([Citation { version: Version::V5_0, id }])
}

/// The bytes that reach MQTT, and whether the connection is closed.
fn outcome(endpoint: &mut Endpoint, frames: &[Bytes]) -> (Vec<u8>, bool) {
    let actions: Vec<_> = frames.iter().flat_map(|frame| endpoint.received(frame)).collect();
    let delivered = actions.iter().filter_map(|action| match action {
        Action::Deliver(bytes) => Some(bytes.to_vec()),
        Action::Send(_) | Action::Close => None,
    });
    (delivered.flatten().collect(), actions.contains(&Action::Close))
}

#[test]
fn mqtt_is_selected_or_the_upgrade_refused() {
    for offer in [&["mqtt"][..], &["other", "mqtt"]] {
        let (status, selected) = answer(Rules::all(), offer);
        assert_eq!(
            (status.as_str(), selected.as_deref()),
            ("HTTP/1.1 101 Switching Protocols", Some("mqtt"))
        );
        let (_, wrong) = answer(without(statement!("MQTT-6.0.0-4")), offer);
        assert_ne!(wrong.as_deref(), Some("mqtt"));
    }
    assert_eq!(answer(Rules::all(), &["other"]), ("HTTP/1.1 400 Bad Request".to_owned(), None));
}

#[test]
fn only_binary_frames_are_taken() {
    for kind in [Opcode::TEXT, Opcode::RESERVED] {
        let frames = [frame(kind, PINGREQ)];
        assert_eq!(outcome(&mut open(Rules::all(), "/"), &frames), (Vec::new(), true));
        let mut lax = open(without(statement!("MQTT-6.0.0-1/b")), "/");
        assert_eq!(outcome(&mut lax, &frames), (PINGREQ.to_vec(), false));
    }
}

#[test]
fn only_binary_frames_are_sent() {
    let sent = |rules| open(rules, "/").frame(Bytes::from_static(PINGREQ));
    assert_eq!(sent(Rules::all()), &[0x82, 0x02, 0xC0, 0x00][..]);
    assert_eq!(sent(without(statement!("MQTT-6.0.0-1/a"))), &[0x81, 0x02, 0xC0, 0x00][..]);
}

#[test]
fn borders_of_frames_mean_nothing() {
    let two = [PINGREQ, PINGREQ].concat();
    let together = [frame(Opcode::BINARY, &two)];
    let cut =
        [frame(Opcode::BINARY, &[0xC0]), frame(Opcode::BINARY, &[0x00]), frame(Opcode::BINARY, PINGREQ)];
    for frames in [&together[..], &cut] {
        assert_eq!(outcome(&mut open(Rules::all(), "/"), frames), (two.clone(), false));
    }
    let first_only = || open(without(statement!("MQTT-6.0.0-2/a")), "/");
    assert_eq!(outcome(&mut first_only(), &together), (PINGREQ.to_vec(), false));
    assert_eq!(outcome(&mut first_only(), &cut), (two.clone(), false));
    let whole_only = || open(without(statement!("MQTT-6.0.0-2/b")), "/");
    assert_eq!(outcome(&mut whole_only(), &together), (two.clone(), false));
    assert_ne!(outcome(&mut whole_only(), &cut).0, two);
}

#[test]
fn the_uri_makes_no_difference() {
    let frames = [frame(Opcode::BINARY, PINGREQ)];
    let deaf = |path| outcome(&mut open(without(statement!("S5-57")), path), &frames).0;
    assert_eq!(outcome(&mut open(Rules::all(), "/other?a=b"), &frames).0, PINGREQ);
    assert_eq!(deaf("/other"), PINGREQ);
    assert_eq!(deaf("/?a=b"), b"");
}

#[test]
fn what_breaks_the_rfc_ends_the_connection() {
    let unmasked = Frame::new(Opcode::BINARY, PINGREQ).encode();
    let mut endpoint = open(Rules::all(), "/");
    let close = Frame::close(1002).encode();
    assert_eq!(endpoint.received(&unmasked), [Action::Send(close), Action::Close]);
    assert_eq!(endpoint.received(&frame(Opcode::BINARY, PINGREQ)), []);
    assert_eq!(endpoint.goodbye(), None);
}

#[test]
fn pings_and_the_end_are_answered() {
    let mut endpoint = open(Rules::all(), "/");
    let pong = Frame::new(Opcode::PONG, &b"x"[..]).encode();
    assert_eq!(endpoint.received(&frame(Opcode::PING, b"x")), [Action::Send(pong)]);
    let close = Frame::close(1000).encode();
    assert_eq!(endpoint.received(&frame(Opcode::CLOSE, &[])), [Action::Send(close), Action::Close]);
}

#[test]
fn a_request_may_come_in_pieces_with_frames_behind_it() {
    let mut bytes = request(&["mqtt"], "/");
    bytes.extend_from_slice(&frame(Opcode::BINARY, PINGREQ));
    for size in [1, 7, bytes.len()] {
        let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        assert_eq!(outcome(&mut Endpoint::new(Rules::all()), &pieces), (PINGREQ.to_vec(), false));
    }
}

#[test]
fn what_is_no_request_is_refused() {
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x10; 20_000]] {
        let actions = Endpoint::new(Rules::all()).received(bytes);
        assert!(matches!(actions.as_slice(), [Action::Send(_), Action::Close]), "{actions:?}");
    }
}
