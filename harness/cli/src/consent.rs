//! Which broker may be loaded: one on this machine, or one whose owner says so.

use mqttspec_engine::transport::Target;

use crate::arguments::RunArguments;
use crate::command::Failure;

/// Refuses to load a broker of somebody else by mistake.
pub(crate) fn check(arguments: &RunArguments) -> Result<(), Failure> {
    if !arguments.resource_cases || arguments.i_own_this_broker {
        return Ok(());
    }
    // A broker without an address is one that this tool starts, on this machine.
    let targets = [&arguments.under_test.broker, &arguments.under_test.connection.websocket];
    match targets.into_iter().flatten().find(|target| !Target::is_loopback(target)) {
        None => Ok(()),
        Some(elsewhere) => Err(Failure::usage(format!(
            "--resource-cases costs a broker memory, time and connections, and {elsewhere} is not on this machine; \
             if you own it, or its owner agrees, add --i-own-this-broker"
        ))),
    }
}
