//! Malformed packets, and the switches of what the codec judges.

use mqttspec_codec::model::Packet;
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0};

/// A packet that breaks one rule, and the statement that says so per version.
const BROKEN: [(&str, &[u8], &str, &str); 5] = [
    ("PINGREQ flags", &[0xC1, 0x00], "MQTT-2.2.2-2", "MQTT-2.1.3-1"),
    ("SUBSCRIBE flags", &[0x80, 0x06, 0x00, 0x01, 0x00, 0x01, b't', 0x00], "MQTT-3.8.1-1", "MQTT-3.8.1-1"),
    ("SUBSCRIBE id", &[0x82, 0x02, 0x00, 0x00], "MQTT-4.8.0-1", "MQTT-4.13.1-1"),
    ("QoS 3", &[0x36, 0x05, 0x00, 0x01, b't', 0x00, 0x01], "MQTT-3.3.1-4/b", "MQTT-3.3.1-4"),
    ("wildcard", &[0x30, 0x03, 0x00, 0x01, b'#'], "MQTT-3.3.2-2/b", "MQTT-3.3.2-2"),
];

#[test]
fn malformed_packets_close_the_connection() {
    for version in Version::ALL {
        for (what, bytes, ..) in BROKEN {
            let mut network = Network::new();
            let id = network.connect(version, "a");
            network.send_bytes(id, bytes);
            assert!(network.is_closed(id), "{what} in {version}");
            let told = network.packets(id);
            assert_eq!(told.len(), usize::from(version == V5_0), "{what}: {told:?}");
        }
    }
}

#[test]
fn with_its_statement_off_a_violation_is_tolerated() {
    for (what, bytes, old, new) in BROKEN {
        for (version, id) in [(V3_1_1, old), (V5_0, new)] {
            let mut network = Network::without(version, id.parse().unwrap());
            let id = network.connect(version, "a");
            network.send_bytes(id, bytes);
            assert!(!network.is_closed(id), "{what} in {version}");
        }
    }
}

#[test]
fn a_switch_of_the_other_version_changes_nothing() {
    let mut network = Network::without(V5_0, statement!("MQTT-3.8.1-1"));
    let id = network.connect(V3_1_1, "a");
    network.send_bytes(id, &[0x80, 0x06, 0x00, 0x01, 0x00, 0x01, b't', 0x00]);
    assert!(network.is_closed(id));
}

#[test]
fn a_remaining_length_of_five_bytes_closes() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.connect(version, "a");
        network.send_bytes(id, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
        assert!(network.is_closed(id));
    }
}

#[test]
fn the_server_does_not_disconnect_if_so_configured() {
    let mut network = Network::configured(|it| it.disconnect_before_close = false);
    let id = network.connect(V5_0, "a");
    network.send_bytes(id, &[0x00, 0x00]);
    assert!(network.is_closed(id));
    assert!(network.packets(id).is_empty());
}

#[test]
fn pingresp_has_its_switch() {
    for version in Version::ALL {
        let mut network = Network::without(version, statement!("MQTT-3.12.4-1"));
        let id = network.connect(version, "a");
        network.send(id, &Packet::PingReq);
        assert!(network.packets(id).is_empty());
        assert!(!network.is_closed(id));
    }
}
