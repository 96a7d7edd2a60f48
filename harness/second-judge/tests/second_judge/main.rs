//! The second judge watches the reference broker in sessions drawn at random, and finds the bugs planted in it.
//!
//! The sessions are the same every time. `PROPTEST_RNG_SEED` varies them, `PROPTEST_CASES` says how many there
//! are.

mod strategies;

use mqttspec_broker::Rules;
use mqttspec_codec::{Citation, StatementId, Version, statement};
use mqttspec_second_judge::{Fault, Scenario, play};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use crate::strategies::scenario;

const SEED: u64 = 311_500;
const CASES: u32 = 20_000;

/// How often a planted bug is looked for. Shrinking takes one thing away at a time and can get stuck where two
/// would have to go at once, so the smallest session of several searches counts.
const SEARCHES: usize = 5;

/// What a person can follow: a CONNECT and a SUBSCRIBE for each of two or three Clients, and two packets more.
const FEW_PACKETS: usize = 8;

/// The seed for this run.
fn seed() -> u64 {
    match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => SEED,
    }
}

/// Lets the judge watch the broker under these rules; fails with a small session that it objects to.
fn property(rules: &Rules, seed: u64) -> Result<(), TestError<Scenario>> {
    let default = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { CASES };
    let rng_seed = RngSeed::Fixed(seed);
    let config = Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..default };
    TestRunner::new(config)
        .run(&scenario(), |scenario| play(&scenario, rules).map_err(|fault| TestCaseError::fail(fault.what)))
}

/// Plants a bug and has it found for what it is, in a session of few packets.
fn the_judge_finds(version: Version, id: StatementId, what: &str) {
    let rules = Rules::without([Citation { version, id }]);
    let found = (seed()..).take(SEARCHES).map(|seed| {
        let Err(TestError::Fail(_, scenario)) = property(&rules, seed) else {
            panic!("the judge is content without {id} of {version}");
        };
        match play(&scenario, &rules) {
            Err(Fault { what, packets }) => (packets, what, scenario),
            Ok(()) => panic!("the broker is not the same the second time: {scenario:#?}"),
        }
    });
    let named = found.filter(|(_, fault, _)| fault.contains(what));
    match named.min_by_key(|(packets, ..)| *packets) {
        Some((packets, ..)) if packets <= FEW_PACKETS => {}
        other => panic!("without {id} of {version}: {other:#?}"),
    }
}

#[test]
fn the_judge_is_content_with_the_intact_broker() {
    if let Err(error) = property(&Rules::all(), seed()) {
        panic!("{error}");
    }
}

/// A test for each planted bug: the switch, and what the judge says of it.
macro_rules! planted {
    ($($(#[doc = $doc:literal])+ $name:ident: $version:ident, $id:literal, $what:literal;)*) => {
        $(
            $(#[doc = $doc])+
            #[test]
            fn $name() {
                the_judge_finds(Version::$version, statement!($id), $what);
            }
        )*
    };
}

planted! {
    /// A QoS 1 message that waits for its PUBACK is forgotten when the Client comes back.
    the_judge_finds_a_qos_1_message_lost_on_resumption_in_3_1_1: V3_1_1, "MQTT-4.3.2-1/c", "lost";
    /// The same in 5.0.
    the_judge_finds_a_qos_1_message_lost_on_resumption_in_5_0: V5_0, "MQTT-4.3.2-3/a", "lost";
    /// A QoS 2 PUBLISH that its publisher repeats is delivered again.
    the_judge_finds_a_qos_2_message_delivered_twice_in_3_1_1: V3_1_1, "MQTT-4.3.3-2/b", "delivered before";
    /// The same in 5.0.
    the_judge_finds_a_qos_2_message_delivered_twice_in_5_0: V5_0, "MQTT-4.3.3-10/b", "delivered before";
    /// An empty message with RETAIN 1 leaves the retained message where it is.
    the_judge_finds_a_retained_message_not_cleared_in_3_1_1: V3_1_1, "MQTT-3.3.1-10/b", "no subscription";
    /// The same in 5.0.
    the_judge_finds_a_retained_message_not_cleared_in_5_0: V5_0, "MQTT-3.3.1-6/b", "no subscription";
    /// Every member of a share gets the message.
    the_judge_finds_a_shared_message_for_two_members: V5_0, "S5-49", "its share has got it";
    /// A message that waits for a Client that is away is sent although it has expired.
    the_judge_finds_an_expired_message: V5_0, "MQTT-3.3.2-5", "expired";
}
