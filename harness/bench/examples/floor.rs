use std::{hint::black_box,time::Instant};
use mqttspec_bench::packets::Sample;
use mqttspec_codec::*; use mqttspec_codec::model::*;
use bytes::Bytes; use bytestring::ByteString;
fn t(name:&str, mut f: impl FnMut()) { let mut best=f64::MAX; for _ in 0..500 { let t=Instant::now(); for _ in 0..2000 { f(); } best=best.min(t.elapsed().as_nanos() as f64/2000.0);} println!("{name:40} {best:.1}"); }
#[inline(never)]
fn manual(b:&Bytes, c: Context) -> Result<Packet,Violation> {
    let rest=&b[..];
    let (&first, rest) = rest.split_first().unwrap();
    let (&rl, rest)=rest.split_first().unwrap();
    if rl as usize != rest.len() { return decode(b,c); }
    let (len, rest2)=rest.split_first_chunk::<2>().unwrap();
    let (data, rest3)=rest2.split_at_checked(u16::from_be_bytes(*len) as usize).unwrap();
    let topic=ByteString::try_from(b.slice(4..4+data.len())).unwrap();
    if data.iter().fold(false,|f,b| f|(*b==0)|(*b==b'+')|(*b==b'#')) { return decode(b,c); }
    let (pid, rest4)=rest3.split_first_chunk::<2>().unwrap();
    let start=b.len()-rest4.len();
    Ok(Packet::Publish(Publish{dup:first&8!=0,qos:QoS::from_bits(first>>1&3).unwrap(),retain:first&1!=0,topic,packet_id:Some(u16::from_be_bytes(*pid)),properties:Properties::default(),payload:b.slice(start..)}))
}
fn main(){
    let s=Sample::PublishV3; let b=s.bytes(); let _k=b.clone(); let c=Context::from_client(s.version());
    t("manual by ref", || { let r = manual(black_box(&b), c); black_box(&r); });
    t("ours, by ref", || { let r = decode(black_box(&b), c); black_box(&r); });
    t("manual by ref", || { let r = manual(black_box(&b), c); black_box(&r); });
    t("ours, by ref", || { let r = decode(black_box(&b), c); black_box(&r); });
    t("clone drop", || { let r = black_box(&b).clone(); black_box(&r); });
    t("ping", || { let b=Bytes::from_static(b"\xC0\x00"); let r=decode(black_box(&b), c); black_box(&r); });
}
