//! What becomes of a breach.

use crate::{Context, FieldName, Rule, Violation};

/// Decides whether reading goes on after a breach.
pub(crate) trait Judge: Copy {
    /// What ends the reading.
    type Error;

    /// A rule is broken: `Ok` goes on.
    fn fail(
        self,
        context: Context,
        field: FieldName,
        offset: usize,
        rule: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// A rule is broken in a way after which nothing can be read.
    fn end(self, context: Context, field: FieldName, offset: usize, rule: &'static Rule) -> Self::Error;
}

/// Something is wrong with a packet; what, a second reading tells.
#[derive(Debug)]
pub(crate) struct Broken;

/// Ends at the first thing that looks wrong, without a word, and leaves it to a second reading to judge it.
/// Nothing has to be kept at hand for an explanation, so that a packet without fault is read faster.
#[derive(Clone, Copy)]
pub(crate) struct Hasty;

impl Judge for Hasty {
    type Error = Broken;

    #[inline(always)]
    fn fail(self, _: Context, _: FieldName, _: usize, _: &'static Rule) -> Result<(), Broken> {
        Err(Broken)
    }

    #[inline(always)]
    fn end(self, _: Context, _: FieldName, _: usize, _: &'static Rule) -> Broken {
        Broken
    }
}

/// Explains each breach, and ends at the first that is not tolerated.
#[derive(Clone, Copy)]
pub(crate) struct Careful<'a> {
    tolerate: &'a dyn Fn(&Violation) -> bool,
}

impl<'a> Careful<'a> {
    pub(crate) const fn new(tolerate: &'a dyn Fn(&Violation) -> bool) -> Self {
        Self { tolerate }
    }
}

impl Judge for Careful<'_> {
    type Error = Violation;

    #[cold]
    fn fail(
        self,
        context: Context,
        field: FieldName,
        offset: usize,
        rule: &'static Rule,
    ) -> Result<(), Violation> {
        if rule.statements(context.version).is_empty() {
            return Ok(());
        }
        let violation = self.end(context, field, offset, rule);
        if (self.tolerate)(&violation) { Ok(()) } else { Err(violation) }
    }

    #[cold]
    fn end(self, context: Context, field: FieldName, offset: usize, rule: &'static Rule) -> Violation {
        Violation { kind: rule.kind, field, offset, rule, version: context.version }
    }
}
