//! Plays a script against a broker.

pub(crate) mod account;
mod actor;
mod closed;
mod ends;
mod expect;
mod frames;
mod opening;
mod player;
mod reading;
mod receive;
mod recorder;
mod repeats;
mod restart;
mod send;
mod twin;
mod user_properties;
mod words;

use std::time::Duration;

use mqttspec_script::plan::{Case, Step};

pub(crate) use closed::WITHOUT_CONNACK;
pub(crate) use player::Player;

use crate::clock::Clock;
use crate::control::BrokerControl;
use crate::names::PlayName;
use crate::timing::Timing;
use crate::transport::{Connector, WebSocket};

/// What one playing works with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) case: &'a Case,
    pub(crate) connector: &'a dyn Connector,
    pub(crate) websocket: Option<&'a WebSocket>,
    /// The means to restart the broker, if the run has any.
    pub(crate) control: Option<&'a dyn BrokerControl>,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) name: PlayName,
    /// When the case began: the zero of its timeline.
    pub(crate) began: Duration,
    /// What is played.
    pub(crate) part: Part<'a>,
}

/// What is played of a case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// The script.
    Script,
    /// A control of its own.
    Control(&'a [Step]),
    /// The script up to its first broken packet, with the well-formed twin in its place.
    Twin,
}

impl<'a> Stage<'a> {
    pub(crate) fn steps(&self) -> &'a [Step] {
        match self.part {
            Part::Script | Part::Twin => &self.case.steps,
            Part::Control(steps) => steps,
        }
    }

    pub(crate) const fn is_control(&self) -> bool {
        !matches!(self.part, Part::Script)
    }
}
