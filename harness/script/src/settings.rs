//! Files of plain settings: a mapping from names to values, or to lists of such.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Problems};
use crate::plan::{File, Place};
use crate::yaml::{Kind, Node, Strings, read_with};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_place: Place,
    /// What it says.
    pub value: SettingValue,
    /// Where that stands.
    pub value_place: Place,
}

/// What a setting says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// `true` or `false`.
    Flag(bool),
    /// One word or several, numbers among them.
    Words(Vec<String>),
}

/// Reads a file of settings. What they are called and may say is for the caller to judge.
///
/// # Errors
/// When it is no mapping of plain values: all that is wrong with it.
pub fn read_settings(file: &Arc<File>) -> Result<Vec<Setting>, Vec<Diagnostic>> {
    let mut problems = Problems::new(Arc::clone(file));
    let mut settings = Vec::new();
    if let Some(node) = read_with(&file.text, Strings::Literal, &mut problems) {
        if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
            problems.add(node.place, "wrong type", format!("expected a mapping, got {}", node.words()));
        }
        for entry in node.entries() {
            if let Some(value) = value(&entry.value, &mut problems) {
                settings.push(Setting {
                    name: entry.key.text.clone(),
                    name_place: entry.key.place,
                    value,
                    value_place: entry.value.place,
                });
            }
        }
    }
    if problems.len() == 0 { Ok(settings) } else { Err(problems.into_list()) }
}

fn value(node: &Node, problems: &mut Problems) -> Option<SettingValue> {
    if let Some(flag) = node.flag() {
        return Some(SettingValue::Flag(flag));
    }
    let mut words = Vec::new();
    for item in node.one_or_more() {
        match item.scalar() {
            Some(word) => words.push(word),
            None => {
                let label = format!(
                    "expected a string, a number, true, false or a list of such, got {}",
                    item.words()
                );
                problems.add(item.place, "wrong type", label);
            }
        }
    }
    (words.len() == node.one_or_more().len()).then_some(SettingValue::Words(words))
}
