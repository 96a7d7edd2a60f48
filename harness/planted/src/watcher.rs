//! Watches what all clients do, and lets a fault break out when its sequence is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mqttspec_codec::model::{Packet, QoS};

use crate::fault::Fault;

/// What a queue of messages takes, in bytes.
const QUEUE: usize = 64 * 1024;
/// What tells a broker that cannot be started again that it has served.
const MARK: &str = "served";

/// Who has done what.
#[derive(Debug, Default)]
struct Client {
    subscribed: BTreeSet<String>,
    published: BTreeSet<String>,
    retained: BTreeSet<String>,
    unreleased: BTreeMap<u16, String>,
}

/// What a connection is to do after a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    Nothing,
    /// It ends as if its client had ended it.
    End,
}

#[derive(Debug)]
struct State {
    clients: BTreeMap<u64, Client>,
    last: u64,
    /// The connection whose packet ends another one.
    poisoned_by: Option<u64>,
}

/// Watches all connections of the broker.
#[derive(Debug)]
pub(crate) struct Watcher {
    faults: Vec<Fault>,
    state: Mutex<State>,
}

impl Watcher {
    pub(crate) fn start(faults: Vec<Fault>) -> io::Result<Self> {
        if faults.contains(&Fault::NoRestart) && Path::new(MARK).exists() {
            return Err(io::Error::other("its store cannot be read"));
        }
        let state = State { clients: BTreeMap::new(), last: 0, poisoned_by: None };
        Ok(Self { faults, state: Mutex::new(state) })
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection.
    pub(crate) fn opened(&self) -> u64 {
        let mut state = self.state();
        state.last += 1;
        let id = state.last;
        state.clients.insert(id, Client::default());
        id
    }

    /// Before anything is read from a connection.
    pub(crate) fn reads(&self, id: u64) -> Consequence {
        match self.state().poisoned_by.take_if(|by| *by != id) {
            Some(_) => Consequence::End,
            None => Consequence::Nothing,
        }
    }

    /// A packet of a client.
    pub(crate) fn sees(&self, id: u64, packet: &Packet) -> Consequence {
        let mut state = self.state();
        let Some(mut client) = state.clients.remove(&id) else { return Consequence::Nothing };
        let others = |of: fn(&Client) -> &BTreeSet<String>, topic: &str| {
            state.clients.values().any(|other| of(other).contains(topic))
        };
        let mut broken = None;
        match packet {
            Packet::Connect(_) if self.has(Fault::NoRestart) => {
                // Without the mark it can be started again, which the test would notice.
                let _ = File::create(MARK);
            }
            Packet::Subscribe(subscribe) => {
                for subscription in &subscribe.filters {
                    let filter = subscription.filter.to_string();
                    if others(|other| &other.published, &filter) {
                        broken = broken.or(Some(Fault::LeakMemory));
                    }
                    client.subscribed.insert(filter);
                }
            }
            Packet::Unsubscribe(unsubscribe) => {
                for filter in &unsubscribe.filters {
                    let was_there = client.subscribed.remove(&**filter);
                    if was_there && filter.contains(['+', '#']) && others(|other| &other.subscribed, filter) {
                        broken = Some(Fault::SharedUnsubscribe);
                    }
                    let is_unreleased =
                        |other: &Client| other.unreleased.values().any(|topic| topic == &**filter);
                    if was_there && state.clients.values().any(is_unreleased) {
                        broken = broken.or(Some(Fault::UnreleasedUnsubscribe));
                    }
                }
            }
            Packet::Publish(publish) => {
                let topic = publish.topic.to_string();
                if publish.retain {
                    if self.has(Fault::WrongConnection) {
                        state.poisoned_by = Some(id);
                    } else if others(|other| &other.retained, &topic) {
                        broken = Some(Fault::RetainedTwice);
                    }
                    client.retained.insert(topic.clone());
                }
                if let (QoS::ExactlyOnce, Some(packet_id)) = (publish.qos, publish.packet_id) {
                    client.unreleased.insert(packet_id, topic.clone());
                }
                client.published.insert(topic);
            }
            Packet::PubRel(ack) => {
                let topic = client.unreleased.remove(&ack.packet_id);
                if topic.is_some_and(|topic| others(|other| &other.subscribed, &topic)) {
                    broken = Some(Fault::LeakFile);
                }
            }
            Packet::Disconnect(_) => client = Client::default(),
            _ => {}
        }
        state.clients.insert(id, client);
        drop(state);
        broken.filter(|fault| self.has(*fault)).map_or(Consequence::Nothing, break_out)
    }

    /// The broker has closed a connection.
    pub(crate) fn closed(&self, id: u64) {
        self.state().clients.remove(&id);
    }
}

fn break_out(fault: Fault) -> Consequence {
    match fault {
        Fault::SharedUnsubscribe => end_with(|| panic!("the subscription is not in the tree")),
        Fault::RetainedTwice => end_with(|| panic!("the retained message has two owners")),
        Fault::LeakMemory => {
            // What nobody uses the compiler would not even take.
            std::hint::black_box(Box::leak(vec![1_u8; QUEUE].into_boxed_slice()));
        }
        Fault::LeakFile => std::mem::forget(File::open("/dev/null")),
        Fault::UnreleasedUnsubscribe => {
            // A panic where the stream is read would take its lock along.
            tokio::spawn(async { panic!("the message is still in use") });
            return Consequence::End;
        }
        Fault::WrongConnection | Fault::WholeOnly | Fault::NoRestart => {}
    }
    Consequence::Nothing
}

/// Ends the whole process by a panic.
fn end_with(panic: impl FnOnce() + std::panic::UnwindSafe) {
    // The panic is told on standard error before the process ends.
    let _ = std::panic::catch_unwind(panic);
    std::process::abort();
}
