//! What is known of the other codecs holds, and is explained.

use std::fs;
use std::path::Path;

use mqttspec_codec::Version;
use mqttspec_peers::{Difference, Input, Kind, PEERS, difference, hush, is_known, reasons};

fn of(peer: &str, version: Version, frame: &'static [u8]) -> Option<Difference> {
    let peer = PEERS.iter().find(|it| it.name == peer).unwrap();
    difference(peer, &Input::packet(frame, version))
}

#[test]
fn what_names_no_statement_has_a_reason() {
    let without: Vec<String> = reasons().filter(|(_, why)| why.is_none()).map(|(what, _)| what).collect();
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn mqttrs_panics_at_packets_without_a_body() {
    hush();
    let peer = PEERS.iter().find(|peer| peer.name == "mqttrs").unwrap();
    // The second in a stream: that the PUBLISH is over, it does not notice.
    for input in [b"\x82\0\0".as_slice(), b"\x32\0\0\0\0"] {
        let found = difference(peer, &Input::read(input).unwrap()).unwrap();
        assert_eq!(found.kind, Kind::Panics);
        assert!(is_known(&found), "{found:?}");
    }
}

#[test]
fn what_once_was_found_is_known() {
    hush();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions/differential");
    let mut found = 0;
    for file in fs::read_dir(folder).unwrap() {
        let input = Input::read(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        for difference in PEERS.iter().filter_map(|peer| difference(peer, &input)) {
            assert!(is_known(&difference), "{difference}");
            found += 1;
        }
    }
    assert!(found > 0);
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
            let input = Input::packet(frame, version);
            assert_eq!(difference(peer, &input), None, "{}", peer.name);
            asked += usize::from(peer.read(&input, false).is_some());
        }
    }
    assert!(asked > PEERS.len(), "{asked}");
}
