//! That nothing comes can only be seen when something shows that nothing is on its way.

use std::collections::BTreeMap;

use mqttspec_codec::model::Packet;

use crate::diagnostic::Problems;
use crate::plan::{Action, Case, Control, PacketSource, Receive, Send, Step, Until};

pub(super) fn check(case: &Case, problems: &mut Problems) {
    check_steps(&case.steps, problems);
    if let Control::Script(steps) = &case.control {
        check_steps(steps, problems);
    }
}

fn check_steps(steps: &[Step], problems: &mut Problems) {
    // Clients that published, and have not been heard since.
    let mut unheard: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        match &step.action {
            Action::Send(send) if publishes(send) => {
                unheard.insert(&send.client, number);
            }
            Action::Expect { client, .. } | Action::Closed { client, .. } | Action::End { client, .. } => {
                unheard.remove(client.as_str());
            }
            Action::Receive(receive) => {
                check_receive(receive, step, &unheard, problems);
                unheard.remove(receive.client.as_str());
            }
            Action::Restart { .. } => unheard.clear(),
            Action::Open { .. } | Action::Send(_) | Action::Wait { .. } => {}
        }
    }
}

fn check_receive(receive: &Receive, step: &Step, unheard: &BTreeMap<&str, usize>, problems: &mut Problems) {
    if !receive.messages.iter().all(|message| message.optional) {
        return;
    }
    if receive.until == Until::Last {
        problems.advise(
            step.place,
            "nothing shows that no message is on its way",
            "an absence without a fence",
            "let the same publisher send a marker, with the same topic and QoS, and expect only that; or say \
             `until: ping`, `until: closed`, or `until: {quiet: 500ms, why: ..}`",
        );
    }
    let other = unheard.keys().find(|&&client| client != receive.client);
    if let (Until::Ping, Some(publisher)) = (&receive.until, other) {
        problems.advise(
            step.place,
            format!("the broker may not have read yet what `{publisher}` has published"),
            "a fence of another connection",
            format!(
                "let `{publisher}` be answered first, by `ping: {{client: {publisher}}}` or a higher QoS"
            ),
        );
    }
}

fn publishes(send: &Send) -> bool {
    send.packets.iter().any(|packet| match &packet.source {
        PacketSource::Packet(packet) => matches!(packet, Packet::Publish(_)),
        PacketSource::Raw(bytes) => bytes.first().is_some_and(|first| first >> 4 == 3),
    })
}
