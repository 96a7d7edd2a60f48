//! Makes a session that shows a defect as small as it goes: clients, packets, changes, fields.

use mqttspec_codec::model::{Connect, Packet, Properties};

use crate::session::{Session, Step, plain_connect};

/// More replays are hardly worth the time.
const MOST_REPLAYS: usize = 150;

/// Looks for the smallest session that shows a defect. It proposes; somebody else plays.
#[derive(Debug)]
pub(crate) struct Minimiser {
    session: Session,
    /// Which of the smaller sessions is the next.
    index: usize,
    /// Whether this round has made the session smaller.
    is_smaller: bool,
    replays: usize,
    /// Which of the smaller sessions were taken, from the one that it began with.
    reductions: Vec<usize>,
}

impl Minimiser {
    /// Begins with a session that shows the defect.
    pub(crate) const fn new(session: Session) -> Self {
        Self { session, index: 0, is_smaller: false, replays: 0, reductions: Vec::new() }
    }

    /// A smaller session to play; none when there is nothing left to try.
    pub(crate) fn propose(&mut self) -> Option<Session> {
        while self.replays < MOST_REPLAYS {
            // Every success changes what can be tried next, so that the list is made anew; what has failed is not
            // tried again before the next round.
            if let Some(candidate) = smaller(&self.session).into_iter().nth(self.index) {
                self.replays += 1;
                return Some(candidate);
            }
            if !std::mem::take(&mut self.is_smaller) {
                return None;
            }
            self.index = 0;
        }
        None
    }

    /// Says whether the session that was proposed last shows the defect.
    pub(crate) fn judge(&mut self, candidate: Session, shows: bool) {
        if shows {
            self.reductions.push(self.index);
            self.session = candidate;
            self.is_smaller = true;
        } else {
            self.index += 1;
        }
    }

    /// The smallest one found, and how it comes from the one at the beginning.
    pub(crate) fn into_smallest(self) -> (Session, Vec<usize>) {
        (self.session, self.reductions)
    }
}

/// What the minimiser once made of a session.
pub(crate) fn reduce(session: Session, reductions: &[usize]) -> Option<Session> {
    reductions.iter().try_fold(session, |session, &index| smaller(&session).into_iter().nth(index))
}

/// Sessions that lack something of this one, those that lack most first.
fn smaller(session: &Session) -> Vec<Session> {
    let with = |steps: Vec<Step>| Session { steps, ..session.clone() };
    let mut all = Vec::new();
    if session.in_pieces {
        all.push(Session { in_pieces: false, ..session.clone() });
    }
    let clients = session.steps.iter().map(Step::client).max().unwrap_or(0);
    for client in 0..=clients {
        let steps: Vec<Step> = session.steps.iter().filter(|step| step.client() != client).cloned().collect();
        if !steps.is_empty() && steps.len() < session.steps.len() {
            all.push(with(steps));
        }
    }
    for client in 1..=clients {
        all.extend(without_own_client(session, client).map(with));
    }
    for index in (0..session.steps.len()).rev() {
        let mut steps = session.steps.clone();
        steps.remove(index);
        if !steps.is_empty() {
            all.push(with(steps));
        }
    }
    for (index, step) in session.steps.iter().enumerate() {
        for simpler in simpler(step, session) {
            let mut steps = session.steps.clone();
            if let Some(place) = steps.get_mut(index) {
                *place = simpler;
                all.push(with(steps));
            }
        }
    }
    all
}

/// The steps of a session in which the first client does what another one did, on its own connection.
fn without_own_client(session: &Session, client: usize) -> Option<Vec<Step>> {
    let is_connect = |step: &Step| {
        matches!(step, Step::Send { packet: Packet::Connect(_), .. }) || matches!(step, Step::Drop { .. })
    };
    let is_left_out = |step: &Step| step.client() == client && is_connect(step);
    let of_first =
        |step: &Step| if step.client() == client { step.clone().of_client(0) } else { step.clone() };
    let steps: Vec<Step> = session.steps.iter().filter(|step| !is_left_out(step)).map(of_first).collect();
    let is_both = session.steps.iter().any(|step| step.client() == 0) && steps.len() < session.steps.len();
    is_both.then_some(steps)
}

/// The step with less in it.
fn simpler(step: &Step, session: &Session) -> Vec<Step> {
    let Step::Send { client, packet, mutant } = step else { return Vec::new() };
    let mut all = Vec::new();
    if mutant.is_some() {
        all.push(Step::send(*client, packet.clone()));
    }
    let mut plain = packet.clone();
    match &mut plain {
        Packet::Connect(connect) => {
            *connect = Connect {
                user_name: connect.user_name.clone(),
                password: connect.password.clone(),
                ..plain_connect(session.version, connect.client_id.clone())
            };
        }
        Packet::Publish(publish) => {
            publish.retain = false;
            if !publish.topic.is_empty() {
                publish.properties = Properties::default();
            }
        }
        Packet::Subscribe(subscribe) => {
            subscribe.filters.truncate(1);
            subscribe.properties = Properties::default();
        }
        Packet::Unsubscribe(unsubscribe) => {
            unsubscribe.filters.truncate(1);
            unsubscribe.properties = Properties::default();
        }
        _ => {}
    }
    for simpler in std::iter::once(plain).chain(without_a_filter(packet)) {
        // A change may name a field that is gone now.
        let fits = mutant.as_ref().is_none_or(|mutant| mutant.bytes(&simpler, session.version).is_ok());
        if simpler != *packet && fits {
            all.push(Step::Send { client: *client, packet: simpler, mutant: mutant.clone() });
        }
    }
    all
}

/// The packet without one of several Topic Filters: what is delivered may be owed to any of them.
fn without_a_filter(packet: &Packet) -> Vec<Packet> {
    let count = match packet {
        Packet::Subscribe(subscribe) => subscribe.filters.len(),
        Packet::Unsubscribe(unsubscribe) => unsubscribe.filters.len(),
        _ => 0,
    };
    let without = |index: usize| {
        let mut packet = packet.clone();
        match &mut packet {
            Packet::Subscribe(subscribe) => drop(subscribe.filters.remove(index)),
            Packet::Unsubscribe(unsubscribe) => drop(unsubscribe.filters.remove(index)),
            _ => {}
        }
        packet
    };
    if count > 1 { (0..count).map(without).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{Subscribe, Subscription};

    use super::*;

    #[test]
    fn the_filter_that_matters_is_left_whichever_it_is() {
        let filters = ["a", "b", "c"];
        for matters in filters {
            let filter = |name: &&'static str| Subscription {
                filter: ByteString::from_static(name),
                ..Subscription::default()
            };
            let subscribe = Subscribe {
                packet_id: 1,
                filters: filters.iter().map(filter).collect(),
                ..Subscribe::default()
            };
            let step = Step::send(0, Packet::Subscribe(subscribe));
            let mut minimiser = Minimiser::new(Session::new(0, Version::V5_0, vec![step]));
            let names = |session: &Session| -> Vec<String> {
                let Some(Step::Send { packet: Packet::Subscribe(subscribe), .. }) = session.steps.first()
                else {
                    return Vec::new();
                };
                subscribe.filters.iter().map(|filter| filter.filter.to_string()).collect()
            };
            while let Some(smaller) = minimiser.propose() {
                let shows = names(&smaller).iter().any(|name| name == matters);
                minimiser.judge(smaller, shows);
            }
            let (smallest, _) = minimiser.into_smallest();
            assert_eq!(names(&smallest), [matters]);
        }
    }
}
