use std::hint::black_box;
use bytes::Bytes;
use mqttspec_codec::*;
fn main(){
  let b=Bytes::from_static(b"\xC0\x00");
  let c=Context::from_client(Version::V5_0);
  for _ in 0..200_000_000u64 { let r=decode(black_box(&b), black_box(c)); black_box(&r); }
}
