//! TLS over TCP.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::{Address, Connecting, Connection, Connector, Writer};

/// Whom we trust, and who we are.
#[derive(Clone)]
pub struct Credentials {
    config: Arc<ClientConfig>,
}

/// Why there are no credentials.
#[derive(Debug)]
pub enum CredentialsError {
    /// A file of PEM cannot be read, or holds nothing of what it has to.
    Pem {
        /// What was looked for.
        what: &'static str,
        /// Why there is none.
        error: pem::Error,
    },
    /// They cannot be used.
    Unusable(rustls::Error),
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { what, error } => write!(f, "there is no {what} in PEM: {error}"),
            Self::Unusable(error) => write!(f, "the certificates cannot be used: {error}"),
        }
    }
}

impl std::error::Error for CredentialsError {}

impl Credentials {
    /// Trusts the certificate authorities of `ca`, and shows the certificate chain and private key of `identity`
    /// to a broker that asks for them. All are in PEM.
    ///
    /// # Errors
    /// When a part is missing or unusable.
    pub fn from_pem(ca: &[u8], identity: Option<(&[u8], &[u8])>) -> Result<Self, CredentialsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca, "certificate of an authority")? {
            roots.add(certificate).map_err(CredentialsError::Unusable)?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(CredentialsError::Unusable)?
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let chain = certificates(chain, "certificate")?;
                let key = PrivateKeyDer::from_pem_slice(key)
                    .map_err(|error| CredentialsError::Pem { what: "private key", error })?;
                builder.with_client_auth_cert(chain, key).map_err(CredentialsError::Unusable)?
            }
        };
        Ok(Self { config: Arc::new(config) })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, CredentialsError> {
    let failed = |error| CredentialsError::Pem { what, error };
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(failed)?;
    if all.is_empty() { Err(failed(pem::Error::NoItemsFound)) } else { Ok(all) }
}

/// Connects over TLS.
#[derive(Clone, Debug)]
pub struct Tls {
    address: Address,
    name: ServerName<'static>,
    credentials: Credentials,
}

impl Tls {
    /// A connector to this address, whose broker has to show a certificate for `name`.
    #[must_use]
    pub const fn new(address: Address, name: ServerName<'static>, credentials: Credentials) -> Self {
        Self { address, name, credentials }
    }
}

impl Connector for Tls {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async move {
            let reset = Arc::new(AtomicBool::new(false));
            let stream = Resettable { stream: self.address.open().await?, reset: Arc::clone(&reset) };
            let connector = TlsConnector::from(Arc::clone(&self.credentials.config));
            let stream = connector.connect(self.name.clone(), stream).await.map_err(explained)?;
            let (reader, writer) = split(stream);
            Ok(Connection { reader: Box::new(reader), writer: Box::new(TlsWriter { writer, reset }) })
        })
    }

    fn address(&self) -> String {
        format!("mqtts://{}", self.address)
    }
}

/// Says how to mend what befalls everybody who makes a certificate by one command, and is told in no words for people.
fn explained(error: io::Error) -> io::Error {
    let is_of_authority = error.to_string().contains("CaUsedAsEndEntity");
    let advice = "the broker shows the certificate of an authority; give it one of its own (CA:FALSE) that the authority signed";
    if is_of_authority { io::Error::new(error.kind(), advice) } else { error }
}

/// The sending half of a TLS connection.
struct TlsWriter {
    writer: WriteHalf<TlsStream<Resettable>>,
    reset: Arc<AtomicBool>,
}

impl Writer for TlsWriter {
    fn reset(self: Box<Self>) {
        self.reset.store(true, Ordering::Relaxed);
    }
}

impl AsyncWrite for TlsWriter {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().writer).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writer).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writer).poll_shutdown(cx)
    }
}

/// A TCP stream below TLS, which hides it. Told so, it ends with a reset when it is dropped.
struct Resettable {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // A failure leaves an orderly end, which the broker has to take for the same loss of the connection.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Resettable {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
