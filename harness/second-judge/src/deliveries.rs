//! What must hold of each PUBLISH that the broker sends.

use std::collections::VecDeque;

use bytestring::ByteString;
use mqttspec_broker::ConnectionId;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Publish, QoS};

use crate::invariants::{Verdict, ensure};
use crate::model::{Delivery, Form, Judge, Origin, Publication, State};

impl Judge {
    /// A PUBLISH has to be the next step of a delivery in the books.
    pub(crate) fn on_delivery(&mut self, id: ConnectionId, publish: &Publish) -> Verdict {
        let publish = self.resolve_alias(id, publish)?;
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        if let (Some((left, _)), Some(_)) = (&mut connection.quota, publish.packet_id) {
            *left = left.checked_sub(1).ok_or("Receive Maximum exceeded")?;
        }
        let (version, number) = (connection.version, connection.session);
        let delivery = if publish.dup {
            self.take_open(number, id, &publish, version).ok_or("no such open PUBLISH to send again")?
        } else {
            self.packet_id_is_free(id, &publish)?;
            let found = self.take_waiting(number, &publish, version);
            let found = found.or_else(|| self.take_shared(number, &publish, version));
            let mut delivery = found.ok_or_else(|| self.why_not(number, &publish))?;
            delivery.state = match publish.packet_id {
                Some(packet_id) => State::Sent(packet_id, id),
                None => State::Done,
            };
            delivery
        };
        self.order_is_kept(id, &delivery)?;
        if let Some(session) = self.sessions.get_mut(&number) {
            session.deliveries.push(delivery);
        }
        Ok(())
    }

    fn resolve_alias(&mut self, id: ConnectionId, publish: &Publish) -> Verdict<Publish> {
        let mut publish = publish.clone();
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(publish) };
        if let Some(alias) = publish.properties.topic_alias() {
            ensure(alias <= connection.alias_maximum, || "Topic Alias above the maximum".into())?;
            if !publish.topic.is_empty() {
                connection.aliases.insert(alias, publish.topic.clone());
            }
            publish.topic = connection.aliases.get(&alias).cloned().ok_or("unknown Topic Alias")?;
        }
        Ok(publish)
    }

    fn packet_id_is_free(&mut self, id: ConnectionId, publish: &Publish) -> Verdict {
        let Some(packet_id) = publish.packet_id else { return Ok(()) };
        let in_use = self.session_of(id).is_some_and(|session| session.exchange(packet_id).is_some());
        ensure(!in_use, || "Packet Identifier in use".into())
    }

    /// Takes the open exchange out that the PUBLISH continues on a new connection.
    fn take_open(
        &mut self,
        session: usize,
        id: ConnectionId,
        publish: &Publish,
        version: Version,
    ) -> Option<Delivery> {
        let deliveries = &self.sessions.get(&session)?.deliveries;
        let position = deliveries.iter().position(|it| match it.state {
            State::Sent(packet_id, on) => {
                Some(packet_id) == publish.packet_id
                    && on != id
                    && fits(&it.form, publish, version)
                    && self.message(it).is_some_and(|message| self.carries(publish, message, version))
            }
            _ => false,
        })?;
        let mut delivery = self.sessions.get_mut(&session)?.deliveries.remove(position);
        delivery.state = State::Sent(publish.packet_id?, id);
        Some(delivery)
    }

    /// Takes a delivery of the Session out that looks like the PUBLISH and has not expired.
    fn take_waiting(&mut self, session: usize, publish: &Publish, version: Version) -> Option<Delivery> {
        let deliveries = &self.sessions.get(&session)?.deliveries;
        let mut alike: VecDeque<_> = (0..)
            .zip(deliveries)
            .filter(|(_, it)| {
                it.state == State::Waiting
                    && fits(&it.form, publish, version)
                    && self
                        .message(it)
                        .is_some_and(|it| self.carries(publish, it, version) && !it.expired(self.now))
            })
            .map(|(position, it)| (position, it.required))
            .collect();
        let (position, required) = alike.pop_front()?;
        // Of several that look alike, as many are sent as have to be; which ones cannot be told.
        let other = alike.into_iter().find(|(_, other)| !required && *other);
        let deliveries = &mut self.sessions.get_mut(&session)?.deliveries;
        if let Some(other) = other.and_then(|(position, _)| deliveries.get_mut(position)) {
            other.required = false;
        }
        Some(deliveries.remove(position))
    }

    /// Gives a message of a share to the Session.
    fn take_shared(&mut self, session: usize, publish: &Publish, version: Version) -> Option<Delivery> {
        let found = self.shared.iter().enumerate().find_map(|(index, shared)| {
            let publication = shared.publications.iter().find(|&&number| {
                let message = self.publications.get(number);
                message.is_some_and(|it| self.carries(publish, it, version) && !it.expired(self.now))
            });
            let form = shared.members.get(&session)?.iter().find(|form| fits(form, publish, version))?;
            let left = shared.given < shared.publications.len();
            left.then_some((index, *publication?, form.clone()))
        });
        let (index, publication, form) = found?;
        self.shared.get_mut(index)?.given += 1;
        Some(Delivery {
            publication,
            form,
            origin: Origin::Shared(index),
            state: State::Waiting,
            required: true,
        })
    }

    /// Which invariant a PUBLISH breaks that is not in the books.
    fn why_not(&self, session: usize, publish: &Publish) -> String {
        let alike = |number: usize| self.publications.get(number).filter(|it| looks_like(publish, it));
        let known = (0..self.publications.len()).any(|number| alike(number).is_some());
        let expired = (0..self.publications.len()).filter_map(alike).all(|it| it.expired(self.now));
        let shared = self.shared.iter().any(|it| {
            it.publications.iter().all(|&number| alike(number).is_some()) && it.given >= it.publications.len()
        });
        let deliveries = self.sessions.get(&session).into_iter().flat_map(|it| &it.deliveries);
        let same: Vec<_> = deliveries.filter(|it| alike(it.publication).is_some()).collect();
        match same.iter().find(|it| it.state == State::Waiting) {
            None if !same.is_empty() => "it was delivered before".into(),
            _ if known && expired => "it has expired".into(),
            Some(other) => format!("in another form than {:?}", other.form),
            None if shared => "its share has got it already".into(),
            None => "no subscription brings it".into(),
        }
    }

    /// Whether a PUBLISH carries a message. To 5.0, it tells how much of its Message Expiry Interval is left
    /// (3.3.2.3.3).
    fn carries(&self, publish: &Publish, message: &Publication, version: Version) -> bool {
        let spent = u32::try_from((self.now - message.at).as_secs()).unwrap_or(u32::MAX);
        let left = message.interval.map(|interval| interval.saturating_sub(spent));
        let told = publish.properties.message_expiry_interval();
        looks_like(publish, message) && (version == Version::V3_1_1 || told == left)
    }

    /// Messages of one publisher on one topic at one QoS keep their order (4.6). Retained messages are older
    /// than what has been sent, and a Shared Subscription promises no order.
    fn order_is_kept(&mut self, id: ConnectionId, delivery: &Delivery) -> Verdict {
        let Some(message) = self.message(delivery).filter(|_| delivery.origin == Origin::Published) else {
            return Ok(());
        };
        let key: (ByteString, ByteString, QoS) =
            (message.publisher.clone(), message.topic.clone(), delivery.form.qos);
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        let last = connection.order.insert(key, delivery.publication);
        ensure(last <= Some(delivery.publication), || "out of order".into())
    }
}

fn looks_like(publish: &Publish, message: &Publication) -> bool {
    publish.topic == message.topic && publish.payload == message.payload
}

/// Whether a PUBLISH has the form that its subscriptions give to it. 3.1.1 has no Subscription Identifiers.
fn fits(form: &Form, publish: &Publish, version: Version) -> bool {
    let mut identifiers: Vec<_> = publish.properties.subscription_identifiers().collect();
    identifiers.sort_unstable();
    form.qos == publish.qos
        && form.retain.contains(&publish.retain)
        && (version == Version::V3_1_1 || form.identifiers == identifiers)
}
