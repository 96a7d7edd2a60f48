//! "Did you mean".

/// The candidate that a word was most likely meant to be, when one is close enough.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + word.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of characters to insert, remove or replace to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut last = index + 1;
        let mut next = vec![last];
        for (right, above) in to.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *above;
            last = replaced.min(above + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances() {
        for (from, to, steps) in [("", "", 0), ("a", "", 1), ("qoss", "qos", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(from, to), steps);
            assert_eq!(distance(to, from), steps);
        }
    }

    #[test]
    fn only_near_words_are_proposed() {
        assert_eq!(nearest("clean_sesion", ["client", "clean_session", "will"]), Some("clean_session"));
        assert_eq!(nearest("payload", ["topic", "qos"]), None);
    }
}
