//! The statements that the reference broker is to break.

use mqttspec_broker::switches;
use mqttspec_codec::{Citation, Version};
use mqttspec_spec::Registry;

use crate::command::Failure;
use crate::guess;
use crate::suite;

/// Checks that each of them has a switch: a word that breaks nothing would let everything seem well.
///
/// # Errors
/// At the first that has none, with the reason, and with what was meant if something is close.
pub(crate) fn check(wanted: &[Citation]) -> Result<(), Failure> {
    let all: Vec<Citation> = switches().collect();
    let whole = |switch: &Citation| Citation { id: switch.id.statement(), ..*switch };
    let Some(lacking) =
        wanted.iter().find(|wanted| !all.iter().any(|of| of == *wanted || whole(of) == **wanted))
    else {
        return Ok(());
    };
    Err(Failure::usage(why(*lacking, &all, &suite::registry()?)))
}

fn why(wanted: Citation, switches: &[Citation], registry: &Registry) -> String {
    let Citation { version, id } = wanted;
    if registry.contains(wanted) {
        let reason = registry.get(wanted).and_then(|statement| statement.reason.as_deref());
        return match reason {
            Some(reason) => format!("the reference broker has no switch for {wanted}: {reason}"),
            None => format!(
                "the reference broker has no switch for {wanted}; `mqttspec audit` lists all that there are"
            ),
        };
    }
    let other = Version::ALL.into_iter().find(|&of| registry.contains(Citation { version: of, id }));
    if let Some(other) = other {
        return format!("MQTT {version} has no {id}, but {other} has: --without {other}/{id}");
    }
    let known = switches.iter().filter(|switch| switch.version == version).map(|switch| switch.id);
    let guess = guess::statement(&id.to_string(), known);
    let guess = guess.map_or_else(String::new, |id| format!(", did you mean {version}/{id}?"));
    format!("MQTT {version} has no {id}{guess}")
}
