//! Patterns of ids.

/// Whether a text has the form of a pattern in which `*` stands for anything, nothing included.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        // The first place is the best: it leaves the most to what follows.
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, wanted) in [
            ("connect/*", "connect/second-connect", true),
            ("*second*", "connect/second-connect", true),
            ("connect/second-connect", "connect/second-connect", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*b*c", "a-b-c", false),
            ("x/y[qos:*]", "x/y[qos:1]", true),
            ("x/y[qos:*]", "x/y[qos:1,dup]x", false),
            ("connect", "connect/second-connect", false),
            ("connect/*x", "connect/second-connect", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(matches(&"*a".repeat(200), &"a".repeat(200)));
    }
}
