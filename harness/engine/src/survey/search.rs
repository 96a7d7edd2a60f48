//! The search for a limit: what the broker takes of some length says where to try next.

use super::Answer;
use super::found::Miss;

/// A search between a length that is taken and one where it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    taken: u32,
    end: u32,
    refused: Option<u32>,
}

impl Search {
    /// A search from a length that is taken for sure up to `end`.
    pub(super) const fn new(taken: u32, end: u32) -> Self {
        Self { taken, end, refused: None }
    }

    /// The length to try next; none when the limit is known. First the end: most brokers take it.
    pub(super) const fn next(&self) -> Option<u32> {
        match self.refused {
            None if self.taken >= self.end => None,
            None => Some(self.end),
            Some(refused) if refused - self.taken <= 1 => None,
            Some(refused) => Some(self.taken + (refused - self.taken) / 2),
        }
    }

    /// Takes note of whether [`Self::next`] was taken.
    pub(super) fn tell(&mut self, length: u32, is_taken: bool) {
        if is_taken {
            self.taken = self.taken.max(length);
        } else {
            self.refused = Some(self.refused.map_or(length, |refused| refused.min(length)));
        }
    }

    /// What is known.
    pub(super) const fn answer(&self) -> Answer {
        match self.refused {
            None => Answer::AtLeast(self.taken),
            Some(_) => Answer::Limit(self.taken),
        }
    }
}

/// Searches, and gives besides why the shortest that was refused was refused. Where the broker could not be asked, the
/// limit is unknown.
pub(super) async fn search(
    mut search: Search,
    mut accepts: impl AsyncFnMut(u32) -> Result<(), Miss>,
) -> (Answer, Option<String>) {
    let mut why = None;
    while let Some(length) = search.next() {
        match accepts(length).await {
            Ok(()) => search.tell(length, true),
            Err(Miss::Refused(how)) => {
                search.tell(length, false);
                why = Some(how);
            }
            Err(Miss::Unasked(how)) => return (Answer::Unknown, Some(how)),
        }
    }
    (search.answer(), why)
}

#[cfg(test)]
mod tests {
    use super::{Answer, Search};

    fn found(limit: u32, taken: u32, end: u32) -> (Answer, u32) {
        let mut search = Search::new(taken, end);
        let mut tries = 0;
        while let Some(length) = search.next() {
            search.tell(length, length <= limit);
            tries += 1;
        }
        (search.answer(), tries)
    }

    #[test]
    fn each_limit_is_found() {
        for limit in 23..300 {
            assert_eq!(found(limit, 23, 300).0, Answer::Limit(limit));
        }
        for limit in [300, 301, u32::MAX] {
            assert_eq!(found(limit, 23, 300), (Answer::AtLeast(300), 1));
        }
        assert_eq!(found(65_534, 23, 65_535), (Answer::Limit(65_534), 17));
        assert_eq!(found(5, 5, 5), (Answer::AtLeast(5), 0));
    }
}
