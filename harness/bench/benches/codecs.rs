//! Decodes and encodes the same four packets with each codec, side by side in one run.

use std::path::Path;

use bytes::BytesMut;
use criterion::{BatchSize, Criterion};
use mqttspec_bench::packets::Sample;
use mqttspec_bench::peers::PEERS;
use mqttspec_bench::table::table;

/// Packets in a stream, so that what a codec pays per stream does not count.
const PACKETS: usize = 1000;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion");
    let mut criterion = Criterion::default().output_directory(&folder).configure_from_args();
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
            bencher.iter_batched(|| BytesMut::from(&stream[..]), &mut decode, BatchSize::LargeInput);
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
