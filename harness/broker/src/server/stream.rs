//! One stream of MQTT bytes.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::{LINGER, READ_SIZE, Shared, drain};

/// Serves one stream until it ends.
pub async fn serve_stream<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let inner = &shared.inner;
    let (mut reader, writer) = tokio::io::split(stream);
    let (id, packets) = inner.open();
    let mut writing = tokio::spawn(write_packets(writer, packets));
    let mut buffer = vec![0; READ_SIZE];
    let mut broken = false;
    loop {
        tokio::select! {
            biased;
            written = &mut writing, if !broken => {
                if matches!(written, Ok(Written::All)) {
                    inner.clock.within(LINGER, drain(&mut reader)).await;
                    return;
                }
                // The Client may have said DISCONNECT before it went away, so the input is read to its end.
                broken = true;
            }
            read = reader.read(&mut buffer) => match read {
                Ok(length @ 1..) => {
                    let bytes = buffer.get(..length).unwrap_or_default();
                    inner.act(|broker, now| broker.received(id, bytes, now));
                }
                Ok(0) | Err(_) => {
                    inner.act(|broker, now| broker.closed(id, now));
                    inner.state().writers.remove(&id);
                    // Nobody may be left to read what is still to be written.
                    if !broken && inner.clock.within(LINGER, &mut writing).await.is_none() {
                        writing.abort();
                    }
                    return;
                }
            },
        }
    }
}

/// Why a writer has ended.
enum Written {
    /// The broker has closed the connection, and everything is written.
    All,
    /// The stream is broken.
    NotAll,
}

/// Writes packets until there are no more, then ends the stream in this direction.
async fn write_packets(
    mut writer: impl AsyncWrite + Unpin,
    mut packets: mpsc::UnboundedReceiver<Bytes>,
) -> Written {
    while let Some(packet) = packets.recv().await {
        if writer.write_all(&packet).await.is_err() || writer.flush().await.is_err() {
            return Written::NotAll;
        }
    }
    // An error means that the other end is gone already.
    let _ = writer.shutdown().await;
    Written::All
}
