//! Certificates for one launch: an authority, and what it says about the broker. `openssl` of the system makes them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use mqttspec_engine::transport::Credentials;
use tokio::process::Command;

use crate::error::{CertificatesError, LaunchError};
use crate::folder::Folder;
use crate::install;

/// The name that the broker's certificate is for, besides 127.0.0.1.
pub(crate) const SERVER_NAME: &str = "localhost";

const OPENSSL: &str = "openssl";
const CONFIGURATION: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = authority of one mqttspec run
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[broker]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
";

/// Where the certificates of one launch stand, all in PEM.
#[derive(Clone, Debug)]
pub(crate) struct Certificates {
    /// The certificate of the authority.
    pub(crate) authority: PathBuf,
    /// The certificate of the broker.
    pub(crate) broker: PathBuf,
    /// The private key of the broker.
    pub(crate) key: PathBuf,
    /// What trusts the authority.
    pub(crate) credentials: Credentials,
}

impl Certificates {
    /// Makes them in a folder of a launch.
    pub(crate) async fn make(folder: &Folder) -> Result<Self, LaunchError> {
        let program = install::program(OPENSSL, folder.path())
            .ok_or(LaunchError::NoCertificates(CertificatesError::NoProgram))?;
        let configuration = folder.write("certificates/openssl.cnf", CONFIGURATION)?;
        let at = configuration.parent().unwrap_or(folder.path());
        let broker_words = [
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -config openssl.cnf \
             -extensions authority -keyout authority.key -out authority.pem",
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config openssl.cnf -subj /CN=localhost \
             -keyout broker.key -out broker.csr",
            "x509 -req -in broker.csr -CA authority.pem -CAkey authority.key -set_serial 2 -days 30 -extfile \
             openssl.cnf -extensions broker -out broker.pem",
        ];
        for words in broker_words {
            run(&program, words, at).await.map_err(LaunchError::NoCertificates)?;
        }
        let authority = at.join("authority.pem");
        let pem = std::fs::read(&authority)
            .map_err(|error| LaunchError::File { path: authority.clone(), error })?;
        let credentials = Credentials::from_pem(&pem, None)
            .map_err(|error| LaunchError::NoCertificates(CertificatesError::Unusable(error.to_string())))?;
        Ok(Self { broker: at.join("broker.pem"), key: at.join("broker.key"), authority, credentials })
    }
}

async fn run(program: &Path, words: &str, at: &Path) -> Result<(), CertificatesError> {
    let failed = |what: String| CertificatesError::Failed { command: format!("{OPENSSL} {words}"), what };
    let output = Command::new(program)
        .args(words.split_whitespace())
        .current_dir(at)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}
