//! What the cases of the suite send, as seeds for fuzzers.

mod dictionary;

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::Version;
use mqttspec_script::Scope;
use mqttspec_script::plan::{Action, Case, Client, Control, Outgoing, Send, Step};

pub(crate) use dictionary::dictionary;

/// Longer seeds are left out, in bytes: a fuzzer would be slow on all inputs for the sake of a few.
pub(crate) const LONGEST: usize = 1024;

/// What the clients of a suite send.
#[derive(Default)]
pub(crate) struct Sent {
    /// Each packet once, in each version in which it is sent.
    packets: BTreeSet<(Version, Vec<u8>)>,
    /// All that one client of a case sends, one packet behind the other.
    streams: BTreeSet<Vec<u8>>,
}

impl Sent {
    /// Collects what cases send. What depends on an answer of the broker is left out.
    pub(crate) fn by(cases: &[Case]) -> Self {
        let mut sent = Self::default();
        for case in cases {
            for client in &case.clients {
                sent.by_client(case, client, &case.steps, false);
                match &case.control {
                    Control::NotNeeded => {}
                    Control::Twin => sent.by_client(case, client, &case.steps, true),
                    Control::Script(steps) => sent.by_client(case, client, steps, false),
                }
            }
        }
        sent
    }

    fn by_client(&mut self, case: &Case, client: &Client, steps: &[Step], twins: bool) {
        let client_ids =
            case.clients.iter().map(|client| (client.name.clone(), format!("id-{}", client.name)));
        let scope =
            Scope { topic_root: "t".to_owned(), client_ids: client_ids.collect(), captured: BTreeMap::new() };
        let mut packet_id = 0;
        let mut stream = Vec::new();
        for send in steps.iter().filter_map(|step| match &step.action {
            Action::Send(send) if send.client == client.name => Some(send),
            _ => None,
        }) {
            for packet in packets(send, twins) {
                let fresh = || {
                    packet_id += 1;
                    packet_id
                };
                if let Ok(bytes) = packet.build(&scope, &client.name, client.version, Some(1), fresh) {
                    self.packets.insert((client.version, bytes.to_vec()));
                    stream.extend(bytes);
                }
            }
        }
        self.streams.insert(stream);
    }

    /// The seeds of each fuzz target, none twice. The last byte says to the target how to read what stands before it.
    pub(crate) fn seeds(&self) -> BTreeMap<&'static str, BTreeSet<Vec<u8>>> {
        let with = |tail: &'static [u8]| {
            let packets = self.packets.iter().map(move |(version, bytes)| {
                let version = u8::from(*version == Version::V5_0);
                [bytes.as_slice(), tail, &[version]].concat()
            });
            packets.filter(|seed| seed.len() <= LONGEST).collect()
        };
        let short = |stream: &&Vec<u8>| !stream.is_empty() && stream.len() <= LONGEST;
        BTreeMap::from([
            ("chunks", with(&[0, 0])),
            ("decode", with(&[])),
            ("differential", with(&[])),
            ("intruder", self.streams.iter().filter(short).cloned().collect()),
        ])
    }
}

/// The packets of a step, or those that stand for them in the control.
fn packets(send: &Send, twins: bool) -> &[Outgoing] {
    if twins && !send.twin.is_empty() { &send.twin } else { &send.packets }
}
