//! Brokers that are no brokers. A suite on which they score has not looked.

mod flood;
mod reply;

use std::fmt;
use std::io;

use bytes::Bytes;
use mqttspec_codec::Version;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use reply::Replies;

/// What a degenerate broker does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degenerate {
    /// Refuses the connection.
    RefusesConnection,
    /// Closes the connection as soon as it is open.
    ClosesAtOnce,
    /// Takes everything in and says nothing.
    StaysSilent,
    /// Answers every first packet with this refusing code, and closes.
    RefusesWith(u8),
    /// Sends back what it gets.
    Echoes,
    /// Sends random bytes without end.
    FloodsWithNoise,
    /// Accepts every client, then says nothing.
    AcceptsThenStaysSilent,
    /// Accepts every client, then closes at the next byte.
    AcceptsThenCloses,
    /// Acknowledges everything, well-formed or not, and routes nothing.
    AcknowledgesOnly,
    /// Accepts every client, then sends it well-formed PUBLISH packets without end.
    FloodsWithPublish,
}

impl Degenerate {
    /// Those that do nothing right: no case may pass on them.
    #[must_use]
    pub fn nothing_right() -> Vec<Self> {
        let refusals = (1..=5).chain(0x80..=0x8A).chain([0x8C, 0x90, 0x95, 0x97, 0x99]).chain(0x9A..=0x9F);
        [Self::RefusesConnection, Self::ClosesAtOnce, Self::StaysSilent, Self::Echoes, Self::FloodsWithNoise]
            .into_iter()
            .chain(refusals.filter(|code| *code != 0x98 && *code != 0x9E).map(Self::RefusesWith))
            .collect()
    }

    /// Those that do a part right.
    #[must_use]
    pub const fn partly_right() -> [Self; 4] {
        [
            Self::AcceptsThenStaysSilent,
            Self::AcceptsThenCloses,
            Self::AcknowledgesOnly,
            Self::FloodsWithPublish,
        ]
    }

    /// Takes a connection.
    ///
    /// # Errors
    /// When this broker refuses connections.
    pub fn accept(self, stream: DuplexStream) -> io::Result<()> {
        if self == Self::RefusesConnection {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        tokio::spawn(async move {
            // The client's end of the connection is the end of the service.
            let _ = self.serve(stream).await;
        });
        Ok(())
    }

    async fn serve(self, mut stream: DuplexStream) -> io::Result<()> {
        match self {
            Self::RefusesConnection | Self::ClosesAtOnce => Ok(()),
            Self::StaysSilent => drain(&mut stream).await,
            Self::RefusesWith(code) => {
                let version = first_bytes(&mut stream).await?;
                stream.write_all(&reply::connack(version, code)).await
            }
            Self::Echoes => {
                let (mut reader, mut writer) = tokio::io::split(stream);
                tokio::io::copy(&mut reader, &mut writer).await.map(|_| ())
            }
            Self::FloodsWithNoise => flood::noise(&mut stream).await,
            Self::AcceptsThenStaysSilent => {
                let version = first_bytes(&mut stream).await?;
                stream.write_all(&reply::connack(version, 0)).await?;
                drain(&mut stream).await
            }
            Self::AcceptsThenCloses => {
                let version = first_bytes(&mut stream).await?;
                stream.write_all(&reply::connack(version, 0)).await?;
                stream.read_u8().await.map(|_| ())
            }
            Self::AcknowledgesOnly => {
                let mut replies = Replies::default();
                let mut buffer = vec![0; 4096];
                loop {
                    let read = stream.read(&mut buffer).await?;
                    if read == 0 {
                        return Ok(());
                    }
                    let bytes = Bytes::copy_from_slice(buffer.get(..read).unwrap_or_default());
                    stream.write_all(&replies.to(&bytes)).await?;
                }
            }
            Self::FloodsWithPublish => {
                let version = first_bytes(&mut stream).await?;
                stream.write_all(&reply::connack(version, 0)).await?;
                flood::publish(&mut stream, version).await
            }
        }
    }
}

impl fmt::Display for Degenerate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RefusesConnection => f.write_str("refuses the connection"),
            Self::ClosesAtOnce => f.write_str("closes at once"),
            Self::StaysSilent => f.write_str("stays silent"),
            Self::RefusesWith(code) => write!(f, "refuses every client with 0x{code:02X}"),
            Self::Echoes => f.write_str("echoes"),
            Self::FloodsWithNoise => f.write_str("floods with random bytes"),
            Self::AcceptsThenStaysSilent => f.write_str("accepts, then stays silent"),
            Self::AcceptsThenCloses => f.write_str("accepts, then closes at the next packet"),
            Self::AcknowledgesOnly => f.write_str("acknowledges everything, routes nothing"),
            Self::FloodsWithPublish => f.write_str("accepts, then floods with PUBLISH"),
        }
    }
}

/// Takes in the first bytes of a client, and guesses its version from them.
async fn first_bytes(stream: &mut DuplexStream) -> io::Result<Version> {
    let mut buffer = vec![0; 4096];
    let read = stream.read(&mut buffer).await?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    buffer.truncate(read);
    Ok(reply::version(&buffer))
}

async fn drain(stream: &mut DuplexStream) -> io::Result<()> {
    tokio::io::copy(stream, &mut tokio::io::sink()).await.map(|_| ())
}
