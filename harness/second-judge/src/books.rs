//! How the books change: messages come in, time passes, Sessions end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::model::{QoS, Will};

use crate::model::{Delivery, Form, Judge, Origin, Publication, Session, Shared, State};
use crate::topics::{matches, share};

impl Judge {
    /// Takes a message over: from a PUBLISH or a Will.
    pub(crate) fn publish(&mut self, message: Publication) {
        let number = self.publications.len();
        if message.retain && message.payload.is_empty() {
            self.retained.remove(&message.topic);
        } else if message.retain {
            self.retained.insert(message.topic.clone(), number);
        }
        for session in self.sessions.values_mut() {
            let matching = session.matching(&message);
            let size = if self.each_subscription { 1 } else { matching.len() };
            let forms: Vec<_> =
                matching.chunks(size.max(1)).map(|group| Form::of(&message, group.iter().copied())).collect();
            let kept = session.connection.is_some() || self.queue_qos0;
            let kept = forms.into_iter().filter(|form| kept || form.qos > QoS::AtMostOnce);
            session.deliveries.extend(kept.map(|form| Delivery {
                publication: number,
                form,
                origin: Origin::Published,
                state: State::Waiting,
                required: true,
            }));
        }
        self.publications.push(message);
        self.share_out(number);
    }

    /// The Sessions that hold a Shared Subscription, with the form in which they get a message.
    fn members(&self, filter: &str, message: &Publication) -> BTreeMap<usize, Vec<Form>> {
        let held = |session: &Session| {
            let found = session.subscriptions.iter().find(|it| it.filter == *filter);
            found.map(|it| vec![Form::of(message, std::iter::once(it))])
        };
        self.sessions.iter().filter_map(|(&number, it)| Some((number, held(it)?))).collect()
    }

    fn share_out(&mut self, number: usize) {
        let Some(message) = self.publications.get(number).cloned() else { return };
        let filters: BTreeSet<_> = self
            .sessions
            .values()
            .flat_map(|session| &session.subscriptions)
            .filter(|it| share(&it.filter).is_some_and(|(_, filter)| matches(filter, &message.topic)))
            .map(|it| it.filter.clone())
            .collect();
        for filter in filters {
            let members = self.members(&filter, &message);
            // A member that is away may be chosen, and QoS 0 gets lost there.
            let required = members.iter().all(|(member, forms)| {
                let connected = self.sessions.get(member).is_some_and(|it| it.connection.is_some());
                connected || forms.iter().all(|form| form.qos > QoS::AtMostOnce)
            });
            let known = self.shared.iter_mut().find(|it| {
                let first = it.publications.first().and_then(|&first| self.publications.get(first));
                it.filter == filter && first.is_some_and(|first| first.looks_like(&message))
            });
            match known {
                Some(shared) => {
                    shared.publications.push(number);
                    shared.required += usize::from(required);
                    shared.admit(members);
                }
                None => self.shared.push(Shared {
                    filter,
                    publications: vec![number],
                    members,
                    given: 0,
                    required: usize::from(required),
                }),
            }
        }
    }

    /// Ends a Session (4.1): what it holds is gone, and a Will that waits for it is published.
    pub(crate) fn end_session(&mut self, number: usize) {
        let Some(session) = self.sessions.remove(&number) else { return };
        for (index, mut shared) in std::mem::take(&mut self.shared).into_iter().enumerate() {
            if shared.members.remove(&number).is_some() {
                // What it did not get, or had not acknowledged at QoS 1, others may get. At QoS 2 nobody may
                // (4.8.2-5).
                let open = session.deliveries.iter().filter(|it| {
                    it.origin == Origin::Shared(index)
                        && it.form.qos == QoS::AtLeastOnce
                        && matches!(it.state, State::Sent(..))
                });
                shared.given -= open.count();
                shared.required = shared.required.min(shared.given);
                for number in shared.publications.clone() {
                    let message = self.publications.get(number);
                    let members = message.map(|message| self.members(&shared.filter, message));
                    shared.admit(members.unwrap_or_default());
                }
            }
            self.shared.push(shared);
        }
        if let Some((_, will)) = session.will {
            self.publish_will(session.client, will);
        }
    }

    pub(crate) fn publish_will(&mut self, client: ByteString, will: Will) {
        self.publish(Publication {
            publisher: client,
            interval: will.properties.message_expiry_interval(),
            topic: will.topic,
            payload: will.payload,
            qos: will.qos,
            retain: will.retain,
            at: self.now,
        });
    }

    /// Takes note of the time: Wills and the ends of Sessions that are due.
    pub(crate) fn time(&mut self, now: Duration) {
        self.now = now;
        let mut wills = Vec::new();
        for session in self.sessions.values_mut() {
            wills.extend(session.will.take_if(|(due, _)| *due <= now).map(|it| (it, session.client.clone())));
        }
        wills.sort_by_key(|((due, _), client)| (*due, client.clone()));
        for ((_, will), client) in wills {
            self.publish_will(client, will);
        }
        let over = self.sessions.iter().filter(|(_, it)| it.ends_at.is_some_and(|end| end <= now));
        let mut over: Vec<_> = over.map(|(&number, it)| (it.client.clone(), number)).collect();
        over.sort();
        over.into_iter().for_each(|(_, number)| self.end_session(number));
    }

    /// When something is due by the time alone.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.sessions
            .values()
            .flat_map(|session| [session.ends_at, session.will.as_ref().map(|(due, _)| *due)])
            .flatten()
            .min()
    }
}
