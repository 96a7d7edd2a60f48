//! Strings, Topic Names, Topic Filters and payloads.

use bytes::Bytes;
use bytestring::ByteString;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::Version;

/// A UTF-8 Encoded String of a few characters, any but U+0000.
pub fn text() -> impl Strategy<Value = ByteString> {
    vec(any::<char>(), 0..8)
        .prop_map(|characters| characters.into_iter().filter(|c| *c != '\0').collect::<String>().into())
}

/// A Topic Name.
pub fn topic_name() -> impl Strategy<Value = ByteString> {
    vec(any::<char>(), 0..8).prop_map(|characters| {
        let name: String = characters.into_iter().filter(|c| !matches!(c, '\0' | '+' | '#')).collect();
        if name.is_empty() { "a/b".into() } else { name.into() }
    })
}

/// A Topic Filter; in 5.0 also that of a Shared Subscription.
pub fn topic_filter(version: Version) -> impl Strategy<Value = ByteString> {
    let level = prop_oneof![
        4 => select(vec!["", "a", "level", "é", " ", "$SYS", "\u{FEFF}", "\u{10FFFF}"]).prop_map(str::to_owned),
        1 => Just("+".to_owned()),
    ];
    let end = select(vec!["x", "/x", "/#", "/+", "/"]);
    let share = if version == Version::V5_0 { select(vec!["", "", "$share/g/"]) } else { select(vec![""]) };
    (share, vec(level, 0..5), end).prop_map(|(share, levels, end)| {
        let start = levels.join("/");
        let end = if start.ends_with('+') { end.trim_start_matches('x') } else { end };
        let filter = format!("{start}{end}");
        match (share, filter.as_str()) {
            (_, "") => "+".into(),
            (share, filter) => format!("{share}{filter}").into(),
        }
    })
}

/// An Application Message, sometimes long enough for a Remaining Length of two or three bytes.
pub fn payload() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        20 => vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        4 => vec(any::<u8>(), 100..300).prop_map(Bytes::from),
        1 => (any::<u8>(), 16_000_usize..20_000).prop_map(|(byte, length)| vec![byte; length].into()),
    ]
}
