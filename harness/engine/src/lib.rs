//! Runs the cases of mqttspec against a broker, and judges what was seen.
//!
//! Sockets and time stand at the edge: the conduct of the broker ([`Conduct`]) and the verdict ([`judge()`])
//! are pure functions of packets and traces.

mod capability;
mod cleanup;
mod clock;
mod conduct;
mod control;
mod judge;
mod names;
mod play;
mod probe;
mod ready;
mod run;
mod sanity;
mod survey;
mod timing;
mod trace;
pub mod transport;

pub use capability::{Capabilities, Lack};
pub use clock::Clock;
pub use conduct::{Conduct, Misconduct};
pub use control::{BrokerControl, RestartError, Restarting, Usage};
pub use judge::{Outcome, judge};
pub use names::{PlayName, RunName};
pub use ready::{NotReady, ready};
pub use run::{Interrupt, Judged, Options, Run, Stop, Surroundings, run};
pub use sanity::capabilities;
pub use survey::{Answer, Finding, Kind, Survey, Unserved, serves, survey};
pub use timing::Timing;
pub use trace::{Deviation, DeviationKind, Playing, StepOutcome, StepReport, Trace};
