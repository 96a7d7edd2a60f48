//! The target `broker`: sessions of several Clients with the reference broker.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Result, Unstructured};
use mqttspec_broker::Rules;
use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, RetainHandling, SubscriptionOptions};
use mqttspec_second_judge::{
    Choices, Connection, FILTERS, Filter, Leave, Message, Pick, Scenario, Step, TOPICS, Unread, play,
};

const MOST_CLIENTS: usize = 4;
const MOST_STEPS: usize = 30;

static ALL: LazyLock<Rules> = LazyLock::new(Rules::all);

/// What several Clients set out to do, all of it legal.
#[derive(Debug)]
pub struct Session(pub Scenario);

impl<'a> Arbitrary<'a> for Session {
    fn arbitrary(tape: &mut Unstructured<'a>) -> Result<Self> {
        let clients = tape.int_in_range(2..=MOST_CLIENTS)?;
        let choices = Choices {
            each_subscription: tape.ratio(1, 3)?,
            queue_qos0: tape.arbitrary()?,
            granted: if tape.ratio(1, 3)? { QoS::AtLeastOnce } else { QoS::ExactlyOnce },
            receive_maximum: *tape.choose(&[20, 2])?,
        };
        let mut drawing = Drawing { tape, clients };
        let mut steps = Vec::new();
        // Most Clients connect and subscribe before anything else happens.
        for number in 0..clients {
            if drawing.tape.ratio(7, 8)? {
                steps.push(Step::Connect(number, drawing.connection()?));
            }
            if drawing.tape.ratio(3, 4)? {
                steps.push(drawing.subscribe(number)?);
            }
        }
        while steps.len() < MOST_STEPS && !drawing.tape.is_empty() {
            steps.push(drawing.step()?);
        }
        Ok(Self(Scenario { clients, choices, steps }))
    }
}

struct Drawing<'a, 't> {
    tape: &'a mut Unstructured<'t>,
    clients: usize,
}

impl Drawing<'_, '_> {
    fn step(&mut self) -> Result<Step> {
        let client = self.tape.int_in_range(0..=self.clients - 1)?;
        Ok(match self.tape.int_in_range(0..=25_u8)? {
            0..=7 => Step::Publish(client, self.message()?),
            8..=11 => Step::Connect(client, self.connection()?),
            12..=15 => {
                let one = Pick { index: self.tape.int_in_range(0..=5)?, refuse: self.tape.ratio(1, 5)? };
                Step::Acknowledge(client, self.tape.arbitrary::<bool>()?.then_some(one))
            }
            16..=18 => self.subscribe(client)?,
            19 | 20 => Step::Wait(self.tape.int_in_range(1..=4)?),
            21 | 22 => Step::Drop(client, *self.tape.choose(&[Unread::Arrives, Unread::GetsLost])?),
            23 => {
                let with_will = self.tape.arbitrary()?;
                Step::Disconnect(
                    client,
                    Leave { with_will, session_expiry: *self.tape.choose(&[None, Some(0), Some(3)])? },
                )
            }
            24 => {
                let filters = (0..self.tape.int_in_range(1..=2)?).map(|_| self.filter_number());
                Step::Unsubscribe(client, filters.collect::<Result<_>>()?)
            }
            _ => Step::Ping(client),
        })
    }

    fn qos(&mut self) -> Result<QoS> {
        self.tape.choose(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]).copied()
    }

    fn connection(&mut self) -> Result<Connection> {
        let will = if self.tape.ratio(1, 3)? {
            Some((self.message()?, *self.tape.choose(&[0, 2, 5])?))
        } else {
            None
        };
        Ok(Connection {
            version: *self.tape.choose(&[Version::V5_0, Version::V5_0, Version::V3_1_1])?,
            clean: self.tape.arbitrary()?,
            session_expiry: *self.tape.choose(&[0, u32::MAX, 3, 100])?,
            receive_maximum: *self.tape.choose(&[None, None, Some(1), Some(2)])?,
            alias_maximum: self.tape.int_in_range(0..=2)?,
            will,
        })
    }

    fn message(&mut self) -> Result<Message> {
        Ok(Message {
            topic: self.tape.int_in_range(0..=TOPICS.len() - 1)?,
            qos: self.qos()?,
            retain: self.tape.ratio(1, 3)?,
            empty: self.tape.ratio(1, 5)?,
            expiry: *self.tape.choose(&[None, None, None, Some(1), Some(2), Some(3)])?,
            alias: *self.tape.choose(&[None, None, Some(1), Some(2)])?,
        })
    }

    fn filter_number(&mut self) -> Result<usize> {
        self.tape.int_in_range(0..=FILTERS.len() - 1)
    }

    fn filter(&mut self) -> Result<Filter> {
        const HANDLINGS: [RetainHandling; 3] =
            [RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend];
        Ok(Filter {
            filter: self.filter_number()?,
            options: SubscriptionOptions {
                qos: self.qos()?,
                no_local: self.tape.ratio(1, 5)?,
                retain_as_published: self.tape.arbitrary()?,
                retain_handling: *self.tape.choose(&HANDLINGS)?,
            },
        })
    }

    fn subscribe(&mut self, client: usize) -> Result<Step> {
        let identifier = *self.tape.choose(&[None, Some(1), Some(2), Some(3)])?;
        let filters = (0..self.tape.int_in_range(1..=2)?).map(|_| self.filter()).collect::<Result<_>>()?;
        Ok(Step::Subscribe(client, filters, identifier))
    }
}

/// Plays the session against the reference broker, before the second judge.
///
/// # Panics
/// When the broker does something wrong.
pub fn broker(Session(scenario): &Session) {
    if let Err(fault) = play(scenario, &ALL) {
        panic!("{}", fault.what);
    }
}
