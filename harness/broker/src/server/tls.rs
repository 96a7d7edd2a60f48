//! Who the broker is to Clients that come over TLS.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};

/// A certificate with its private key, and whom it trusts.
#[derive(Clone)]
pub struct Identity {
    config: Arc<ServerConfig>,
}

/// Why there is no identity.
#[derive(Debug)]
pub enum IdentityError {
    /// PEM cannot be read, or holds nothing of what it has to.
    Pem {
        /// What was looked for.
        what: &'static str,
        /// Why there is none.
        error: pem::Error,
    },
    /// The parts cannot be used.
    Unusable(rustls::Error),
    /// The authorities of Clients cannot be used.
    UnusableAuthorities(rustls::server::VerifierBuilderError),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { what, error } => write!(f, "there is no {what} in PEM: {error}"),
            Self::Unusable(error) => write!(f, "the certificate and key cannot be used: {error}"),
            Self::UnusableAuthorities(error) => write!(f, "the authorities cannot be used: {error}"),
        }
    }
}

impl std::error::Error for IdentityError {}

impl Identity {
    /// Shows the certificate chain `chain` with its private key. With `client_ca`, only Clients are served whose
    /// certificates come from one of these authorities. All are in PEM.
    ///
    /// # Errors
    /// When a part is missing or unusable.
    pub fn from_pem(chain: &[u8], key: &[u8], client_ca: Option<&[u8]>) -> Result<Self, IdentityError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(IdentityError::Unusable)?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(ca) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(ca)? {
                    roots.add(certificate).map_err(IdentityError::Unusable)?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .map_err(IdentityError::UnusableAuthorities)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| IdentityError::Pem { what: "private key", error })?;
        let config = builder.with_single_cert(certificates(chain)?, key).map_err(IdentityError::Unusable)?;
        Ok(Self { config: Arc::new(config) })
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let failed = |error| IdentityError::Pem { what: "certificate", error };
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(failed)?;
    if all.is_empty() { Err(failed(pem::Error::NoItemsFound)) } else { Ok(all) }
}
