//! What the documentation of a broker says, brought to the place that it is about.

use mqttspec_codec::Version;
use mqttspec_spec::Statement;
use mqttspec_spec::record::{Note, Run};

use crate::escape::clip;
use crate::section::Section;

/// Longer notes are cut, in characters.
const LONGEST_NOTE: usize = 1000;

/// The notes of a run, and which of them have found a place.
pub(crate) struct Notes<'a> {
    notes: Vec<(&'a Note, bool)>,
}

impl<'a> Notes<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        Self { notes: run.broker.notes.iter().map(|note| (note, false)).collect() }
    }

    /// Those about a section or a part of it.
    pub(crate) fn about_section(&mut self, version: Version, section: Section) -> Vec<String> {
        self.take(version, |about| Section::parse(about) == Some(section))
    }

    /// Those about a statement.
    pub(crate) fn about(&mut self, statement: &Statement) -> Vec<String> {
        let id = statement.citation.id.to_string();
        let notes = self.take(statement.citation.version, |about| about == id);
        let prefix = format!("Documented about {id}: ");
        notes
            .into_iter()
            .map(|note| note.strip_prefix(&prefix).map_or(note.clone(), |says| format!("Documented: {says}")))
            .collect()
    }

    /// Those that have found no place: about the whole, or about what is in no register.
    pub(crate) fn left(self) -> Vec<String> {
        self.notes.iter().filter(|(_, is_placed)| !is_placed).map(|(note, _)| words(note)).collect()
    }

    fn take(&mut self, version: Version, is_about: impl Fn(&str) -> bool) -> Vec<String> {
        let mut taken = Vec::new();
        for (note, is_placed) in &mut self.notes {
            let is_of_version = note.version.as_deref().is_none_or(|of| of == version.as_str());
            if is_of_version && note.about.as_deref().is_some_and(&is_about) {
                *is_placed = true;
                taken.push(words(note));
            }
        }
        taken
    }
}

fn words(note: &Note) -> String {
    let says = clip(&note.says, LONGEST_NOTE);
    match &note.about {
        None => format!("Documented: {says}"),
        Some(about) => format!("Documented about {about}: {says}"),
    }
}
