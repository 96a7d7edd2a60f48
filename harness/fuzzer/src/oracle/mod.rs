//! What the specification demands of the broker in a session, and whether it was seen. All of it is pure.

mod answers;
mod due;
mod must_accept;
mod must_close;
mod must_refuse;
mod state;

use std::fmt;
use std::ops::Range;

use mqttspec_codec::model::Packet;
use mqttspec_codec::{StatementId, Version};

pub(crate) use answers::{answer, answer_to_connect, is_refusal};
pub(crate) use due::is_whole;
pub use due::{Due, dues};

use crate::{Session, Symptom};

/// What noticed a breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oracle {
    /// A malformed packet or a Protocol Error ends the connection.
    MustClose,
    /// What may not be taken is refused.
    MustRefuse,
    /// What is legal is answered.
    MustAnswer,
    /// What the broker sends is well-formed, and legal where it comes.
    Reply,
    /// What is refused leaves nothing behind.
    State,
    /// The broker goes on to serve.
    Liveness,
    /// Nothing in it breaks, even if it lives on.
    Log,
    /// Clients that do nothing wrong are served as if there were no others.
    Canary,
    /// Its process gives back what it has taken.
    Resources,
    /// It comes back after it was killed.
    Restart,
}

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MustClose => "must-close",
            Self::MustRefuse => "must-refuse",
            Self::MustAnswer => "must-answer",
            Self::Reply => "reply",
            Self::State => "state",
            Self::Liveness => "liveness",
            Self::Log => "log",
            Self::Canary => "canary",
            Self::Resources => "resources",
            Self::Restart => "restart",
        })
    }
}

/// How a turn of a client ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the answers to everything, PINGREQ last.
    Settled,
    /// By the broker, with FIN or RST.
    Closed,
    /// With nothing more in the time that was given.
    Silent,
    /// Without a connection: none could be opened.
    Unreachable,
}

/// What one client sent at once, and what came back until everything was answered.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The client.
    pub client: usize,
    /// The steps of the session that were sent.
    pub steps: Range<usize>,
    /// Whether a PINGREQ was sent behind them.
    pub fenced: bool,
    /// What came back.
    pub received: Vec<Packet>,
    /// How it ended.
    pub end: End,
    /// What the broker may not send: the rules, and in words.
    pub misconduct: Option<(Vec<StatementId>, String)>,
}

/// A rule that the broker broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What noticed it.
    pub oracle: Oracle,
    /// The version that was spoken.
    pub version: Version,
    /// The rules, the most specific first; none when the broker is gone.
    pub statements: Vec<StatementId>,
    /// The step of the session that it is about, if it is about one.
    pub step: Option<usize>,
    /// What the broker did, in words that are the same for the same defect.
    pub outcome: String,
}

impl Breach {
    /// What is the same for all sessions that show one defect.
    #[must_use]
    pub fn signature(&self) -> String {
        // What befalls the process is of no version.
        if self.statements.is_empty() && self.oracle != Oracle::Reply {
            return Symptom { oracle: self.oracle, outcome: self.outcome.clone() }.signature();
        }
        let rule = self.statements.first().map_or_else(|| "none".to_owned(), ToString::to_string);
        // Whether the broker answers on a connection that it should have closed is the same defect, and so is a wrong
        // field at another place or with another value.
        let outcome = self.outcome.strip_suffix(PINGED).unwrap_or(&self.outcome);
        format!("{} {} {rule} {}", self.oracle, self.version, without_particulars(outcome))
    }
}

impl Breach {
    /// Whether a client got no answer to its CONNECT.
    pub(crate) fn is_about_connecting(&self) -> bool {
        let answer = answer_to_connect(self.version);
        self.oracle == Oracle::MustAnswer && self.statements.contains(&answer)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<String> = self.statements.iter().map(ToString::to_string).collect();
        write!(f, "{} {}: {}", self.version, self.oracle, self.outcome)?;
        if rules.is_empty() { Ok(()) } else { write!(f, " [{}]", rules.join(", ")) }
    }
}

/// What is added where the broker goes on to serve a connection.
const PINGED: &str = ", and PINGREQ is answered";

/// Words without what differs between sessions that show one defect: names in quotation marks, and numbers.
pub(crate) fn without_particulars(words: &str) -> String {
    let parts = words.split('"').enumerate();
    let plain: Vec<&str> = parts.map(|(index, part)| if index % 2 == 0 { part } else { ".." }).collect();
    without_numbers(&plain.join("\""))
}

/// Words with a sign in place of each number.
pub(crate) fn without_numbers(words: &str) -> String {
    let mut all = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '0'..='9' if all.ends_with('#') => {}
            '0'..='9' => all.push('#'),
            _ => all.push(c),
        }
    }
    all
}

/// What a turn shows.
#[must_use]
pub fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let breach = |oracle, statements: Vec<StatementId>, step, outcome: String| {
        Some(Breach { oracle, version: session.version, statements, step, outcome })
    };
    if turn.end == End::Unreachable {
        return breach(Oracle::Liveness, Vec::new(), None, "no connection can be opened".to_owned());
    }
    if let Some((statements, words)) = &turn.misconduct {
        let step = turn.steps.clone().last();
        return breach(Oracle::Reply, statements.clone(), step, words.clone());
    }
    state::judge(session, turn)
        .or_else(|| must_close::judge(session, dues, turn))
        .or_else(|| must_refuse::judge(session, dues, turn))
        .or_else(|| must_accept::judge(session, dues, turn))
}

/// Whether a turn has got all that it can wait for, so that more time would show nothing else.
#[must_use]
pub fn is_settled(session: &Session, dues: &[Due], turn: &Turn) -> bool {
    let mut all = turn.steps.clone().filter_map(|step| dues.get(step));
    if !turn.fenced || all.any(Due::must_close) {
        return false;
    }
    must_accept::missing(session, dues, turn).is_none() && must_refuse::judge(session, dues, turn).is_none()
}
