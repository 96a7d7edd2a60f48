//! Conditions on the version of a broker.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Comparisons that must all hold, such as `>=2.0, <2.0.12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerVersions {
    text: String,
    comparisons: Vec<(Comparison, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// The text is no condition on versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidVersions(pub String);

impl BrokerVersions {
    /// Whether all comparisons hold for a version.
    #[must_use]
    pub fn hold(&self, version: &str) -> bool {
        self.comparisons.iter().all(|(comparison, other)| {
            let order = compare(version, other);
            match comparison {
                Comparison::Equal => order.is_eq(),
                Comparison::Unequal => order.is_ne(),
                Comparison::Less => order.is_lt(),
                Comparison::AtMost => order.is_le(),
                Comparison::Greater => order.is_gt(),
                Comparison::AtLeast => order.is_ge(),
            }
        })
    }
}

/// Numbers part by part, an absent part being 0; a pre-release (`-rc1`) comes before its release, and what stands behind
/// a plus sign does not count.
fn compare(one: &str, other: &str) -> Ordering {
    let split = |text: &str| -> (Vec<u64>, Option<String>) {
        let text = text.trim_start_matches(['v', 'V']).split('+').next().unwrap_or_default();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let numbers = numbers.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        (numbers, (!rest.is_empty()).then(|| rest.trim_start_matches('-').to_owned()))
    };
    let ((one, one_rest), (other, other_rest)) = (split(one), split(other));
    let part = |parts: &[u64], index: usize| parts.get(index).copied().unwrap_or(0);
    (0..one.len().max(other.len()))
        .map(|index| part(&one, index).cmp(&part(&other, index)))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| match (one_rest, other_rest) {
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.cmp(&other),
        })
}

impl FromStr for BrokerVersions {
    type Err = InvalidVersions;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SIGNS: [(&str, Comparison); 6] = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            ("!=", Comparison::Unequal),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
            ("=", Comparison::Equal),
        ];
        let comparison = |part: &str| {
            let part = part.trim();
            let (comparison, version) = SIGNS
                .iter()
                .find_map(|(sign, comparison)| Some((*comparison, part.strip_prefix(sign)?)))
                .unwrap_or((Comparison::Equal, part));
            let version = version.trim();
            let is_version = version.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit())
                && !version.contains(char::is_whitespace);
            is_version.then(|| (comparison, version.to_owned()))
        };
        let comparisons: Option<Vec<_>> = text.split(',').map(comparison).collect();
        match comparisons {
            Some(comparisons) => Ok(Self { text: text.to_owned(), comparisons }),
            None => Err(InvalidVersions(text.to_owned())),
        }
    }
}

impl fmt::Display for BrokerVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for InvalidVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no condition on versions", self.0)
    }
}

impl std::error::Error for InvalidVersions {}

#[cfg(test)]
mod tests {
    use super::BrokerVersions;

    #[test]
    fn versions_are_compared_number_by_number() {
        for (condition, version, wanted) in [
            ("<2.0.12", "2.0.11", true),
            ("<2.0.12", "2.0.12", false),
            ("<2.0.9", "2.0.11", false),
            (">=2.0, <2.1", "2.0.11", true),
            (">=2.0, <2.1", "2.1.0-rc1", true),
            ("2.0", "2.0.0", true),
            ("=2.0.11", "v2.0.11+dfsg", true),
            ("!=2", "2.0.1", true),
            (">2.0.11-rc1", "2.0.11", true),
            ("<=1", "1.0.0", true),
        ] {
            let condition: BrokerVersions = condition.parse().unwrap();
            assert_eq!(condition.hold(version), wanted, "{condition} {version}");
        }
    }

    #[test]
    fn what_is_no_condition() {
        for text in ["", "latest", "~2.0", "<", ">=2.0 <2.1", "2.0,"] {
            assert!(text.parse::<BrokerVersions>().is_err(), "{text}");
        }
    }
}
