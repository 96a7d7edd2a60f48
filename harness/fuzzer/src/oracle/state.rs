//! O13: what comes behind a CONNECT that is refused is not processed.

use mqttspec_codec::model::Packet;
use mqttspec_codec::{Version, statement};

use super::{Breach, Oracle, Turn};
use crate::Session;
use crate::session::{BEHIND_PAYLOAD, Step};

pub(super) fn judge(session: &Session, turn: &Turn) -> Option<Breach> {
    let step = session.steps.iter().position(|step| matches!(step, Step::Behind { .. }))?;
    let is_processed = turn
        .received
        .iter()
        .any(|packet| matches!(packet, Packet::Publish(publish) if publish.payload == BEHIND_PAYLOAD));
    let rule = match session.version {
        Version::V3_1_1 => statement!("MQTT-3.1.4-5"),
        Version::V5_0 => statement!("MQTT-3.1.4-6"),
    };
    is_processed.then(|| Breach {
        oracle: Oracle::State,
        version: session.version,
        statements: vec![rule],
        step: Some(step),
        outcome: "a message that came behind a refused CONNECT is published".to_owned(),
    })
}
