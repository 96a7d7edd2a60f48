//! Several listeners of one broker.

use std::collections::BTreeSet;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_script::profile::Account;

use super::{Connecting, Connector};

/// One listener of a broker.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The way to it.
    pub connector: Arc<dyn Connector>,
    /// The versions that it serves.
    pub versions: Vec<Version>,
    /// The needs of cases, in the vocabulary of `needs`, that are played here.
    pub provides: Vec<&'static str>,
}

impl Listener {
    /// A listener that serves both versions and every case.
    #[must_use]
    pub fn only(connector: Arc<dyn Connector>) -> Self {
        Self { connector, versions: Version::ALL.to_vec(), provides: Vec::new() }
    }

    fn serves(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }

    fn provides_any(&self, needs: &BTreeSet<String>) -> bool {
        self.provides.iter().any(|provided| needs.contains(*provided))
    }
}

/// Connects to the listener that a client needs.
#[derive(Clone, Debug)]
pub struct Listeners {
    first: Listener,
    others: Vec<Listener>,
    account: Option<Account>,
}

impl Listeners {
    /// The listeners of a broker, the one for whatever needs no other first, and what each client has to show.
    #[must_use]
    pub const fn new(first: Listener, others: Vec<Listener>, account: Option<Account>) -> Self {
        Self { first, others, account }
    }

    /// The one that provides what is needed; else one that provides nothing special; that serves the version, or at
    /// worst none does, and the first one is to say so.
    fn choose(&self, version: Version, needs: &BTreeSet<String>) -> &Listener {
        let serving = || std::iter::once(&self.first).chain(&self.others).filter(|one| one.serves(version));
        serving()
            .find(|listener| listener.provides_any(needs))
            .or_else(|| serving().find(|listener| listener.provides.is_empty()))
            .unwrap_or(&self.first)
    }
}

impl Connector for Listeners {
    fn connect(&self) -> Connecting<'_> {
        self.first.connector.connect()
    }

    fn connect_for(&self, version: Version, needs: &BTreeSet<String>) -> Connecting<'_> {
        self.choose(version, needs).connector.connect()
    }

    fn serves(&self, version: Version) -> bool {
        self.first.serves(version) || self.others.iter().any(|listener| listener.serves(version))
    }

    fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    fn address(&self) -> String {
        self.first.connector.address()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use mqttspec_codec::Version;

    use super::{Listener, Listeners};
    use crate::transport::Tcp;

    #[test]
    fn clients_find_the_listener_for_their_version_and_needs() {
        let listener = |port: u16, versions: &[Version], provides: &[&'static str]| Listener {
            connector: Arc::new(Tcp::new(format!("127.0.0.1:{port}").parse().unwrap())),
            versions: versions.to_vec(),
            provides: provides.to_vec(),
        };
        let listeners = Listeners::new(
            listener(1, &[Version::V3_1_1], &[]),
            vec![listener(2, &[Version::V5_0], &["auth"]), listener(3, &[Version::V5_0], &[])],
            None,
        );
        let port = |version, needs: &[&str]| {
            let needs: BTreeSet<String> = needs.iter().map(|need| (*need).to_owned()).collect();
            listeners.choose(version, &needs).connector.address()
        };
        assert_eq!(port(Version::V3_1_1, &["qos1"]), "127.0.0.1:1");
        assert_eq!(port(Version::V5_0, &["qos1"]), "127.0.0.1:3");
        assert_eq!(port(Version::V5_0, &["auth"]), "127.0.0.1:2");
    }
}
