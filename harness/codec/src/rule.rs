//! A rule that bytes can break, with the statements it comes from.

use crate::model::ReasonCode;
use crate::{StatementId, Version, ViolationKind};

/// One demand on the bytes of a packet.
///
/// Each rule stands beside the field that it binds, in `src/layout`. A rule that cites nothing in a version
/// does not hold there.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// What is wrong with bytes that break it.
    pub kind: ViolationKind,
    /// The demand, in our own words.
    pub summary: &'static str,
    /// What 3.1.1 says: the most specific statement first, then the general ones that the same bytes break.
    pub v3_1_1: &'static [StatementId],
    /// What 5.0 says, in the same order.
    pub v5_0: &'static [StatementId],
    /// The code that the text gives for the breach, for a receiver that answers it: a Reason Code of 5.0, or
    /// a Connect Return code where only 3.1.1 has the rule.
    pub reason_code: ReasonCode,
}

impl Rule {
    /// The statements of one version, most specific first; empty when the version has no such rule.
    #[must_use]
    pub const fn statements(&self, version: Version) -> &'static [StatementId] {
        match version {
            Version::V3_1_1 => self.v3_1_1,
            Version::V5_0 => self.v5_0,
        }
    }

    /// Every rule that the decoder judges.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        crate::layout::rules()
    }
}

/// Declares rules: the comment is the demand, in our own words, and shown to users.
macro_rules! rules {
    ($(
        #[doc = $summary:literal]
        $vis:vis $name:ident: $kind:ident, $reason:ident,
            v3 [$($v3:literal)*],
            v5 [$($v5:literal)*];
    )*) => {
        $(
            #[doc = $summary]
            $vis static $name: $crate::Rule = $crate::Rule {
                kind: $crate::ViolationKind::$kind,
                summary: $summary.trim_ascii(),
                v3_1_1: &[$($crate::statement!($v3)),*],
                v5_0: &[$($crate::statement!($v5)),*],
                reason_code: $crate::model::ReasonCode::$reason,
            };
        )*

        /// The rules of this file.
        pub(super) static RULES: &[&$crate::Rule] = &[$(&$name),*];
    };
}

/// Declares what binds a UTF-8 encoded string: `short` when it is not all there, `text` when it is ill-formed,
/// `null` when it holds U+0000, each followed by the statements on the `packet`.
macro_rules! text_rules {
    ($(
        #[doc = $what:literal]
        $vis:vis $name:ident:
            short v3 [$($short3:literal)*] v5 [$($short5:literal)*],
            text v3 [$($text3:literal)*] v5 [$($text5:literal)*],
            null v3 [$($null3:literal)*] v5 [$($null5:literal)*],
            packet v3 [$($packet3:literal)*] v5 [$($packet5:literal)*];
    )*) => {
        $(
            #[doc = $what]
            $vis static $name: $crate::rule::Text = $crate::rule::Text {
                short: $crate::Rule {
                    kind: $crate::ViolationKind::Cut,
                    summary: concat!($what, " must be there in full").trim_ascii(),
                    v3_1_1: &[$($crate::statement!($short3),)* $($crate::statement!($packet3)),*],
                    v5_0: &[$($crate::statement!($short5),)* $($crate::statement!($packet5)),*],
                    reason_code: $crate::model::ReasonCode::MALFORMED_PACKET,
                },
                ill_formed: $crate::Rule {
                    kind: $crate::ViolationKind::IllFormedUtf8,
                    summary: concat!($what, " must be well-formed UTF-8").trim_ascii(),
                    v3_1_1: &[$($crate::statement!($text3),)* $($crate::statement!($packet3)),*],
                    v5_0: &[$($crate::statement!($text5),)* $($crate::statement!($packet5)),*],
                    reason_code: $crate::model::ReasonCode::MALFORMED_PACKET,
                },
                null: $crate::Rule {
                    kind: $crate::ViolationKind::NullCharacter,
                    summary: concat!($what, " must not contain U+0000").trim_ascii(),
                    v3_1_1: &[$($crate::statement!($null3),)* $($crate::statement!($packet3)),*],
                    v5_0: &[$($crate::statement!($null5),)* $($crate::statement!($packet5)),*],
                    reason_code: $crate::model::ReasonCode::MALFORMED_PACKET,
                },
            };
        )*

        /// The rules on strings of this file.
        pub(super) static TEXT_RULES: &[&$crate::Rule] =
            &[$(&$name.short, &$name.ill_formed, &$name.null),*];
    };
}

pub(crate) use {rules, text_rules};

/// What binds one UTF-8 encoded string.
pub(crate) struct Text {
    /// It is all there.
    pub(crate) short: Rule,
    /// It is well-formed UTF-8.
    pub(crate) ill_formed: Rule,
    /// It holds no U+0000.
    pub(crate) null: Rule,
}

/// Where to find what binds a string, asked only when the string breaks something.
pub(crate) trait TextRules: Copy {
    /// What binds the string.
    fn text(self) -> &'static Text;
}

impl TextRules for &'static Text {
    fn text(self) -> &'static Text {
        self
    }
}
