//! What befalls the broker as a whole.

use std::fmt;

use crate::oracle::{Breach, Oracle, without_numbers};

/// What befell the broker as a whole, whichever packet did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// What noticed it.
    pub oracle: Oracle,
    /// What happened, in words that are the same for the same defect.
    pub outcome: String,
}

/// Words after which a log tells the place of a defect.
const PLACES: [&str; 4] = ["panicked at ", "Sanitizer: ", "runtime error: ", "Assertion `"];

impl Symptom {
    pub(crate) fn new(oracle: Oracle, outcome: impl Into<String>) -> Self {
        Self { oracle, outcome: outcome.into() }
    }

    /// What the watch over a process tells.
    pub(crate) fn of_trouble(trouble: &str) -> Self {
        let has_ended = trouble.starts_with("it ended") || trouble.starts_with("it was ended");
        let oracle = if has_ended { Oracle::Liveness } else { Oracle::Log };
        Self::new(oracle, constant(trouble))
    }

    /// The same with what was seen a moment later: a program first writes where it breaks, and then ends.
    pub(crate) fn and_then(self, later: Option<Self>) -> Self {
        let Some(later) = later else { return self };
        let is_ended = self.is_fatal() || later.is_fatal();
        let told = if self.names_a_place() || !later.names_a_place() { self } else { later };
        if is_ended { Self { oracle: Oracle::Liveness, ..told } } else { told }
    }

    /// What is the same whenever one defect shows. Where the place is known, the end of the process may come too late to
    /// be seen.
    #[must_use]
    pub fn signature(&self) -> String {
        if self.names_a_place() { self.outcome.clone() } else { format!("{} {}", self.oracle, self.outcome) }
    }

    /// Whether the words tell the place of the defect, so that they are of one defect only.
    pub(crate) fn names_a_place(&self) -> bool {
        PLACES.iter().any(|place| self.outcome.contains(place))
    }

    /// Whether a finding is of it.
    pub(crate) fn is_of(&self, breach: &Breach) -> bool {
        breach.outcome.starts_with(&self.outcome)
    }

    /// Whether the broker has to be started again to go on.
    pub(crate) const fn is_fatal(&self) -> bool {
        matches!(self.oracle, Oracle::Liveness)
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.oracle, self.outcome)
    }
}

/// The words without what differs from time to time: numbers of threads and processes, times of day, memory held.
fn constant(trouble: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let names_a_place = |part: &&str| PLACES.iter().any(|place| part.contains(place));
    // Where it broke says more than how it ended.
    if let Some(part) = trouble.split("; ").find(names_a_place).filter(|part| *part != trouble) {
        return constant(part);
    }
    for part in trouble.split("; ").filter(|part| !part.starts_with("it last held ")) {
        let place = PLACES.iter().find_map(|place| Some((part.find(place)?, place.len())));
        parts.push(match place {
            Some((at, length)) => {
                let (_, place) = part.split_at(at);
                let (words, rest) = place.split_at(length);
                format!("{words}{}", rest.trim_end_matches(['`', ':']))
            }
            None => without_most_numbers(part),
        });
    }
    parts.join("; ")
}

/// The words with a sign in place of each number, but for a code or signal that a process ended with.
fn without_most_numbers(part: &str) -> String {
    if part.starts_with("it ended with") || part.starts_with("it was ended by") {
        return part.to_owned();
    }
    without_numbers(part)
}

#[cfg(test)]
mod tests {
    use super::Symptom;
    use crate::oracle::Oracle;

    #[test]
    fn one_defect_has_one_signature() {
        let of = |trouble: &str| Symptom::of_trouble(trouble);
        let died = "it was ended by signal 6 (SIGABRT); it last held 12 MiB of memory and 9 open files";
        assert_eq!(of(died), Symptom::new(Oracle::Liveness, "it was ended by signal 6 (SIGABRT)"));
        let panicked =
            |thread: u32| of(&format!("it wrote `thread 'main' ({thread}) panicked at src/router.rs:12:5:`"));
        assert_eq!(panicked(7), panicked(12_345));
        assert_eq!(panicked(7).outcome, "panicked at src/router.rs:12:5");
        assert_eq!(panicked(7).oracle, Oracle::Log);
        let died = of("it was ended by signal 6 (SIGABRT)");
        assert_eq!(panicked(7).and_then(Some(died)).signature(), panicked(7).signature());
        let crash = |time: &str| of(&format!("it wrote `{time} [error] CRASH REPORT Process <0.{time}.0>`"));
        assert_eq!(crash("12"), crash("2047"));
    }
}
