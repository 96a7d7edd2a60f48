//! What the specification says of a mutant.

use crate::model::{PacketType, ReasonCode};
use crate::{StatementId, Version, statement};

/// What a Server makes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It closes the Network Connection.
    MustClose,
    /// It closes the Network Connection, or answers with a code that refuses.
    MustRefuse,
    /// It takes the packet as any other.
    MustAccept,
    /// Both refusing and taking it are allowed, or the text says nothing.
    Either,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 4] = [Self::MustClose, Self::MustRefuse, Self::MustAccept, Self::Either];

    /// `must-close`, `must-refuse`, `must-accept` or `either`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MustClose => "must-close",
            Self::MustRefuse => "must-refuse",
            Self::MustAccept => "must-accept",
            Self::Either => "either",
        }
    }
}

/// What becomes of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What a Server makes of it.
    pub verdict: Verdict,
    /// What it breaks, most specific first, then what demands that the connection is closed; empty for what
    /// must be accepted.
    pub statements: Vec<StatementId>,
    /// 5.0: the codes that name the error. Those from 0x80 to 0x83 are honest as well (4.13.2).
    pub reason_codes: Vec<ReasonCode>,
    /// 3.1.1: the return codes that a CONNACK before the close may have; none where there must be no CONNACK.
    pub return_codes: Vec<ReasonCode>,
    /// The capabilities without which a Server may refuse what it must accept otherwise, by their names in
    /// the case language.
    pub needs: Vec<&'static str>,
}

/// What a change breaks, by version; nothing where the change is no error in a version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breach {
    pub(super) v3_1_1: Option<&'static [StatementId]>,
    pub(super) v5_0: Option<&'static [StatementId]>,
    pub(super) code: ReasonCode,
}

impl Breach {
    const fn own(&self, version: Version) -> Option<&'static [StatementId]> {
        match version {
            Version::V3_1_1 => self.v3_1_1,
            Version::V5_0 => self.v5_0,
        }
    }

    /// Whether a version has such a rule.
    pub(super) const fn applies(&self, version: Version) -> bool {
        self.own(version).is_some()
    }

    /// The statements in one version, and those that demand the close for any error.
    pub(super) fn statements(&self, version: Version, packet_type: PacketType) -> Vec<StatementId> {
        let mut statements = self.own(version).unwrap_or_default().to_vec();
        for &id in general(version, packet_type) {
            if !statements.contains(&id) {
                statements.push(id);
            }
        }
        statements
    }
}

/// What demands that a malformed packet ends the connection.
const fn general(version: Version, packet_type: PacketType) -> &'static [StatementId] {
    match (version, packet_type) {
        (Version::V3_1_1, PacketType::Connect) => &[statement!("MQTT-3.1.4-1")],
        (Version::V3_1_1, _) => &[statement!("MQTT-4.8.0-1")],
        (Version::V5_0, PacketType::Connect) => &[statement!("MQTT-3.1.4-1"), statement!("MQTT-4.13.1-1")],
        (Version::V5_0, _) => &[statement!("MQTT-4.13.1-1")],
    }
}

/// Declares breaches: `v3 [..]` and `v5 [..]` hold the specific statements, `-` says that a version has no such
/// rule.
macro_rules! breaches {
    ($($(#[$doc:meta])* $name:ident: $code:ident, v3 $v3:tt, v5 $v5:tt;)*) => {$(
        $(#[$doc])*
        const $name: $crate::mutation::expectation::Breach = $crate::mutation::expectation::Breach {
            v3_1_1: $crate::mutation::expectation::breaches!(@ $v3),
            v5_0: $crate::mutation::expectation::breaches!(@ $v5),
            code: $crate::model::ReasonCode::$code,
        };
    )*};
    (@ -) => { None };
    (@ [$($id:literal)*]) => { Some(&[$($crate::statement!($id)),*]) };
}
pub(super) use breaches;
