//! What a user most likely meant.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::StatementId;
use mqttspec_spec::nearest;

/// The statement whose id is closest to a text, if one is close.
pub(crate) fn statement(text: &str, known: impl IntoIterator<Item = StatementId>) -> Option<StatementId> {
    // All numbered ids begin alike, which would make any two of them look close.
    let short = |id: &str| id.to_uppercase().trim_start_matches("MQTT-").to_owned();
    let known: BTreeMap<String, StatementId> =
        known.into_iter().map(|id| (id.to_string().trim_start_matches("MQTT-").to_owned(), id)).collect();
    let text = short(text);
    // A wrong number in a right section is likelier than another section.
    let section = text.rsplit_once('-').map(|(section, _)| format!("{section}-"));
    let all = || known.keys().map(String::as_str);
    let beside = all().filter(|id| section.as_ref().is_some_and(|section| id.starts_with(section.as_str())));
    nearest(&text, beside).or_else(|| nearest(&text, all())).and_then(|near| known.get(near).copied())
}

/// The id of a family of cases, or of a folder of them (`connect/*`), that is closest to a pattern, if any is close.
pub(crate) fn cases<'a>(pattern: &str, ids: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut names = BTreeSet::new();
    for id in ids {
        let family = id.split('[').next().unwrap_or_default();
        names.insert(family.to_owned());
        names
            .extend(family.match_indices('/').filter_map(|(at, _)| Some(format!("{}/*", family.get(..at)?))));
    }
    if let Some(near) = nearest(pattern, names.iter().map(String::as_str)) {
        return Some(near.to_owned());
    }
    let mut outer = pattern.trim_end_matches("/*");
    while let Some((folder, _)) = outer.rsplit_once('/') {
        let folder_name = format!("{folder}/*");
        if names.contains(&folder_name) {
            return Some(folder_name);
        }
        outer = folder;
    }
    // Of several names with the same last part the one that stands highest comes first.
    let mut last_parts: BTreeMap<&str, &str> = BTreeMap::new();
    let depth = |name: &str| name.matches('/').count();
    for name in &names {
        let last = name.trim_end_matches("/*").rsplit('/').next().unwrap_or_default();
        let place = last_parts.entry(last).or_insert(name);
        if depth(name) < depth(place) {
            *place = name;
        }
    }
    nearest(outer, last_parts.keys().copied())
        .and_then(|last| last_parts.get(last))
        .map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::statement;

    use super::{cases, statement};

    #[test]
    fn the_nearest_case_or_folder() {
        let ids = [
            "connect/second-connect/closed",
            "connect/second-connect/will[a]",
            "publish/retain/kept",
            "qos/two/x",
        ];
        for (pattern, guess) in [
            ("conect/second-connect/*", Some("connect/second-connect/*")),
            ("connect/second-connect/wil", Some("connect/second-connect/will")),
            ("publish/stranger", Some("publish/*")),
            ("publsh/stranger", Some("publish/*")),
            ("connect/second-connect/never-heard-of", Some("connect/second-connect/*")),
            ("second-conect", Some("connect/second-connect/*")),
            ("qos", Some("qos/*")),
            ("nonsense", None),
        ] {
            assert_eq!(cases(pattern, ids.into_iter()).as_deref(), guess, "{pattern}");
        }
    }

    #[test]
    fn the_nearest_statement() {
        let known = ["MQTT-3.1.2-22", "MQTT-3.1.2-9", "MQTT-3.1.4-2", "MQTT-3.12.4-1", "E5-48"];
        let known = known.map(|id| id.parse().unwrap());
        for (text, guess) in [
            ("3.1.2-22", Some(statement!("MQTT-3.1.2-22"))),
            ("mqtt-3.1.2-22", Some(statement!("MQTT-3.1.2-22"))),
            ("MQTT-3.1.2-99", Some(statement!("MQTT-3.1.2-9"))),
            ("MQTT-3.12.4-2", Some(statement!("MQTT-3.12.4-1"))),
            ("E5-49", Some(statement!("E5-48"))),
            ("MQTT-9.9.9-9", None),
        ] {
            assert_eq!(statement(text, known), guess, "{text}");
        }
    }
}
