//! What a launch puts into the templates of a profile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mqttspec_script::profile::{ACCOUNT, Listener, Placeholder, Template};

use crate::certificates::Certificates;

/// What only a launch knows.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) ports: BTreeMap<String, u16>,
    /// The name of the first listener's port.
    pub(crate) first: String,
    pub(crate) folder: PathBuf,
    pub(crate) here: PathBuf,
    pub(crate) tools: PathBuf,
    /// The certificates for listeners with TLS, when there are any.
    pub(crate) certificates: Option<Certificates>,
}

impl Values {
    /// The number of a listener's port.
    pub(crate) fn port(&self, listener: &Listener) -> u16 {
        // Every listener was given one.
        self.ports.get(&listener.port).copied().unwrap_or_default()
    }

    pub(crate) fn fill(&self, template: &Template) -> String {
        let certificate = |path: fn(&Certificates) -> &Path| {
            self.certificates.as_ref().map(|certificates| path(certificates).display().to_string())
        };
        template.fill(self.certificates.is_some(), |placeholder| match placeholder {
            Placeholder::Port(name) => {
                self.ports.get(name.as_ref().unwrap_or(&self.first)).map(u16::to_string).unwrap_or_default()
            }
            Placeholder::Folder => self.folder.display().to_string(),
            Placeholder::Here => self.here.display().to_string(),
            Placeholder::Tools => self.tools.display().to_string(),
            Placeholder::User => ACCOUNT.0.to_owned(),
            Placeholder::Password => ACCOUNT.1.to_owned(),
            Placeholder::Authority => certificate(|all| &all.authority).unwrap_or_default(),
            Placeholder::Certificate => certificate(|all| &all.broker).unwrap_or_default(),
            Placeholder::Key => certificate(|all| &all.key).unwrap_or_default(),
            // What stands between them is filled in or left out, they themselves never are.
            Placeholder::TlsStart | Placeholder::TlsEnd => String::new(),
        })
    }
}
