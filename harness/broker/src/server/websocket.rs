//! WebSocket between a stream of the network and one of MQTT bytes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

use super::{LINGER, READ_SIZE, Shared, drain, serve_stream};
use crate::clock::Clock;
use crate::rules::Rules;
use crate::websocket::{Action, Endpoint};

/// Bytes that wait between the two streams before the writer has to.
const CAPACITY: usize = 64 * 1024;

/// Serves one stream of the network on which WebSocket is spoken, until it ends.
pub async fn serve_websocket<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let rules = shared.inner.state().broker.rules.clone();
    let (mqtt, ours) = tokio::io::duplex(CAPACITY);
    tokio::join!(serve_stream(shared, mqtt), without_websocket(stream, ours, rules));
}

/// Carries bytes between a stream of the network, on which WebSocket is spoken by these rules, and a pipe with
/// plain MQTT, until one of them ends.
pub async fn without_websocket<S>(stream: S, pipe: DuplexStream, rules: Rules)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let clock = Clock::new();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (mut from_mqtt, mut to_mqtt) = tokio::io::split(pipe);
    let mut endpoint = Endpoint::new(rules);
    let mut input = vec![0; READ_SIZE];
    let mut output = BytesMut::with_capacity(READ_SIZE);
    let is_open = loop {
        output.reserve(READ_SIZE);
        // A write that fails shows as the end of what is read.
        tokio::select! {
            biased;
            read = from_mqtt.read_buf(&mut output) => match read {
                Ok(1..) => send(&mut writer, endpoint.frame(output.split().freeze())).await,
                Ok(0) | Err(_) => {
                    if let Some(goodbye) = endpoint.goodbye() {
                        send(&mut writer, goodbye).await;
                    }
                    break true;
                }
            },
            read = reader.read(&mut input) => match read {
                Ok(length @ 1..) => {
                    let bytes = input.get(..length).unwrap_or_default();
                    let mut closes = false;
                    for action in endpoint.received(bytes) {
                        match action {
                            Action::Send(bytes) => send(&mut writer, bytes).await,
                            Action::Deliver(bytes) => {
                                let _ = to_mqtt.write_all(&bytes).await;
                            }
                            Action::Close => closes = true,
                        }
                    }
                    if closes {
                        break true;
                    }
                }
                Ok(0) | Err(_) => break false,
            },
        }
    };
    // MQTT sees the end before the other side has had its time to close.
    drop((from_mqtt, to_mqtt));
    let _ = writer.shutdown().await;
    if is_open {
        clock.within(LINGER, drain(&mut reader)).await;
    }
}

async fn send(writer: &mut (impl AsyncWrite + Unpin), bytes: Bytes) {
    let _ = writer.write_all(&bytes).await;
    let _ = writer.flush().await;
}
