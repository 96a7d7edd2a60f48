//! Plays a scenario: the Clients' packets go to the broker and to the judge, what comes back to the judge and to
//! the Clients.

use std::time::Duration;

use bytestring::ByteString;
use mqttspec_broker::{Broker, Configuration, Output, Overlapping, Rules};
use mqttspec_codec::encode;
use mqttspec_codec::model::{Packet, Properties, Unsubscribe};

use crate::client::Client;
use crate::invariants::Verdict;
use crate::model::Judge;
use crate::scenario::{Connection, FILTERS, Scenario, Step, Unread};

/// More rounds of acknowledgements than any scenario takes.
const ROUNDS: usize = 200;

/// The broker between the Clients and the judge.
pub(crate) struct Network {
    pub(crate) broker: Broker,
    pub(crate) judge: Judge,
    pub(crate) clients: Vec<Client>,
    pub(crate) now: Duration,
    pub(crate) connections: u64,
    pub(crate) messages: usize,
    pub(crate) packets: usize,
    pub(crate) receive_maximum: usize,
}

/// What the broker did wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In words.
    pub what: String,
    /// How many packets the Clients had sent, without the acknowledgements at the end.
    pub packets: usize,
}

/// Plays a scenario, after which every Client comes back to its Session and acknowledges all, twice.
///
/// # Errors
/// The first thing that the broker did wrong.
pub fn play(scenario: &Scenario, rules: &Rules) -> Result<(), Fault> {
    let choices = &scenario.choices;
    let each_subscription = choices.each_subscription;
    let configuration = Configuration {
        overlapping: if each_subscription { Overlapping::EachSubscription } else { Overlapping::Once },
        queue_qos0: choices.queue_qos0,
        maximum_granted_qos: choices.granted,
        receive_maximum: choices.receive_maximum,
        ..Configuration::default()
    };
    let mut network = Network {
        broker: Broker::new(configuration, rules.clone()),
        judge: Judge { each_subscription, queue_qos0: choices.queue_qos0, ..Judge::default() },
        clients: (0..scenario.clients).map(Client::new).collect(),
        now: Duration::ZERO,
        connections: 0,
        messages: 0,
        packets: 0,
        receive_maximum: choices.receive_maximum.into(),
    };
    network.play(&scenario.steps).map_err(|what| Fault { what, packets: network.packets })
}

impl Network {
    fn play(&mut self, steps: &[Step]) -> Verdict {
        steps.iter().try_for_each(|step| self.step(step))?;
        self.come_to_rest()?;
        // What is over does not come again.
        for number in 0..self.clients.len() {
            self.drop(number)?;
        }
        self.come_to_rest()
    }

    fn step(&mut self, step: &Step) -> Verdict {
        let number = match step {
            Step::Wait(seconds) => return self.wait(Duration::from_secs(u64::from(*seconds))),
            Step::Drop(client, _)
            | Step::Disconnect(client, _)
            | Step::Ping(client)
            | Step::Connect(client, _)
            | Step::Subscribe(client, ..)
            | Step::Unsubscribe(client, _)
            | Step::Publish(client, _)
            | Step::Acknowledge(client, _) => client % self.clients.len(),
        };
        if let Step::Connect(_, connection) = step {
            return self.connect(number, connection);
        }
        let Some(client) = self.clients.get_mut(number).filter(|it| it.connection.is_some()) else {
            return Ok(());
        };
        if !matches!(step, Step::Drop(_, Unread::GetsLost)) {
            client.read();
        }
        match step {
            Step::Wait(_) | Step::Connect(..) => Ok(()),
            Step::Drop(..) => self.drop(number),
            Step::Ping(_) => self.send(number, Packet::PingReq),
            Step::Disconnect(_, leave) => self.disconnect(number, leave),
            Step::Subscribe(_, filters, identifier) => self.subscribe(number, filters, *identifier),
            Step::Unsubscribe(_, filters) => {
                let filters = filters.iter().filter_map(|&it| FILTERS.get(it));
                let filters = filters.map(|filter| ByteString::from_static(filter)).collect();
                let (packet_id, properties) = (client.ask(), Properties::default());
                self.send(number, Packet::Unsubscribe(Unsubscribe { packet_id, properties, filters }))
            }
            Step::Publish(_, message) => self.publish(number, message),
            Step::Acknowledge(_, Some(pick)) => match client.acknowledge(pick.index, pick.refuse) {
                Some(packet) => self.send(number, packet),
                None => Ok(()),
            },
            Step::Acknowledge(_, None) => self.acknowledge_all(number),
        }
    }

    pub(crate) fn send(&mut self, number: usize, packet: Packet) -> Verdict {
        self.packets += 1;
        let Some(client) = self.clients.get(number) else { return Ok(()) };
        let Some(id) = client.connection else { return Ok(()) };
        self.judge.received(id, &packet);
        let outputs = self.broker.received(id, &encode(&packet, client.version), self.now);
        self.take_up(&outputs)
    }

    fn take_up(&mut self, outputs: &[Output]) -> Verdict {
        for (id, packet) in self.judge.judge(outputs)? {
            let Some(client) = self.clients.iter_mut().find(|it| it.connection == Some(id)) else { continue };
            match packet {
                Some(packet) => client.deliver(packet),
                None => client.lose(),
            }
        }
        Ok(())
    }

    fn wait(&mut self, time: Duration) -> Verdict {
        let end = self.now + time;
        while self.now < end {
            let due = [self.broker.next_deadline(), self.judge.next_deadline()].into_iter().flatten();
            self.now = due.filter(|&due| due > self.now).min().map_or(end, |due| due.min(end));
            self.judge.time(self.now);
            let outputs = self.broker.tick(self.now);
            self.take_up(&outputs)?;
        }
        Ok(())
    }

    fn drop(&mut self, number: usize) -> Verdict {
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        let Some(id) = client.connection else { return Ok(()) };
        client.lose();
        self.judge.dropped(id);
        let outputs = self.broker.closed(id, self.now);
        self.take_up(&outputs)
    }

    fn acknowledge_all(&mut self, number: usize) -> Verdict {
        while let Some(packet) = self.clients.get_mut(number).and_then(|it| it.acknowledge(0, false)) {
            self.send(number, packet)?;
        }
        Ok(())
    }

    /// Brings every Client back whose Session is there, and acknowledges until all is quiet.
    fn come_to_rest(&mut self) -> Verdict {
        for number in 0..self.clients.len() {
            let Some(client) = self.clients.get(number) else { continue };
            let stored = self.judge.sessions.values().any(|session| session.client == client.name);
            if stored && client.connection.is_none() {
                let connection = Connection {
                    version: client.version,
                    clean: false,
                    session_expiry: u32::MAX,
                    receive_maximum: None,
                    alias_maximum: 0,
                    will: None,
                };
                self.connect(number, &connection)?;
            }
        }
        let packets = self.packets;
        for _ in 0..ROUNDS {
            let before = self.packets;
            for number in 0..self.clients.len() {
                self.clients.iter_mut().for_each(Client::read);
                self.acknowledge_all(number)?;
            }
            let quiet = self.packets == before;
            self.packets = packets;
            if quiet {
                return self.judge.nothing_is_lost();
            }
        }
        Err("the broker does not come to rest".into())
    }
}
