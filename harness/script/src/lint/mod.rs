//! What a case must keep to beyond its form, so that a fail is the broker's fault and a pass could have been
//! a fail.

mod absence;
mod assertions;
mod control;
mod inspection;
mod load;
mod placeholders;
mod rehearsal;
mod restart;
mod versions;
mod violations;
mod websocket;

pub(crate) use inspection::inspect;
pub(crate) use versions::check as check_versions;
pub use violations::depends_on_connack;

use crate::diagnostic::Problems;
use crate::plan::Case;

/// Checks a case, and settles how it is controlled.
pub(crate) fn lint(case: &mut Case, problems: &mut Problems) {
    assertions::check(case, problems);
    absence::check(case, problems);
    placeholders::check(case, problems);
    load::check(case, problems);
    restart::check(case, problems);
    violations::check(case, problems);
    websocket::check(case, problems);
    case.control = control::settle(case, problems);
}
