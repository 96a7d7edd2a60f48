//! The opening handshake, from both sides.

use mqttspec_websocket::{Answer, HandshakeError, Refusal, Request, Response, head_length};

fn request(subprotocols: &[&str]) -> Request {
    let subprotocols = subprotocols.iter().map(|&name| name.to_owned()).collect();
    Request::new("localhost:8080", "/mqtt?a=b", subprotocols, *b"the sample nonce")
}

#[test]
fn a_request_reads_as_it_was_written() {
    for offer in [&[][..], &["mqtt"], &["other", "mqtt"]] {
        let request = request(offer);
        let bytes = request.encode();
        assert_eq!(head_length(&bytes), Some(bytes.len()));
        assert_eq!(Request::read(&bytes).unwrap(), request);
    }
}

#[test]
fn an_answer_reads_as_it_was_written() {
    let request = request(&["mqtt"]);
    for subprotocol in [None, Some("mqtt".to_owned())] {
        let bytes = Response::to(&request, subprotocol.clone()).encode();
        assert_eq!(Answer::read(&bytes, &request).unwrap(), Answer::Accepted { subprotocol });
    }
    let refused = Answer::Refused { status: "404 Not Found".to_owned() };
    assert_eq!(Answer::read(&Refusal::NOT_FOUND.encode(), &request).unwrap(), refused);
}

#[test]
fn names_of_headers_may_be_in_any_case_and_lists_in_several_lines() {
    let bytes = b"GET / HTTP/1.1\r\nhost:h\r\nUPGRADE: WebSocket\r\nconnection: keep-alive, upgrade\r\n\
        sec-websocket-key: k\r\nsec-websocket-version: 13\r\nSec-WebSocket-Protocol: a\r\n\
        Sec-WebSocket-Protocol: b , c\r\n\r\n";
    assert_eq!(Request::read(bytes).unwrap().subprotocols, ["a", "b", "c"]);
}

#[test]
fn what_is_no_handshake_is_refused() {
    let good = String::from_utf8(request(&["mqtt"]).encode()).unwrap();
    let without = |line: &str| good.replace(line, "");
    for (text, error) in [
        (good.replace("GET", "POST"), HandshakeError::NotHttp),
        (good.replace("HTTP/1.1", "MQTT/1.1"), HandshakeError::NotHttp),
        (without("Upgrade: websocket\r\n"), HandshakeError::Missing("Upgrade")),
        (good.replace("websocket\r\n", "http\r\n"), HandshakeError::Wrong("Upgrade")),
        (without("Host: localhost:8080\r\n"), HandshakeError::Missing("Host")),
        (good.replace("Version: 13", "Version: 8"), HandshakeError::Wrong("Sec-WebSocket-Version")),
    ] {
        assert_eq!(Request::read(text.as_bytes()), Err(error), "{text}");
    }
    assert_eq!(Request::read(&[0xFF, 0xFE]), Err(HandshakeError::NotHttp));
}

#[test]
fn an_answer_to_another_key_is_refused() {
    let other = Request { key: "other".to_owned(), ..request(&["mqtt"]) };
    let bytes = Response::to(&other, None).encode();
    let wrong = HandshakeError::Wrong("Sec-WebSocket-Accept");
    assert_eq!(Answer::read(&bytes, &request(&["mqtt"])), Err(wrong));
}
