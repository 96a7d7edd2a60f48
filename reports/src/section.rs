//! The sections of the specification by which reports group cases.

use std::collections::BTreeMap;
use std::fmt;

use mqttspec_codec::{Citation, StatementId, Version};
use mqttspec_spec::record::Case;
use mqttspec_spec::{Registry, Statement};

/// A top-level section: a chapter, or in chapters 3 (the packets) and 4 (the behaviour) a section of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Section {
    chapter: u8,
    /// 0 where the chapter is not divided.
    part: u8,
}

impl Section {
    /// Where cases go whose statements no register knows; it sorts last.
    const ELSEWHERE: Self = Self { chapter: u8::MAX, part: 0 };

    /// The section of the first statement that a case covers.
    pub(crate) fn of(case: &Case, registry: &Registry) -> Self {
        case.statements
            .first()
            .and_then(|id| Self::of_statement(&case.version, id, registry))
            .unwrap_or(Self::ELSEWHERE)
    }

    /// The section that holds a statement; `None` when no register knows it.
    pub(crate) fn of_statement(version: &str, id: &str, registry: &Registry) -> Option<Self> {
        let version: Version = version.parse().ok()?;
        let citation = Citation { version, id: id.parse::<StatementId>().ok()? };
        Self::parse(&registry.get(citation)?.section)
    }

    /// All rules of one version by section.
    pub(crate) fn all(version: Version, registry: &Registry) -> BTreeMap<Self, Vec<&Statement>> {
        let mut sections: BTreeMap<Self, Vec<&Statement>> = BTreeMap::new();
        for statement in registry.iter().filter(|statement| statement.citation.version == version) {
            let section = Self::parse(&statement.section).unwrap_or(Self::ELSEWHERE);
            sections.entry(section).or_default().push(statement);
        }
        sections
    }

    /// Reads `3.1.2.4`, or the first of several such numbers.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split([',', ' ']).next()?.split('.');
        let chapter: u8 = numbers.next()?.parse().ok()?;
        let part = match chapter {
            3 | 4 => numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0),
            _ => 0,
        };
        Some(Self { chapter, part })
    }

    /// The section's name in this version, shortened.
    pub(crate) fn title(self, version: &str) -> &'static str {
        let five = version == Version::V5_0.as_str();
        match (self.chapter, self.part) {
            (1, _) => "Data representation",
            (2, _) => "Packet format",
            (3, 1) => "CONNECT",
            (3, 2) => "CONNACK",
            (3, 3) => "PUBLISH",
            (3, 4) => "PUBACK",
            (3, 5) => "PUBREC",
            (3, 6) => "PUBREL",
            (3, 7) => "PUBCOMP",
            (3, 8) => "SUBSCRIBE",
            (3, 9) => "SUBACK",
            (3, 10) => "UNSUBSCRIBE",
            (3, 11) => "UNSUBACK",
            (3, 12) => "PINGREQ",
            (3, 13) => "PINGRESP",
            (3, 14) => "DISCONNECT",
            (3, 15) => "AUTH",
            (3, _) => "Control Packets",
            (4, 1) => "Session state",
            (4, 2) => "Network Connections",
            (4, 3) => "QoS levels",
            (4, 4) => "Delivery retry",
            (4, 5) => "Message receipt",
            (4, 6) => "Message ordering",
            (4, 7) => "Topics",
            (4, 8) if five => "Subscriptions",
            (4, 8) => "Errors",
            (4, 9) => "Flow Control",
            (4, 10) => "Request and response",
            (4, 11) => "Server redirection",
            (4, 12) => "Enhanced authentication",
            (4, 13) => "Errors",
            (4, _) => "Operational behaviour",
            (5, _) => "Security",
            (6, _) => "WebSocket",
            (7, _) => "Conformance",
            _ => "Unregistered",
        }
    }

    /// Two names without dots or spaces, joined by a dot: `3-1.connect`.
    pub(crate) fn dotted(self, version: &str) -> String {
        let number = self.to_string().replace('.', "-");
        format!("{number}.{}", self.title(version).to_lowercase().replace(' ', "-"))
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.chapter, self.part) {
            (u8::MAX, _) => f.pad("other"),
            (chapter, 0) => f.pad(&chapter.to_string()),
            (chapter, part) => f.pad(&format!("{chapter}.{part}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Section;

    #[test]
    fn sections_are_cut_where_chapters_are_divided() {
        let shown = |text: &str| Section::parse(text).map(|section| section.to_string());
        for (text, expected) in [
            ("1.5.4", "1"),
            ("3.1.2.11.2", "3.1"),
            ("3.12.4", "3.12"),
            ("4.7", "4.7"),
            ("3.4.1, 3.5.1", "3.4"),
            ("6", "6"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected));
        }
        assert_eq!(shown("six"), None);
    }

    #[test]
    fn sections_sort_by_number() {
        assert!(Section::parse("3.2") < Section::parse("3.12"));
        assert!(Section::parse("6").is_some_and(|section| section < Section::ELSEWHERE));
    }

    #[test]
    fn the_dotted_name_has_one_dot() {
        assert_eq!(
            Section::parse("4.12").map(|section| section.dotted("5.0")).as_deref(),
            Some("4-12.enhanced-authentication")
        );
        assert_eq!(Section::ELSEWHERE.dotted("5.0"), "other.unregistered");
    }
}
