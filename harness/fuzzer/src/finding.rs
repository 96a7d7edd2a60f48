//! A defect of the broker.

use crate::oracle::{Breach, Due, Oracle, Turn};
use crate::session::Session;

/// A defect of the broker.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that was broken.
    pub breach: Breach,
    /// The smallest session that shows it.
    pub session: Session,
    /// What is due in it.
    pub dues: Vec<Due>,
    /// What was seen in it.
    pub turns: Vec<Turn>,
    /// The numbers of the sessions that the smallest one was made of, in order: one, or two that do it together.
    pub origin: Vec<u64>,
    /// The numbers of sessions that showed it, the first ones of them.
    pub numbers: Vec<u64>,
    /// How many sessions showed it.
    pub count: u64,
    /// How the smallest session comes from the origin.
    pub reductions: Vec<usize>,
    /// How often it showed when it was played again.
    pub replays: Replays,
    /// The last lines that the broker had written.
    pub log: Vec<String>,
}

/// How often a finding showed, of how many times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replays {
    /// How often it showed.
    pub shown: u32,
    /// How often it was played.
    pub played: u32,
}

impl Replays {
    /// Whether it showed in the lesser part.
    pub(crate) const fn is_rare(self) -> bool {
        self.shown * 2 < self.played
    }

    pub(crate) fn count(&mut self, shows: bool) {
        self.played += 1;
        self.shown += u32::from(shows);
    }
}

impl Finding {
    /// A name of lower case letters, digits and hyphens.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = String::new();
        for c in self.breach.signature().chars() {
            match c {
                'a'..='z' | '0'..='9' => name.push(c),
                'A'..='Z' => name.push(c.to_ascii_lowercase()),
                _ if !name.ends_with('-') => name.push('-'),
                _ => {}
            }
        }
        name.truncate(80);
        name.trim_end_matches('-').to_owned()
    }

    /// Whether a case can show it. What a process holds, and whether it comes back after a kill, is seen from outside.
    #[must_use]
    pub const fn fits_a_case(&self) -> bool {
        !matches!(self.breach.oracle, Oracle::Resources | Oracle::Restart)
    }

    /// Whether it is about clients that have nothing to do with it: a case has one of them only.
    #[must_use]
    pub const fn is_about_others(&self) -> bool {
        matches!(self.breach.oracle, Oracle::Canary)
    }
}
