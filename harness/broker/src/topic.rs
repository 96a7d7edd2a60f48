//! Topic Names and Topic Filters (4.7), and the form of shared ones (4.8.2).

use std::borrow::Cow;

use mqttspec_codec::Version;

use crate::faults::Fault;
use crate::rules::{Rules, rules};

rules! {
    /// The multi-level wildcard does not share its level with other characters.
    MULTI_LEVEL_STANDS_ALONE: ["MQTT-4.7.1-2/a"], ["MQTT-4.7.1-1/a"];
    /// The multi-level wildcard ends the filter.
    MULTI_LEVEL_COMES_LAST: ["MQTT-4.7.1-2/b"], ["MQTT-4.7.1-1/b"];
    /// The single-level wildcard stands for any one level, be it first, last or between.
    SINGLE_LEVEL_ANYWHERE: ["MQTT-4.7.1-3/a"], ["MQTT-4.7.1-2/a"];
    /// The single-level wildcard does not share its level with other characters.
    SINGLE_LEVEL_STANDS_ALONE: ["MQTT-4.7.1-3/b"], ["MQTT-4.7.1-2/b"];
    /// A filter that begins with # matches no topic that begins with $.
    DOLLAR_HIDDEN_FROM_MULTI_LEVEL: ["MQTT-4.7.2-1/a"], ["MQTT-4.7.2-1/a"];
    /// A filter that begins with + matches no topic that begins with $.
    DOLLAR_HIDDEN_FROM_SINGLE_LEVEL: ["MQTT-4.7.2-1/b"], ["MQTT-4.7.2-1/b"];
    /// A Topic Filter has one character or more.
    FILTER_NOT_EMPTY: ["MQTT-4.7.3-1/b"], ["MQTT-4.7.3-1/b"];
    /// Matching makes no two spellings equal.
    NO_NORMALIZATION: ["MQTT-4.7.3-4/a"], ["MQTT-4.7.3-4/a"];
    /// Characters that the broker does not know are left as they are.
    NO_SUBSTITUTION: ["MQTT-4.7.3-4/b"], ["MQTT-4.7.3-4/b"];
    /// U+FEFF counts in a comparison like any other character.
    BYTE_ORDER_MARK_COMPARED: ["MQTT-1.5.3-3/a"], ["MQTT-1.5.4-3"];
    /// U+FEFF is passed on where the publisher put it.
    BYTE_ORDER_MARK_FORWARDED: ["MQTT-1.5.3-3/b"], ["MQTT-1.5.4-3"];
    /// The ShareName of a shared filter has one character or more.
    SHARE_NAME_NOT_EMPTY: [], ["MQTT-4.8.2-1"];
    /// A ShareName holds neither # nor +.
    SHARE_NAME_WITHOUT_WILDCARD: [], ["MQTT-4.8.2-2/a"];
    /// A separator follows the ShareName.
    SHARE_NAME_ENDS: [], ["MQTT-4.8.2-2/b"];
    /// A Topic Filter follows the separator behind the ShareName.
    SHARED_FILTER_NOT_EMPTY: [], ["MQTT-4.8.2-2/c"];
    /// A # stands for its parent level and any number of levels below (no id of its own; 4.7.1.2).
    MULTI_LEVEL_INCLUDES_PARENT: ["S311-39"], ["S5-44"];
}

const SHARE: &str = "$share/";

/// The parts of a Topic Filter: the ShareName, if the Subscription is shared, and what topics are matched with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FilterParts<'a> {
    pub(crate) share_name: Option<&'a str>,
    pub(crate) filter: &'a str,
}

/// Takes a filter apart. Shared Subscriptions are known to 5.0 only.
pub(crate) fn parts(version: Version, filter: &str) -> FilterParts<'_> {
    match filter.strip_prefix(SHARE) {
        Some(shared) if version == Version::V5_0 => {
            let (name, rest) = shared.split_once('/').unwrap_or((shared, ""));
            FilterParts { share_name: Some(name), filter: rest }
        }
        _ => FilterParts { share_name: None, filter },
    }
}

pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['#', '+'])
}

/// Whether a Topic Filter has the form that 4.7 and 4.8 ask for.
pub(crate) fn is_valid_filter(rules: &Rules, version: Version, filter: &str) -> bool {
    if rules.has(Fault::InvalidFiltersGranted) {
        return true;
    }
    let broken = |rule| rules.enforce(version, rule);
    if filter.is_empty() {
        return !broken(&FILTER_NOT_EMPTY);
    }
    let parts = parts(version, filter);
    if let Some(name) = parts.share_name {
        let ends = filter.strip_prefix(SHARE).is_some_and(|shared| shared.contains('/'));
        if name.is_empty() && broken(&SHARE_NAME_NOT_EMPTY)
            || has_wildcard(name) && broken(&SHARE_NAME_WITHOUT_WILDCARD)
            || !ends && broken(&SHARE_NAME_ENDS)
            || ends && parts.filter.is_empty() && broken(&SHARED_FILTER_NOT_EMPTY)
        {
            return false;
        }
    }
    let mut levels = parts.filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let multi_level = level.contains('#');
        if multi_level && level.len() > 1 && broken(&MULTI_LEVEL_STANDS_ALONE)
            || multi_level && levels.peek().is_some() && broken(&MULTI_LEVEL_COMES_LAST)
            || level.contains('+') && level.len() > 1 && broken(&SINGLE_LEVEL_STANDS_ALONE)
        {
            return false;
        }
    }
    true
}

/// Whether a filter (without `$share/`) matches a topic.
pub(crate) fn matches(rules: &Rules, version: Version, filter: &str, topic: &str) -> bool {
    let topic = comparable(rules, version, topic);
    let filter = comparable(rules, version, filter);
    if topic.starts_with('$')
        && (filter.starts_with('#') && rules.enforce(version, &DOLLAR_HIDDEN_FROM_MULTI_LEVEL)
            || filter.starts_with('+') && rules.enforce(version, &DOLLAR_HIDDEN_FROM_SINGLE_LEVEL))
    {
        return false;
    }
    if topic.starts_with('$') && rules.has(Fault::DollarMatchesNothing) {
        return false;
    }
    let single_level = rules.enforce(version, &SINGLE_LEVEL_ANYWHERE);
    let parent = rules.enforce(version, &MULTI_LEVEL_INCLUDES_PARENT);
    let mut names = topic.split('/');
    for level in filter.split('/') {
        if level == "#" && rules.has(Fault::MultiLevelIsOneLevel) {
            return names.count() == 1;
        }
        if level == "#" {
            return parent || names.next().is_some();
        }
        if !names.next().is_some_and(|name| level == name || level == "+" && single_level) {
            return false;
        }
    }
    names.next().is_none()
}

/// The form in which two spellings are compared: the spelling itself.
fn comparable<'a>(rules: &Rules, version: Version, text: &'a str) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    if !rules.enforce(version, &BYTE_ORDER_MARK_COMPARED) {
        text = text.replace('\u{feff}', "").into();
    }
    if !rules.enforce(version, &NO_NORMALIZATION) {
        let folded = text.to_lowercase().replace("e\u{301}", "\u{e9}").replace("a\u{30a}", "\u{e5}");
        let levels: Vec<_> = folded.split('/').map(str::trim).filter(|level| !level.is_empty()).collect();
        text = levels.join("/").into();
    }
    if !rules.enforce(version, &NO_SUBSTITUTION) {
        text = substituted(&text).into();
    }
    text
}

/// The Topic Name that a subscriber gets: the one that was published.
pub(crate) fn forwarded<'a>(rules: &Rules, version: Version, topic: &'a str) -> Cow<'a, str> {
    let mut topic = Cow::Borrowed(topic);
    if !rules.enforce(version, &BYTE_ORDER_MARK_FORWARDED) {
        topic = topic.replace('\u{feff}', "").into();
    }
    if !rules.enforce(version, &NO_SUBSTITUTION) {
        topic = substituted(&topic).into();
    }
    topic
}

fn substituted(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect()
}

/// Whether a topic is anything but a few plain words.
pub(crate) fn is_unusual(topic: &str) -> bool {
    const MOST_LEVELS: usize = 8;
    let plain = |level: &str| {
        !level.is_empty()
            && level.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
    };
    !topic.split('/').all(plain) || topic.split('/').count() > MOST_LEVELS || topic.len() == 1
}

/// Whether the text holds a code point that 1.5.4 (1.5.3 in 3.1.1) advises against.
pub(crate) fn has_disallowed_character(text: &str) -> bool {
    text.chars().any(|character| {
        let code = u32::from(character);
        matches!(code, 0x01..=0x1F | 0x7F..=0x9F | 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
    })
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::{Citation, Version, statement};

    use super::{is_valid_filter, matches};
    use crate::Rules;

    #[test]
    fn filters_match_as_the_examples_of_the_specification_say() {
        let rules = Rules::all();
        for (filter, topic, expected) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
            ("sport/#", "sport", true),
            ("sport/#", "sports", false),
            ("#", "a/b", true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/x", false),
            ("+/monitor/Clients", "$SYS/monitor/Clients", false),
            ("$SYS/#", "$SYS/monitor", true),
            ("ACCOUNTS", "Accounts", false),
        ] {
            assert_eq!(matches(&rules, Version::V5_0, filter, topic), expected, "{filter} {topic}");
        }
    }

    #[test]
    fn misplaced_wildcards_are_refused() {
        let rules = Rules::all();
        for filter in ["", "a#", "a/#/b", "a+", "+a/b", "$share//a", "$share/s", "$share/s/", "$share/s+/a"] {
            assert!(!is_valid_filter(&rules, Version::V5_0, filter), "{filter}");
        }
        for filter in ["#", "+", "a/+/b", "/", "$share/s/#", "$shared"] {
            assert!(is_valid_filter(&rules, Version::V5_0, filter), "{filter}");
        }
        assert!(is_valid_filter(&rules, Version::V3_1_1, "$share/s"), "an ordinary filter in 3.1.1");
    }

    #[test]
    fn each_form_rule_has_its_own_switch() {
        let rules = Rules::without([Citation { version: Version::V3_1_1, id: statement!("MQTT-4.7.1-2/b") }]);
        assert!(is_valid_filter(&rules, Version::V3_1_1, "a/#/b"));
        assert!(!is_valid_filter(&rules, Version::V3_1_1, "a#"));
        assert!(!is_valid_filter(&rules, Version::V5_0, "a/#/b"), "another version, another switch");
    }
}
