//! Topic Names and Topic Filters (4.7), and the filters of Shared Subscriptions (4.8.2).

use crate::rule::rules;
use crate::scan::has_any;
use crate::{Rule, Version};

rules! {
    /// a Topic Filter must not be empty
    EMPTY: TopicFilter, TOPIC_FILTER_INVALID,
        v3 ["MQTT-4.7.3-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.7.3-1" "MQTT-4.13.1-1"];
    /// a multi-level wildcard must be the whole last level of a Topic Filter
    MULTI_LEVEL: TopicFilter, TOPIC_FILTER_INVALID,
        v3 ["MQTT-4.7.1-2" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.7.1-1" "MQTT-4.13.1-1"];
    /// a single-level wildcard must be a whole level of a Topic Filter
    SINGLE_LEVEL: TopicFilter, TOPIC_FILTER_INVALID,
        v3 ["MQTT-4.7.1-3" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.7.1-2" "MQTT-4.13.1-1"];
    /// a ShareName must not be empty
    EMPTY_SHARE_NAME: TopicFilter, TOPIC_FILTER_INVALID,
        v3 [],
        v5 ["MQTT-4.8.2-1" "MQTT-4.13.1-1"];
    /// a ShareName must not contain wildcards, and a slash and a Topic Filter must follow it
    SHARE_NAME: TopicFilter, TOPIC_FILTER_INVALID,
        v3 [],
        v5 ["MQTT-4.8.2-2" "MQTT-4.13.1-1"];
}

/// Whether a Topic Name contains a character that has a meaning in Topic Filters only.
#[inline(always)]
pub(super) fn has_wildcard(name: &str) -> bool {
    has_any(name.as_bytes(), [b'+', b'#'])
}

/// Whether 5.0 reads a Topic Filter as that of a Shared Subscription.
pub(super) fn is_shared(filter: &str) -> bool {
    filter.starts_with("$share/")
}

/// The rule that a Topic Filter breaks, if any.
pub(super) fn broken_filter(filter: &str, version: Version) -> Option<&'static Rule> {
    let shared = if version == Version::V5_0 { filter.strip_prefix("$share/") } else { None };
    let Some(shared) = shared else { return broken_plain_filter(filter) };
    let (name, filter) = shared.split_once('/').unwrap_or((shared, ""));
    if name.is_empty() {
        Some(&EMPTY_SHARE_NAME)
    } else if has_wildcard(name) || filter.is_empty() {
        Some(&SHARE_NAME)
    } else {
        broken_plain_filter(filter)
    }
}

fn broken_plain_filter(filter: &str) -> Option<&'static Rule> {
    if filter.is_empty() {
        return Some(&EMPTY);
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains('#') && (level != "#" || levels.peek().is_some()) {
            return Some(&MULTI_LEVEL);
        }
        if level.contains('+') && level != "+" {
            return Some(&SINGLE_LEVEL);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, EMPTY_SHARE_NAME, MULTI_LEVEL, Rule, SHARE_NAME, SINGLE_LEVEL, broken_filter};
    use crate::Version;

    #[test]
    fn filters_are_judged_level_by_level() {
        let table: [(&str, Option<&Rule>, Option<&Rule>); 16] = [
            ("a", None, None),
            ("/", None, None),
            ("#", None, None),
            ("+/+/#", None, None),
            ("a//+/b", None, None),
            ("", Some(&EMPTY), Some(&EMPTY)),
            ("a#", Some(&MULTI_LEVEL), Some(&MULTI_LEVEL)),
            ("a/#/b", Some(&MULTI_LEVEL), Some(&MULTI_LEVEL)),
            ("a/+b", Some(&SINGLE_LEVEL), Some(&SINGLE_LEVEL)),
            ("$share/g/a", None, None),
            ("$share", None, None),
            ("$share/", None, Some(&EMPTY_SHARE_NAME)),
            ("$share//a", None, Some(&EMPTY_SHARE_NAME)),
            ("$share/g", None, Some(&SHARE_NAME)),
            ("$share/g/", None, Some(&SHARE_NAME)),
            ("$share/+/a", None, Some(&SHARE_NAME)),
        ];
        for (filter, v3_1_1, v5_0) in table {
            assert_eq!(broken_filter(filter, Version::V3_1_1), v3_1_1, "{filter} in 3.1.1");
            assert_eq!(broken_filter(filter, Version::V5_0), v5_0, "{filter} in 5.0");
        }
    }
}
