//! Proves that the cases of mqttspec can pass, and that they can fail.
//!
//! Everything runs in memory and in virtual time: on the reference broker every case must hold; with a switch
//! turned off a case that covers its statement must fail; on brokers that do nothing right none may pass.

mod audit;
mod configurations;
mod degenerate;
mod in_virtual_time;
mod noticing;
mod reference_control;
mod report;

pub use audit::{Audit, Breadth, Extent, Intact, Kill, Switch, audit, cross_kill};
pub use configurations::{Named, configurations, with_account};
pub use degenerate::Degenerate;
pub use in_virtual_time::{Verdicts, against_degenerate, against_reference};
pub use noticing::{Listed, NOTICING_NOTHING, Noticing, Unlisted};
pub use reference_control::ReferenceControl;
pub use report::{Report, render, render_breadth, render_noticing};
