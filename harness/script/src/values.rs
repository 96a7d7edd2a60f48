//! The forms of times and bytes.

use std::time::Duration;

/// A time with its unit: `1.5s` or `500ms`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s')?, 1000.0),
    };
    if !number.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let milliseconds: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64((milliseconds * scale).round() / 1000.0).ok()
}

/// Pairs of hexadecimal digits; spaces do not count.
pub(crate) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse_duration, parse_hex};

    #[test]
    fn times() {
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        for text in ["", "s", "5", "-1s", "1e3s", "1.5.1s", "1 s", "infs"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn bytes() {
        assert_eq!(parse_hex("00 fF"), Some(vec![0, 0xFF]));
        assert_eq!(parse_hex(""), Some(vec![]));
        assert_eq!(parse_hex("0"), None);
        assert_eq!(parse_hex("zz"), None);
    }
}
