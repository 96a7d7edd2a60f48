//! Where the broker takes connections, and for which versions.

use mqttspec_codec::Version;
use mqttspec_engine::{Clock, RunName, Unserved, serves};

use crate::under_test::Way;

/// What was heard at one listener.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) name: String,
    pub(super) address: String,
    /// The versions that the profile says it serves.
    pub(super) declared: Vec<Version>,
    pub(super) served: Vec<Version>,
    /// Why declared versions are not served.
    pub(super) missing: Vec<(Version, Unserved)>,
}

impl Heard {
    /// Asks for each version.
    pub(super) async fn at(way: &Way, clock: Clock, name: RunName, versions: &[Version]) -> Self {
        let mut heard = Self {
            name: way.name.clone(),
            address: way.connector.address(),
            declared: way.versions.clone(),
            served: Vec::new(),
            missing: Vec::new(),
        };
        for &version in versions {
            match serves(&*way.connector, clock, version, name).await {
                Ok(()) => heard.served.push(version),
                Err(why) if way.versions.contains(&version) => heard.missing.push((version, why)),
                Err(_) => {}
            }
        }
        heard
    }
}
