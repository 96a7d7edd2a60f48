//! From what was seen to a verdict. Pure: the trace, the plan and the register of statements go in, the
//! verdict with its reasons comes out.

use std::collections::BTreeSet;

use mqttspec_codec::{Citation, StatementId, statement};
use mqttspec_script::plan::{
    Action, Case, Control, Grade, PacketPattern, Pattern, Place, Role, Step, ValuePattern,
};
use mqttspec_spec::record::{self, Event, Finding, FindingKind};
use mqttspec_spec::{Level, Registry, Verdict};

use crate::conduct::ONE_TOO_MANY;
use crate::play::WITHOUT_CONNACK;
use crate::trace::{Deviation, DeviationKind, Playing, StepOutcome, StepReport, Trace};

/// What the judge says about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict: that of the worst finding, or pass.
    pub verdict: Verdict,
    /// Why it is not pass, and what was recorded.
    pub findings: Vec<Finding>,
    /// The rules that the findings cite.
    pub cited: BTreeSet<StatementId>,
    /// Whether a deadline led to it, so that it needs to be confirmed.
    pub by_deadline: bool,
    /// Whether the case broke the specification by itself, or cannot be played.
    pub case_error: bool,
}

/// Judges one case.
#[must_use]
pub fn judge(case: &Case, registry: &Registry, trace: &Trace) -> Outcome {
    let mut judge = Judge { case, registry, findings: Vec::new(), cited: Vec::new(), case_error: false };
    if let Some(playing) = &trace.control {
        judge.playing(playing, true);
    }
    match &trace.script {
        Some(playing) => judge.playing(playing, false),
        None if judge.findings.is_empty() => judge.undecided("the case was not played".to_owned()),
        None => {}
    }
    judge.outcome()
}

/// Whether a packet that breaks a rule of its own also is what the step rules out: where the end of the connection
/// is due any packet is, elsewhere one whose wrong field the step speaks of.
fn contradicts(step: &Step, field: Option<&str>) -> bool {
    let names = |pattern: &PacketPattern| {
        pattern.fields.iter().any(|named| match field {
            Some(ONE_TOO_MANY) => named.name == "packet_id" && named.value != ValuePattern::LastSent,
            _ => Some(named.name.as_str()) == field,
        })
    };
    match &step.action {
        Action::Closed { .. } => true,
        Action::Receive(receive) => receive.messages.iter().any(|message| names(&message.pattern)),
        Action::Expect { alternatives, .. } => {
            alternatives.iter().all(|alternative| match &alternative.pattern {
                Pattern::Closed(_) => true,
                Pattern::Packet(pattern) => names(pattern),
            })
        }
        Action::Open { .. }
        | Action::Send(_)
        | Action::End { .. }
        | Action::Wait { .. }
        | Action::Restart { .. } => false,
    }
}

/// Broken by a broker that keeps a connection on which it has said DISCONNECT.
const GOES_ON: StatementId = statement!("MQTT-3.14.4-2");

/// Whether a DISCONNECT has come since we last sent something, where the end of the connection is due. However wrong it
/// is, and whatever follows it, it announces that end.
fn says_farewell(playing: &Playing, step: &Step) -> bool {
    let latest = playing.entries.iter().rev().take_while(|entry| !matches!(entry.event, Event::Sent { .. }));
    let mut came = latest.filter_map(|entry| match &entry.event {
        Event::Received { bytes, .. } => Some(bytes),
        _ => None,
    });
    matches!(step.action, Action::Closed { .. }) && came.any(|bytes| bytes.starts_with('e'))
}

/// Whether a statement is about what a receiver does with a bad packet. A broker that sends one breaks another.
fn is_duty_to_close(own: StatementId) -> bool {
    const DUTIES: [StatementId; 2] = [statement!("MQTT-4.8.0-1"), statement!("MQTT-4.13.1-1")];
    DUTIES.contains(&own.statement())
}

/// Whether a statement rules out the CONNACK that refuses a CONNECT. Others that the CONNECT breaks only want the connection
/// to end, as it did.
fn speaks_of_connack(own: StatementId) -> bool {
    own == WITHOUT_CONNACK || own == statement!("MQTT-3.1.4-1") || own == statement!("MQTT-3.2.2-6")
}

/// Whether a breach cites a statement already, or the one whose clause it is.
fn cites(kind: &DeviationKind, own: StatementId) -> bool {
    match kind {
        DeviationKind::Breaks { statements, .. } => {
            statements.iter().any(|broken| *broken == own || *broken == own.statement())
        }
        _ => false,
    }
}

/// What is said about a finding besides its words.
#[derive(Clone, Copy)]
struct Nature {
    kind: FindingKind,
    by_deadline: bool,
}

/// Something that is no deviation.
const NOTED: Nature = Nature { kind: FindingKind::Noted, by_deadline: false };

impl Nature {
    fn of(deviation: &DeviationKind) -> Self {
        let kind = match deviation {
            DeviationKind::Wrong => FindingKind::Wrong,
            DeviationKind::Breaks { .. } => FindingKind::Breaks,
            DeviationKind::Lacking => FindingKind::Lacking,
            DeviationKind::Missing { .. } => FindingKind::Missing,
            DeviationKind::FenceMissing => FindingKind::FenceMissing,
            DeviationKind::Declined => FindingKind::Declined,
            DeviationKind::Unplayable => FindingKind::Unplayable,
            DeviationKind::CaseError => FindingKind::CaseError,
        };
        Self { kind, by_deadline: deviation.is_by_deadline() }
    }
}

struct Judge<'a> {
    case: &'a Case,
    registry: &'a Registry,
    findings: Vec<Finding>,
    cited: Vec<(Verdict, StatementId)>,
    case_error: bool,
}

impl Judge<'_> {
    fn playing(&mut self, playing: &Playing, is_control: bool) {
        let steps: &[Step] = match (&self.case.control, is_control) {
            (Control::Script(steps), true) => steps,
            _ => &self.case.steps,
        };
        for StepReport { step, outcome } in &playing.steps {
            let Some(step) = steps.get(*step) else { continue };
            match outcome {
                StepOutcome::Held => {}
                StepOutcome::Matched { grade, label, seen } => {
                    self.matched(step, *grade, label.as_deref(), seen);
                }
                StepOutcome::Missed { rule, seen } => self.missed(step, *rule, seen),
                StepOutcome::Deviated(deviation) => {
                    let says_farewell = says_farewell(playing, step);
                    self.deviated(step, deviation, is_control, says_farewell);
                }
            }
        }
        let is_complete = playing
            .steps
            .last()
            .is_some_and(|report| !report.outcome.goes_on() || is_control || report.step + 1 == steps.len());
        if !is_complete && self.findings.is_empty() {
            self.undecided("the script was not played to its end".to_owned());
        }
    }

    fn matched(&mut self, step: &Step, grade: Grade, label: Option<&str>, seen: &str) {
        match grade {
            Grade::Pass => {}
            Grade::Lenient(rule) => {
                self.find(Verdict::Lenient, &[rule], seen.to_owned(), None, Some(step.place), NOTED);
            }
            Grade::Unsupported => {
                self.find(Verdict::Unsupported, &[], seen.to_owned(), None, Some(step.place), NOTED);
            }
        }
        if let (Action::Expect { observe: Some(rule), .. }, Some(label)) = (&step.action, label) {
            self.find(Verdict::Info, &[*rule], seen.to_owned(), None, Some(step.place), NOTED);
            if let Some(finding) = self.findings.last_mut() {
                finding.choice = Some(label.to_owned());
            }
        }
    }

    /// A missed SHOULD makes a case lenient; a freedom that was not used makes nothing of it.
    fn missed(&mut self, step: &Step, rule: StatementId, seen: &str) {
        self.find(Verdict::Lenient, &[rule], seen.to_owned(), None, Some(step.place), NOTED);
    }

    fn deviated(&mut self, step: &Step, deviation: &Deviation, is_control: bool, says_farewell: bool) {
        let place = deviation.place.unwrap_or(step.place);
        let nature = Nature::of(&deviation.kind);
        let allowed = deviation.allowed.clone();
        let seen = deviation.seen.clone();
        match &deviation.kind {
            DeviationKind::CaseError => {
                self.case_error = true;
                let message = format!("case error: {seen}");
                self.find(Verdict::Inconclusive, &[], message, allowed, Some(place), nature);
            }
            DeviationKind::Breaks { statements, field } => {
                let mut statements = statements.clone();
                let ends = says_farewell && !statements.contains(&GOES_ON);
                if let (false, Role::Assertion(own)) = (is_control, &step.role)
                    && !ends
                    && contradicts(step, field.as_deref())
                {
                    let is_refusal = statements.contains(&WITHOUT_CONNACK);
                    statements.extend(own.iter().filter(|own| {
                        !cites(&deviation.kind, **own)
                            && !is_duty_to_close(**own)
                            && (!is_refusal || speaks_of_connack(**own))
                    }));
                }
                self.broken(&statements, seen, allowed, Some(place), nature);
            }
            DeviationKind::Lacking if is_control || step.role == Role::Setup => {
                self.find(Verdict::Unsupported, &[], seen, allowed, Some(place), nature);
            }
            DeviationKind::Declined => {
                let message = format!("the broker declines to serve the client: {seen}");
                self.find(Verdict::Inconclusive, &[], message, allowed, Some(place), nature);
            }
            DeviationKind::Unplayable => {
                let nature = Nature { by_deadline: true, ..nature };
                self.find(Verdict::Inconclusive, &[], seen, allowed, Some(place), nature);
            }
            DeviationKind::FenceMissing => {
                let message = format!("the fence did not hold: {seen}");
                self.find(Verdict::Inconclusive, &[], message, allowed, Some(place), nature);
            }
            DeviationKind::Wrong | DeviationKind::Lacking | DeviationKind::Missing { .. } if is_control => {
                let message = format!("the control did not hold: {seen}");
                self.find(Verdict::Inconclusive, &[], message, allowed, Some(place), nature);
            }
            DeviationKind::Wrong | DeviationKind::Lacking | DeviationKind::Missing { .. } => match &step.role
            {
                Role::Setup => {
                    let message = format!("a step that prepares the test did not hold: {seen}");
                    self.find(Verdict::Inconclusive, &[], message, allowed, Some(place), nature);
                }
                Role::Assertion(statements) => {
                    self.broken(statements, seen, allowed, Some(place), nature);
                }
            },
        }
    }

    /// A rule that was not kept: fail if it binds, lenient if it recommends, info if it only allows.
    fn broken(
        &mut self,
        statements: &[StatementId],
        seen: String,
        allowed: Option<String>,
        place: Option<Place>,
        nature: Nature,
    ) {
        let at_level = |wanted: fn(Level) -> bool| -> Vec<StatementId> {
            statements.iter().copied().filter(|id| self.level(*id).is_some_and(wanted)).collect()
        };
        let binding = at_level(Level::is_binding);
        let recommended = at_level(|level| level == Level::Should);
        let (verdict, cited) = match (binding.as_slice(), recommended.as_slice()) {
            ([_, ..], _) => (Verdict::Fail, binding),
            ([], [_, ..]) => (Verdict::Lenient, recommended),
            ([], []) if statements.is_empty() => (Verdict::Inconclusive, Vec::new()),
            ([], []) => (Verdict::Info, statements.to_vec()),
        };
        self.find(verdict, &cited, seen, allowed, place, nature);
    }

    fn level(&self, id: StatementId) -> Option<Level> {
        self.registry.get(Citation { version: self.case.version, id }).map(|statement| statement.level)
    }

    fn undecided(&mut self, message: String) {
        let nature = Nature { kind: FindingKind::Unplayed, by_deadline: false };
        self.find(Verdict::Inconclusive, &[], message, None, None, nature);
    }

    fn find(
        &mut self,
        verdict: Verdict,
        statements: &[StatementId],
        message: String,
        allowed: Option<String>,
        place: Option<Place>,
        nature: Nature,
    ) {
        self.cited.extend(statements.iter().map(|&id| (verdict, id)));
        self.findings.push(Finding {
            verdict,
            kind: nature.kind,
            statements: statements.iter().map(ToString::to_string).collect(),
            message,
            allowed,
            place: place.map(|place| self.place(place)),
            by_deadline: nature.by_deadline,
            choice: None,
        });
    }

    fn place(&self, place: Place) -> record::Place {
        let index = usize::try_from(place.line).unwrap_or_default().saturating_sub(1);
        let text = self.case.file.text.lines().nth(index).unwrap_or_default().to_owned();
        record::Place { line: place.line, column: place.column, text, length: place.length }
    }

    /// Whether the case only records what the broker chose, so that it could not have failed.
    fn only_records(&self) -> bool {
        let only_frees = self.case.covers.iter().all(|id| self.level(*id) == Some(Level::May));
        let only_observes = self
            .case
            .steps
            .iter()
            .filter(|step| matches!(step.role, Role::Assertion(_)))
            .all(|step| matches!(step.action, Action::Expect { observe: Some(_), .. }));
        only_frees || only_observes
    }

    fn outcome(mut self) -> Outcome {
        let worst = self.findings.iter().map(|finding| finding.verdict).max();
        let only_records = self.only_records();
        let verdict = match worst {
            // What was recorded beside a passing assertion does not make the case a mere record.
            Some(Verdict::Info) if !only_records => Verdict::Pass,
            Some(verdict) => verdict,
            None if only_records => Verdict::Info,
            None => Verdict::Pass,
        };
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        // A recommendation missed beside a broken MUST is a finding, but nothing that the broker broke.
        let decides = |found: Verdict| verdict != Verdict::Fail || found == Verdict::Fail;
        Outcome {
            verdict,
            by_deadline: self
                .findings
                .iter()
                .any(|finding| finding.verdict == verdict && finding.by_deadline),
            findings: self.findings,
            cited: self.cited.into_iter().filter(|(found, _)| decides(*found)).map(|(_, id)| id).collect(),
            case_error: self.case_error,
        }
    }
}
