//! Whether a Topic Name matches a Topic Filter (4.7.1).

/// Matches level by level. That a wildcard at the start matches no topic with a dollar sign [MQTT-4.7.2-1] is a
/// rule of its own, which is not looked at here.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    let filter = match filter.strip_prefix("$share/") {
        Some(shared) => shared.split_once('/').map_or("", |(_, filter)| filter),
        None => filter,
    };
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn levels_are_compared_one_by_one() {
        for (filter, topic) in [
            ("a/b", "a/b"),
            ("a/+", "a/b"),
            ("a/#", "a"),
            ("#", "a/b/c"),
            ("+/+", "/b"),
            ("$share/g/a/+", "a/b"),
        ] {
            assert!(matches(filter, topic), "{filter} {topic}");
        }
        for (filter, topic) in [("a/b", "a"), ("a", "a/b"), ("a/+", "a"), ("+", "a/b"), ("a/b", "a/B")] {
            assert!(!matches(filter, topic), "{filter} {topic}");
        }
    }
}
