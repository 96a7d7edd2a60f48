//! Text in which placeholders stand for what only a launch knows.

use crate::diagnostic::Problems;
use crate::plan::Place;
use crate::yaml::Node;
use mqttspec_spec::nearest;

/// What a launch puts into a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `{{port}}`, `{{port.NAME}}`: the number of a port; without a name that of the first listener.
    Port(Option<String>),
    /// `{{dir}}`: the folder that belongs to this launch, which is the working folder.
    Folder,
    /// `{{here}}`: the folder that the profile stands in.
    Here,
    /// `{{tools}}`: the folder for what is installed only to be put to the test.
    Tools,
    /// `{{user}}`: the User Name of the account that cases use.
    User,
    /// `{{password}}`: the Password of that account.
    Password,
    /// `{{ca}}`: the certificate of the authority that the certificate of this launch comes from.
    Authority,
    /// `{{cert}}`: the certificate of the broker.
    Certificate,
    /// `{{key}}`: the private key that goes with it.
    Key,
    /// `{{#tls}}`: where something begins that is left out when there are no certificates.
    TlsStart,
    /// `{{/tls}}`: where it ends.
    TlsEnd,
}

/// The placeholders without a parameter.
const PLAIN: &[(&str, Placeholder)] = &[
    ("port", Placeholder::Port(None)),
    ("dir", Placeholder::Folder),
    ("here", Placeholder::Here),
    ("tools", Placeholder::Tools),
    ("user", Placeholder::User),
    ("password", Placeholder::Password),
    ("ca", Placeholder::Authority),
    ("cert", Placeholder::Certificate),
    ("key", Placeholder::Key),
    ("#tls", Placeholder::TlsStart),
    ("/tls", Placeholder::TlsEnd),
];

const START: &str = "{{";
const END: &str = "}}";

/// Text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

impl Template {
    /// Reads a template; placeholders that stand for nothing are noted. `ports` are the names that there are.
    pub(super) fn read(text: &str, node: &Node, ports: &[String], problems: &mut Problems) -> Self {
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.find(START)).map(|start| at + start) {
            let name_at = start + START.len();
            let Some(length) = text.get(name_at..).and_then(|rest| rest.find(END)) else { break };
            let name = text.get(name_at..name_at + length).unwrap_or_default();
            parts.push(Part::Text(text.get(at..start).unwrap_or_default().to_owned()));
            at = name_at + length + END.len();
            match placeholder(name.trim(), ports) {
                Ok(placeholder) => parts.push(Part::Placeholder(placeholder)),
                Err(advice) => problems.advise(
                    place_of(text, start..at, node),
                    format!("`{START}{name}{END}` stands for nothing"),
                    "unknown placeholder",
                    advice,
                ),
            }
        }
        parts.push(Part::Text(text.get(at..).unwrap_or_default().to_owned()));
        let template = Self { parts };
        if let Some(advice) = template.misplaced() {
            problems.advise(node.place, "a placeholder stands at the wrong place", "in this text", advice);
        }
        template
    }

    /// What is wrong with the parts about TLS, if anything is.
    fn misplaced(&self) -> Option<&'static str> {
        let mut is_open = false;
        for placeholder in self.placeholders() {
            match placeholder {
                Placeholder::TlsStart | Placeholder::TlsEnd
                    if is_open == matches!(placeholder, Placeholder::TlsStart) =>
                {
                    return Some("each {{#tls}} has one {{/tls}} behind it");
                }
                Placeholder::TlsStart | Placeholder::TlsEnd => is_open = !is_open,
                Placeholder::Authority | Placeholder::Certificate | Placeholder::Key if !is_open => {
                    return Some("{{ca}}, {{cert}} and {{key}} stand between {{#tls}} and {{/tls}}");
                }
                _ => {}
            }
        }
        is_open.then_some("each {{#tls}} has one {{/tls}} behind it")
    }

    /// The text with every placeholder filled in; without certificates what is between `{{#tls}}` and `{{/tls}}` is left
    /// out.
    #[must_use]
    pub fn fill(&self, has_certificates: bool, value: impl Fn(&Placeholder) -> String) -> String {
        let mut text = String::new();
        let mut is_left_out = false;
        for part in &self.parts {
            match part {
                Part::Placeholder(Placeholder::TlsStart) => is_left_out = !has_certificates,
                Part::Placeholder(Placeholder::TlsEnd) => is_left_out = false,
                _ if is_left_out => {}
                Part::Text(part) => text.push_str(part),
                Part::Placeholder(placeholder) => text.push_str(&value(placeholder)),
            }
        }
        text
    }

    /// The placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Placeholder(placeholder) => Some(placeholder),
        })
    }
}

fn placeholder(name: &str, ports: &[String]) -> Result<Placeholder, String> {
    if let Some((_, placeholder)) = PLAIN.iter().find(|(known, _)| *known == name) {
        return Ok(placeholder.clone());
    }
    if let Some(port) = name.strip_prefix("port.") {
        return if ports.iter().any(|known| known == port) {
            Ok(Placeholder::Port(Some(port.to_owned())))
        } else {
            Err(format!("the ports of the listeners are {}", ports.join(", ")))
        };
    }
    Err(match nearest(name, PLAIN.iter().map(|(known, _)| *known)) {
        Some(near) => format!("did you mean `{START}{near}{END}`?"),
        None => {
            let known: Vec<&str> = PLAIN.iter().map(|(known, _)| *known).collect();
            format!("known here: {}, and port.NAME", known.join(", "))
        }
    })
}

/// The place of a part of a string. In a string on one line quotes may stand before it, so all of it is meant.
fn place_of(text: &str, range: std::ops::Range<usize>, node: &Node) -> Place {
    if !text.contains('\n') {
        return node.place;
    }
    let before = text.get(..range.start).unwrap_or_default();
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let lines = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Place {
        line: node.place.line + lines,
        column: node.place.column + count(before.get(line_start..).unwrap_or_default()),
        length: count(text.get(range).unwrap_or_default()),
    }
}
