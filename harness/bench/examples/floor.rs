use std::{hint::black_box,time::Instant};
use mqttspec_bench::packets::Sample;
use mqttspec_codec::*; use mqttspec_codec::model::*;
use bytes::Bytes; use bytestring::ByteString;
fn t(name:&str, mut f: impl FnMut()) { let mut best=f64::MAX; for _ in 0..300 { let t=Instant::now(); for _ in 0..2000 { f(); } best=best.min(t.elapsed().as_nanos() as f64/2000.0);} println!("{name:40} {best:.1}"); }
fn main(){
    let s=Sample::PublishV3; let b=s.bytes(); let _k=b.clone(); let c=Context::from_client(s.version());
    t("two slices", || { let b=black_box(&b); black_box(b.slice(4..24)); black_box(b.slice(26..90)); });
    t("two slices utf8", || { let b=black_box(&b); black_box(ByteString::try_from(b.slice(4..24)).unwrap()); black_box(b.slice(26..90)); });
    t("two slices utf8 Publish", || { let b=black_box(&b); 
        let topic=ByteString::try_from(b.slice(4..24)).unwrap(); 
        black_box(Publish{dup:false,qos:QoS::AtLeastOnce,retain:false,topic,packet_id:Some(7),properties:Properties::default(),payload:b.slice(26..90)}); });
    t("two slices utf8 Packet", || { let b=black_box(&b); 
        let topic=ByteString::try_from(b.slice(4..24)).unwrap(); 
        black_box(Packet::Publish(Publish{dup:false,qos:QoS::AtLeastOnce,retain:false,topic,packet_id:Some(7),properties:Properties::default(),payload:b.slice(26..90)})); });
    t("ours", || { black_box(decode(black_box(&b), c).unwrap()); });
    t("ours, by ref", || { let r = decode(black_box(&b), c); black_box(&r); });
    t("utf8 only", || { black_box(std::str::from_utf8(black_box(&b[4..24])).unwrap()); });
    t("contains 0", || { black_box(black_box(&b[4..24]).contains(&0)); });
    t("fold", || { black_box(black_box(&b[4..24]).iter().fold(false,|f,b| f|(*b==b'+')|(*b==b'#'))); });
    t("fold3", || { black_box(black_box(&b[4..24]).iter().fold(false,|f,b| f|(*b==b'+')|(*b==b'#')|(*b==0))); });
    t("ping", || { let b=Bytes::from_static(b"\xC0\x00"); let r=decode(black_box(&b), c); black_box(&r); });
}
