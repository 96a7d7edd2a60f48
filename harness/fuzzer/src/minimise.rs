//! Makes a session that shows a defect as small as it goes: clients, packets, changes, fields.

use mqttspec_codec::model::{Connect, Packet, Properties};

use crate::session::{Session, Step};

/// More replays are hardly worth the time.
const MOST_REPLAYS: usize = 150;

/// The smallest session found for which `shows` holds, as it does for the one given.
pub(crate) async fn minimise(mut session: Session, mut shows: impl AsyncFnMut(&Session) -> bool) -> Session {
    let mut replays = 0;
    loop {
        let mut is_smaller = false;
        let mut index = 0;
        // Every success changes what can be tried next, so that the list is made anew; what has failed is not
        // tried again before the next round.
        while let Some(candidate) = smaller(&session).into_iter().nth(index) {
            if replays == MOST_REPLAYS {
                return session;
            }
            replays += 1;
            if shows(&candidate).await {
                session = candidate;
                is_smaller = true;
            } else {
                index += 1;
            }
        }
        if !is_smaller {
            return session;
        }
    }
}

/// Sessions that lack something of this one, those that lack most first.
fn smaller(session: &Session) -> Vec<Session> {
    let with = |steps: Vec<Step>| Session { steps, ..session.clone() };
    let mut all = Vec::new();
    let clients = session.steps.iter().map(Step::client).max().unwrap_or(0);
    for client in 0..=clients {
        let steps: Vec<Step> = session.steps.iter().filter(|step| step.client() != client).cloned().collect();
        if !steps.is_empty() && steps.len() < session.steps.len() {
            all.push(with(steps));
        }
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
            *connect = Connect::new(session.version, connect.client_id.clone());
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
        _ => {}
    }
    // A change may name a field that is gone now.
    let fits = mutant.as_ref().is_none_or(|mutant| mutant.bytes(&plain, session.version).is_ok());
    if plain != *packet && fits {
        all.push(Step::Send { client: *client, packet: plain, mutant: mutant.clone() });
    }
    all
}
