//! The differences that are known, in `differences/`, one file for each codec.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::difference::{Difference, Kind};

const FILES: [(&str, &str); 8] = [
    ("flowsdk", include_str!("../differences/flowsdk.yaml")),
    ("mqtt-proto", include_str!("../differences/mqtt-proto.yaml")),
    ("mqtt-protocol-core", include_str!("../differences/mqtt-protocol-core.yaml")),
    ("mqtt5-protocol", include_str!("../differences/mqtt5-protocol.yaml")),
    ("mqttrs", include_str!("../differences/mqttrs.yaml")),
    ("rmqtt-codec", include_str!("../differences/rmqtt-codec.yaml")),
    ("rumqttc", include_str!("../differences/rumqttc.yaml")),
    ("rumqttd", include_str!("../differences/rumqttd.yaml")),
];

/// Stands in a list for every type of packet.
const ANY: &str = "any";

/// A list of differences: version, kind, type of the packet or [`ANY`], and where.
type List = BTreeMap<String, BTreeMap<Kind, BTreeMap<String, BTreeSet<String>>>>;

/// What is known of a codec.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What decides a difference that does not name a statement itself, by kind, type of the packet and place.
    why: BTreeMap<String, String>,
    #[serde(default)]
    list: List,
}

static KNOWN: LazyLock<BTreeMap<&'static str, File>> = LazyLock::new(|| {
    FILES
        .into_iter()
        .map(|(peer, text)| match serde_yaml::from_str(text) {
            Ok(file) => (peer, file),
            Err(error) => panic!("differences/{peer}.yaml: {error}"),
        })
        .collect()
});

/// The differences of all codecs that name no statement, each with its reason, if there is one.
pub fn reasons() -> impl Iterator<Item = (String, Option<&'static str>)> {
    KNOWN.iter().flat_map(|(peer, file)| {
        let kinds = file.list.values().flatten().filter(|(kind, _)| **kind != Kind::Accepts);
        let places = kinds.flat_map(|(kind, packets)| {
            packets.iter().flat_map(move |(packet, places)| places.iter().map(move |at| (*kind, packet, at)))
        });
        places.map(move |(kind, packet, at)| {
            let reason = [format!("{kind} {packet} {at}"), format!("{kind} {at}"), kind.to_string()]
                .iter()
                .find_map(|key| file.why.get(key));
            (format!("{peer} {kind} {packet} {at}"), reason.map(String::as_str))
        })
    })
}

/// Whether a difference is known.
///
/// # Panics
/// When a file of differences cannot be read.
#[must_use]
pub fn is_known(difference: &Difference) -> bool {
    let Difference { peer, version, kind, packet, at } = difference;
    let packets =
        KNOWN.get(peer).and_then(|file| file.list.get(version.as_str())).and_then(|kinds| kinds.get(kind));
    let places = packets.into_iter().flat_map(|packets| [packets.get(*packet), packets.get(ANY)]);
    places.flatten().any(|places| places.contains(at))
}
