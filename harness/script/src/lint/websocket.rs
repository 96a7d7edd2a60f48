//! What only clients on WebSocket can break (section 6), and what a case with such clients has to need.

use mqttspec_codec::{StatementId, statement};

use super::violations::{Broken, is_declared};
use crate::diagnostic::Problems;
use crate::plan::{Case, FrameData, Place, Send, Transport, Upgrade};

/// The capability that a broker must have.
const NEED: &str = "websocket";
/// Packets travel in binary data frames.
const BINARY_ONLY: StatementId = statement!("MQTT-6.0.0-1");
/// The client offers the subprotocol mqtt.
const OFFERS_MQTT: StatementId = statement!("MQTT-6.0.0-3");

/// A case with a client on WebSocket can be put only to a broker that serves it.
pub(super) fn check(case: &Case, problems: &mut Problems) {
    let uses = case.clients.iter().any(|client| client.transport == Transport::WebSocket);
    if uses && !case.needs.contains(NEED) {
        problems.advise(
            case.place,
            "a client uses WebSocket, which not every broker serves",
            "no `websocket` among its needs",
            "add `needs: [websocket]`",
        );
    }
    if !uses && case.needs.contains(NEED) {
        problems.advise(
            case.place,
            "the case needs WebSocket, and no client uses it",
            "a need without a use",
            "give a client `transport: websocket`, or take the need away",
        );
    }
}

/// An offer without the subprotocol of MQTT has to be declared, and no other.
pub(super) fn check_offer(upgrade: &Upgrade, place: Place, problems: &mut Problems) {
    let declares = is_declared(&[OFFERS_MQTT], &upgrade.violates);
    if upgrade.lacks_mqtt() && !declares {
        problems.advise(
            place,
            "this breaks MQTT without saying so: the offer lacks the subprotocol `mqtt`",
            "undeclared violation",
            format!("if it is meant, add `violates: [{OFFERS_MQTT}]`"),
        );
    }
    let broken = if upgrade.lacks_mqtt() { &[OFFERS_MQTT][..] } else { &[] };
    if let Some(id) = upgrade.violates.iter().find(|id| !is_declared(broken, &[**id])) {
        problems.advise(
            place,
            format!("nothing in this step breaks {id}"),
            "declared, but not broken",
            format!("an offer can break {OFFERS_MQTT} only, by `subprotocols` without `mqtt`"),
        );
    }
}

/// Adds what the frames of a step break.
pub(super) fn judge_frames(send: &Send, place: Place, broken: &mut Broken) {
    if send.frames.data == FrameData::Binary {
        return;
    }
    if is_declared(&[BINARY_ONLY], &send.violates) {
        broken.shown.push(BINARY_ONLY);
    } else {
        let what = "its data frames are not binary".to_owned();
        broken.undeclared.push((place, what, vec![BINARY_ONLY]));
    }
}
