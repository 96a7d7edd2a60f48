//! Malformed packets, and the switches of what the codec judges.

use mqttspec_codec::model::Packet;
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0};

/// A packet that breaks one rule, as each version has it, and the statement that says so.
struct Broken {
    bytes: [&'static [u8]; 2],
    statement: [&'static str; 2],
}

const BROKEN: [Broken; 5] = [
    Broken { bytes: [&[0xC1, 0x00]; 2], statement: ["MQTT-2.2.2-2", "MQTT-2.1.3-1"] },
    Broken { bytes: [&[0x60, 0x02, 0x00, 0x01]; 2], statement: ["MQTT-3.6.1-1/b"; 2] },
    Broken { bytes: [&[0x82, 0x02, 0x00, 0x00]; 2], statement: ["MQTT-4.8.0-1", "MQTT-4.13.1-1"] },
    Broken {
        bytes: [&[0x36, 5, 0, 1, b't', 0, 1], &[0x36, 6, 0, 1, b't', 0, 1, 0]],
        statement: ["MQTT-3.3.1-4/b", "MQTT-3.3.1-4"],
    },
    Broken {
        bytes: [&[0x30, 3, 0, 1, b'#'], &[0x30, 4, 0, 1, b'#', 0]],
        statement: ["MQTT-3.3.2-2/b", "MQTT-3.3.2-2"],
    },
];

#[test]
fn malformed_packets_close_the_connection() {
    for (index, version) in Version::ALL.into_iter().enumerate() {
        for Broken { bytes, statement } in BROKEN {
            let mut network = Network::new();
            let id = network.connect(version, "a");
            network.send_bytes(id, bytes[index]);
            assert!(network.is_closed(id), "{version} {}", statement[index]);
            assert_eq!(network.packets(id).len(), usize::from(version == V5_0), "DISCONNECT in 5.0 only");
        }
    }
}

#[test]
fn with_its_statement_off_a_violation_is_tolerated() {
    for (index, version) in Version::ALL.into_iter().enumerate() {
        for Broken { bytes, statement } in BROKEN {
            let mut network = Network::without(version, statement[index].parse().unwrap());
            let id = network.connect(version, "a");
            network.send_bytes(id, bytes[index]);
            assert!(!network.is_closed(id), "{version} {}", statement[index]);
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
