//! The server on in-memory pipes, in paused time.

use std::time::Duration;

use mqttspec_codec::encode;
use mqttspec_codec::model::{Connect, Packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::V3_1_1;
use crate::server::{Shared, serve_stream};
use crate::{Broker, Configuration, Rules};

#[tokio::test(start_paused = true)]
async fn a_client_on_a_pipe_is_answered_and_timed_out() {
    let shared = Shared::start(Broker::new(Configuration::default(), Rules::all()));
    let (mut client, server) = tokio::io::duplex(1024);
    tokio::spawn(serve_stream(shared, server));
    let start = Instant::now();
    let mut connect = Connect::new(V3_1_1, "a");
    connect.keep_alive = 10;
    client.write_all(&encode(&Packet::Connect(connect), V3_1_1)).await.unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, [0x20, 0x02, 0x00, 0x00]);
    assert_eq!(start.elapsed(), Duration::from_secs(15));
}

#[tokio::test]
async fn the_last_bytes_come_before_the_end_of_a_tcp_stream() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let broker = Broker::new(Configuration::default(), Rules::all());
    let serving = tokio::spawn(crate::server::serve(listener, broker, async {
        let _ = stopped.await;
    }));
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut refused = Connect::new(V3_1_1, "");
    refused.clean_start = false;
    let mut bytes = encode(&Packet::Connect(refused), V3_1_1).to_vec();
    bytes.extend(std::iter::repeat_n(0xC0, 10_000));
    client.write_all(&bytes).await.unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, [0x20, 0x02, 0x00, 0x02]);
    drop(client);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
