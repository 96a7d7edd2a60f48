//! A defect of the broker, and the case that shows it.

use std::fmt::Write;

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::mutation::Verdict;
use mqttspec_codec::{Context, StatementId, decode, describe};

use crate::oracle::{Breach, Due, Turn, answer, answer_to_connect};
use crate::session::{Session, Step};

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
}

/// The names of clients in cases.
const CLIENTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn client(index: usize) -> &'static str {
    CLIENTS.get(index).copied().unwrap_or("a")
}

/// The finding in the case language.
#[must_use]
pub fn case(finding: &Finding, command: &str) -> String {
    let mut text = String::new();
    // Nothing that is written to a string fails.
    let _ = write_case(&mut text, finding, command);
    text
}

fn write_case(text: &mut String, finding: &Finding, command: &str) -> std::fmt::Result {
    let Finding { breach, session, .. } = finding;
    let version = session.version;
    writeln!(text, "# {command}")?;
    writeln!(text, "- id: {}", finding.name())?;
    writeln!(text, "  title: {}", quoted(&breach.to_string()))?;
    let covered = if breach.statements.is_empty() {
        list(&[answer_to_connect(version)])
    } else {
        list(&breach.statements)
    };
    writeln!(text, "  covers: {{{version}: [{covered}]}}")?;
    let count = session.clients().max(1);
    let mut clients: Vec<String> = (0..count).map(|index| format!("{}: {{}}", client(index))).collect();
    if breach.statements.is_empty() {
        clients.push("after: {}".to_owned());
    }
    writeln!(text, "  clients: {{{}}}", clients.join(", "))?;
    writeln!(text, "  script:")?;
    let mut open = vec![false; count];
    let mut steps = 0..0;
    for turn in &finding.turns {
        // Between turns stand only steps that end a connection.
        for index in steps.end..turn.steps.start {
            if let Some(Step::Drop { client: index }) = session.steps.get(index)
                && let Some(is_open) = open.get_mut(*index)
                && std::mem::take(is_open)
            {
                writeln!(text, "    - drop: {{client: {}, how: rst}}", client(*index))?;
            }
        }
        if let Some(is_open) = open.get_mut(turn.client)
            && !std::mem::replace(is_open, true)
        {
            writeln!(text, "    - open: {{client: {}}}", client(turn.client))?;
        }
        write_turn(text, finding, turn)?;
        if !turn.steps.is_empty() {
            steps = turn.steps.clone();
        }
    }
    // What breaks no statement has befallen the broker as a whole: it has to serve whoever comes next.
    if breach.statements.is_empty() {
        writeln!(text, "    - connect: {{client: after}}")?;
    }
    Ok(())
}

fn write_turn(text: &mut String, finding: &Finding, turn: &Turn) -> std::fmt::Result {
    let version = finding.session.version;
    let name = client(turn.client);
    let mut closes = false;
    // What comes in the wrong order may only come so when nobody waits between the packets.
    let is_at_once = turn.misconduct.is_some();
    let mut answers = String::new();
    for index in turn.steps.clone() {
        let (Some(step), Some(due)) = (finding.session.steps.get(index), finding.dues.get(index)) else {
            continue;
        };
        let bytes = step.bytes(version);
        closes |= due.must_close();
        let Step::Send { packet, mutant, .. } = step else { continue };
        let behind = match finding.session.steps.get(index + 1) {
            Some(step @ Step::Behind { .. }) => step.bytes(version),
            _ => Bytes::new(),
        };
        let what = match mutant {
            None => describe(packet, version),
            Some(mutant) => format!("{} changed by {}", packet.packet_type(), mutant.label()),
        };
        writeln!(text, "    # {}", what.replace('\n', " "))?;
        let rules = match decode(&bytes, Context::from_client(version)) {
            Err(violation) => violation.statements().to_vec(),
            Ok(_) => due.statements.clone(),
        };
        let hex: String = bytes.iter().chain(&behind).map(|byte| format!("{byte:02x}")).collect();
        write!(text, "    - send: {{client: {name}, raw: \"{hex}\"")?;
        if !rules.is_empty() {
            let twin = if matches!(packet, Packet::Connect(_)) { "connect" } else { "pingreq" };
            write!(text, ", violates: [{}], twin: {{{twin}: {{}}}}", list(&rules))?;
        }
        if finding.session.in_pieces {
            write!(text, ", chunks: each(1)")?;
        }
        writeln!(text, "}}")?;
        let awaited = answer(packet, version).filter(|_| due.verdict == Some(Verdict::MustAccept));
        if let Some((packet_type, _)) = awaited {
            let rest = if *packet == Packet::PingReq { "" } else { ".." };
            let word = packet_type.name().to_ascii_lowercase();
            let text = if is_at_once { &mut answers } else { &mut *text };
            writeln!(text, "    - expect: {{client: {name}, {word}: {{{rest}}}}}")?;
        }
    }
    text.push_str(&answers);
    if closes {
        return writeln!(text, "    - closed: {{client: {name}, reason: any}}");
    }
    let refused =
        |index: usize| finding.dues.get(index).is_some_and(|due| due.verdict == Some(Verdict::MustRefuse));
    if turn.steps.clone().any(refused) {
        let codes = refusals(finding, turn);
        return writeln!(text, "    - expect: {{client: {name}, any: [{codes}{{closed: {{reason: any}}}}]}}");
    }
    if turn.fenced {
        writeln!(text, "    - send: {{client: {name}, pingreq: {{}}}}")?;
        writeln!(text, "    - expect: {{client: {name}, pingresp: {{}}}}")?;
    }
    Ok(())
}

/// The SUBACKs that refuse one Topic Filter or another, as alternatives.
fn refusals(finding: &Finding, turn: &Turn) -> String {
    let filters = turn.steps.clone().find_map(|index| match finding.session.steps.get(index) {
        Some(Step::Send { packet: Packet::Subscribe(subscribe), .. }) => Some(subscribe.filters.len()),
        _ => None,
    });
    let filters = filters.unwrap_or(0);
    let alternative = |refused| {
        let code = |index| if index == refused { "{from: 0x80, to: 0xff}" } else { "{from: 0, to: 0xff}" };
        let codes: Vec<&str> = (0..filters).map(code).collect();
        format!("{{suback: {{reason_codes: [{}], ..}}}}, ", codes.join(", "))
    };
    (0..filters).map(alternative).collect()
}

fn list(statements: &[StatementId]) -> String {
    let all: Vec<String> = statements.iter().map(ToString::to_string).collect();
    all.join(", ")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " "))
}
