//! What is known of the other codecs holds, and is explained.

use bytes::Bytes;
use mqttspec_codec::Version;
use mqttspec_peers::{Difference, Kind, PEERS, difference, hush, is_known, reasons};

fn of(peer: &str, version: Version, frame: &'static [u8]) -> Option<Difference> {
    let peer = PEERS.iter().find(|it| it.name == peer).unwrap();
    difference(peer, &Bytes::from_static(frame), version)
}

#[test]
fn what_names_no_statement_has_a_reason() {
    let without: Vec<String> = reasons().filter(|(_, why)| why.is_none()).map(|(what, _)| what).collect();
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn mqttrs_panics_at_packets_without_a_body() {
    hush();
    for frame in [b"\x82\0", b"\x32\0"] {
        let found = of("mqttrs", Version::V3_1_1, frame).unwrap();
        assert_eq!(found.kind, Kind::Panics);
        assert!(is_known(&found), "{found:?}");
    }
}

#[test]
fn a_difference_that_nobody_knows_is_told() {
    let found = of("rumqttc", Version::V3_1_1, b"\x30\x03\0\x01#").unwrap();
    assert_eq!((found.kind, found.at.as_str()), (Kind::Accepts, "MQTT-3.3.2-2"));
    assert!(is_known(&found));
    assert!(!is_known(&Difference { at: "MQTT-9.9.9-9".into(), ..found }));
}

#[test]
fn codecs_agree_on_a_plain_packet() {
    let mut asked = 0;
    for peer in PEERS {
        for version in Version::ALL {
            let frame: &[u8] = match version {
                Version::V3_1_1 => b"\x32\x06\0\x01a\0\x01x",
                Version::V5_0 => b"\x32\x07\0\x01a\0\x01\0x",
            };
            assert_eq!(difference(peer, &Bytes::from_static(frame), version), None, "{}", peer.name);
            asked += usize::from(peer.read(frame, version, false).is_some());
        }
    }
    assert!(asked > PEERS.len(), "{asked}");
}
