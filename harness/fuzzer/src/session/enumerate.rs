//! The sessions of a seed by their numbers: first every mutant of every packet, then random ones.

use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, Packet, Publish, QoS, Subscribe, Subscription, SubscriptionOptions,
};
use mqttspec_codec::mutation::{Mutant, mutants};
use mqttspec_script::profile::Account;

use super::bases::{Names, connect_with_will, packets};
use super::{Session, Step, generate};

/// The number of the first bystander; no campaign plays so many sessions.
const BYSTANDERS: u64 = 1 << 52;
/// The number of the first song.
const SONGS: u64 = 1 << 53;

/// All sessions of a seed.
#[derive(Clone, Debug)]
pub struct Sessions {
    seed: u64,
    versions: Vec<Version>,
    /// What each client has to show.
    account: Option<Account>,
    /// What the first sessions do one after the other.
    enumerated: Vec<Enumerated>,
}

#[derive(Clone, Debug)]
struct Enumerated {
    version: Version,
    base: usize,
    mutant: Option<Mutant>,
}

impl Sessions {
    /// The sessions of a seed in some versions, of which there is at least one.
    #[must_use]
    pub fn new(seed: u64, versions: &[Version], account: Option<&Account>) -> Self {
        let names = Names::new(0, account);
        let enumerated: Vec<Enumerated> = versions
            .iter()
            .flat_map(|&version| {
                let bases = bases(&names, version).into_iter().enumerate();
                bases.flat_map(move |(base, packet)| {
                    let changes = mutants(&packet, version).into_iter().map(Some);
                    let changes = std::iter::once(None).chain(changes);
                    changes.map(move |mutant| Enumerated { version, base, mutant })
                })
            })
            .collect();
        let account = account.cloned();
        Self { seed, versions: versions.to_vec(), enumerated, account }
    }

    /// How many sessions come before the random ones.
    #[must_use]
    pub fn enumerated(&self) -> u64 {
        u64::try_from(self.enumerated.len()).unwrap_or(u64::MAX)
    }

    /// The numbers of the bystanders: in each version a client that only subscribes, as the canary does all the time.
    pub(crate) fn bystanders(&self) -> impl Iterator<Item = u64> {
        (BYSTANDERS..).take(self.versions.len())
    }

    /// The numbers of the songs: in each version what the canary does all the time, from its first packet to its last.
    pub(crate) fn songs(&self) -> impl Iterator<Item = u64> {
        (SONGS..).take(self.versions.len())
    }

    fn of_no_seed(&self, number: u64) -> Option<Session> {
        let (first, sings) = if number >= SONGS { (SONGS, true) } else { (BYSTANDERS, false) };
        let version = usize::try_from(number.checked_sub(first)?).ok()?;
        let version = *self.versions.get(version)?;
        let names = Names::new(number, self.account.as_ref());
        let mut steps = vec![
            Step::send(0, Packet::Connect(names.connect(version, 0))),
            Step::send(0, subscribe(&names, if sings { QoS::ExactlyOnce } else { QoS::AtMostOnce })),
        ];
        if sings {
            steps.push(Step::send(1, Packet::Connect(names.connect(version, 1))));
            let publish = |qos: QoS| Publish {
                qos,
                topic: names.topic("a"),
                packet_id: (qos != QoS::AtMostOnce).then(|| u16::from(qos.bits())),
                ..Publish::default()
            };
            let publishes = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce].map(publish);
            steps.extend(publishes.map(|publish| Step::send(1, Packet::Publish(publish))));
            let release = Acknowledgement::new(u16::from(QoS::ExactlyOnce.bits()));
            steps.push(Step::send(1, Packet::PubRel(release)));
        }
        Some(Session::new(number, version, steps))
    }

    /// A session by its number.
    #[must_use]
    pub fn get(&self, number: u64) -> Session {
        if let Some(session) = self.of_no_seed(number) {
            return session;
        }
        let names = Names::new(number, self.account.as_ref());
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(one) = self.enumerated.get(index) else {
            return generate::session(self.seed, number, &names, &self.versions);
        };
        let connect = Packet::Connect(names.connect(one.version, 0));
        let packet = bases(&names, one.version).into_iter().nth(one.base).unwrap_or(Packet::PingReq);
        let is_connect = matches!(packet, Packet::Connect(_));
        let changed = Step::Send { client: 0, packet, mutant: one.mutant.clone() };
        let steps = if is_connect { vec![changed] } else { vec![Step::send(0, connect), changed] };
        Session::new(number, one.version, steps)
    }
}

fn subscribe(names: &Names<'_>, qos: QoS) -> Packet {
    let options = SubscriptionOptions { qos, ..SubscriptionOptions::default() };
    let filters = vec![Subscription { filter: names.topic("a"), options }];
    Packet::Subscribe(Subscribe { packet_id: 1, filters, ..Subscribe::default() })
}

/// The packets that are changed.
fn bases(names: &Names<'_>, version: Version) -> Vec<Packet> {
    let mut bases =
        vec![Packet::Connect(names.connect(version, 0)), Packet::Connect(connect_with_will(names, version))];
    bases.extend(packets(names, version));
    bases
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;

    use super::Sessions;

    #[test]
    fn a_seed_and_a_number_make_one_session() {
        let (one, other) = (Sessions::new(7, &Version::ALL, None), Sessions::new(7, &Version::ALL, None));
        let first = one.enumerated();
        for number in (0..first).step_by(50).chain(first..first + 500) {
            assert_eq!(format!("{:?}", one.get(number)), format!("{:?}", other.get(number)));
        }
    }

    #[test]
    fn seeds_differ() {
        let number = Sessions::new(1, &Version::ALL, None).enumerated();
        let of = |seed| {
            (number..number + 20)
                .map(|number| format!("{:?}", Sessions::new(seed, &Version::ALL, None).get(number)))
                .collect::<Vec<_>>()
        };
        assert_ne!(of(1), of(2));
    }
}
