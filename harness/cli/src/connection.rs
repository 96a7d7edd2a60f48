//! The options that say how to connect to the broker under test.

use std::path::{Path, PathBuf};

use clap::Args;
use mqttspec_engine::transport::{Credentials, Route, Target, TargetError};

use crate::command::Failure;

#[derive(Debug, Default, Args)]
pub(crate) struct ConnectionArguments {
    /// Where the broker takes WebSocket connections, for the cases about WebSocket; --broker itself if that is
    /// a WebSocket address.
    #[arg(long, value_name = "ADDRESS", requires = "broker")]
    pub(crate) websocket: Option<Target>,
    /// The certificates (PEM) of the authorities that the broker's certificate may come from.
    #[arg(long, value_name = "FILE", requires = "broker")]
    pub(crate) ca: Option<PathBuf>,
    /// The certificate chain (PEM) that the clients show to the broker.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key (PEM) of --cert.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// The name that the broker's certificate is for, when it is not the host of the address.
    #[arg(long, value_name = "NAME", requires = "broker")]
    pub(crate) server_name: Option<String>,
}

impl ConnectionArguments {
    /// The ways to the broker and to its WebSocket listener.
    pub(crate) fn routes(&self, broker: &Target) -> Result<Route, Failure> {
        if let Some(other) = self.websocket.as_ref().filter(|target| !target.is_websocket()) {
            return Err(Failure::usage(format!(
                "--websocket expects an address such as ws://127.0.0.1:8080/mqtt, got {other}"
            )));
        }
        let credentials = self.credentials()?;
        let route = |target: &Target| {
            target.route(credentials.as_ref(), self.server_name.as_deref()).map_err(|error| match error {
                TargetError::NoCredentials => Failure::usage(format!(
                    "{target} needs --ca FILE: the certificate of the authority that the broker's comes from, or \
                     those that this system trusts, often in /etc/ssl/certs/ca-certificates.crt"
                )),
                TargetError::NoUnixSockets => Failure::usage(format!("{target}: {error}")),
                TargetError::InvalidServerName(_) => {
                    Failure::usage(format!("{error}; --server-name gives another"))
                }
            })
        };
        let main = route(broker)?;
        match &self.websocket {
            None => Ok(main),
            Some(target) => Ok(Route { websocket: route(target)?.websocket, ..main }),
        }
    }

    fn credentials(&self) -> Result<Option<Credentials>, Failure> {
        let Some(ca) = &self.ca else {
            return match self.cert {
                None => Ok(None),
                Some(_) => Err(Failure::usage("--cert goes with --ca: without it no broker is trusted")),
            };
        };
        let authorities = read(ca)?;
        let identity = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some((read(cert)?, read(key)?)),
            _ => None,
        };
        let identity = identity.as_ref().map(|(cert, key)| (cert.as_slice(), key.as_slice()));
        let credentials = Credentials::from_pem(&authorities, identity);
        credentials.map(Some).map_err(|error| {
            let files: Vec<_> = [&self.ca, &self.cert, &self.key]
                .into_iter()
                .flatten()
                .map(|path| path.display().to_string())
                .collect();
            Failure::usage(format!("{}: {error}", files.join(", ")))
        })
    }

    /// The options as one would type them, each with a space before it.
    pub(crate) fn words(&self) -> String {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        [
            ("websocket", self.websocket.as_ref().map(ToString::to_string)),
            ("ca", path(&self.ca)),
            ("cert", path(&self.cert)),
            ("key", path(&self.key)),
            ("server-name", self.server_name.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!(" --{name} {}", value?)))
        .collect()
    }
}

/// Reads a file that the user has named.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))
}
