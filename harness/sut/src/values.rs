//! What a launch puts into the templates of a profile.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mqttspec_script::profile::{ACCOUNT, Listener, Placeholder, Template};

/// What only a launch knows.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) ports: BTreeMap<String, u16>,
    /// The name of the first listener's port.
    pub(crate) first: String,
    pub(crate) folder: PathBuf,
    pub(crate) here: PathBuf,
    pub(crate) tools: PathBuf,
}

impl Values {
    /// The number of a listener's port.
    pub(crate) fn port(&self, listener: &Listener) -> u16 {
        // Every listener was given one.
        self.ports.get(&listener.port).copied().unwrap_or_default()
    }

    pub(crate) fn fill(&self, template: &Template) -> String {
        template.fill(|placeholder| match placeholder {
            Placeholder::Port(name) => {
                self.ports.get(name.as_ref().unwrap_or(&self.first)).map(u16::to_string).unwrap_or_default()
            }
            Placeholder::Folder => self.folder.display().to_string(),
            Placeholder::Here => self.here.display().to_string(),
            Placeholder::Tools => self.tools.display().to_string(),
            Placeholder::User => ACCOUNT.0.to_owned(),
            Placeholder::Password => ACCOUNT.1.to_owned(),
        })
    }
}
