use std::hint::black_box;
use mqttspec_bench::packets::Sample;
use mqttspec_codec::*;
fn main(){
  let i: usize = std::env::args().nth(1).unwrap().parse().unwrap();
  let s = Sample::ALL[i];
  let b = s.bytes(); let _k=b.clone();
  let c=Context::from_client(s.version());
  for _ in 0..20_000u64 { let r = decode(black_box(&b), black_box(c)); black_box(&r); }
}
