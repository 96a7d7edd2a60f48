//! Decodes and encodes the same four packets with each codec, side by side in one run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::BytesMut;
use criterion::{BatchSize, Criterion};
use mqttspec_bench::packets::Sample;
use mqttspec_bench::peers::PEERS;
use mqttspec_bench::table::table;

/// Packets in a stream, handed over in one piece: about as much as one read from a socket brings, so that it is in
/// the processor's cache as bytes just received are.
const PACKETS: usize = 100;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion");
    // The tables must not show what an earlier run has left.
    let _ = fs::remove_dir_all(&folder);
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .output_directory(&folder)
        .configure_from_args();
    for sample in Sample::ALL {
        decode(&mut criterion, sample);
        encode(&mut criterion, sample);
    }
    criterion.final_summary();
    println!("{}", table(&folder, "decode", PACKETS as f64));
    println!("{}", table(&folder, "encode", 1.0));
}

fn decode(criterion: &mut Criterion, sample: Sample) {
    let stream = sample.bytes().repeat(PACKETS);
    let mut group = criterion.benchmark_group(format!("decode {}", sample.name()));
    for peer in PEERS {
        let Some(mut decode) = (peer.decode)(sample) else { continue };
        group.bench_function(peer.name, |bencher| {
            bencher.iter_batched(|| BytesMut::from(&stream[..]), &mut decode, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn encode(criterion: &mut Criterion, sample: Sample) {
    let length = sample.bytes().len();
    let mut group = criterion.benchmark_group(format!("encode {}", sample.name()));
    for peer in PEERS {
        let Some(mut encode) = (peer.encode)(sample) else { continue };
        assert_eq!(encode(), length, "{} writes another packet", peer.name);
        group.bench_function(peer.name, |bencher| bencher.iter(&mut encode));
    }
    group.finish();
}
