use std::{hint::black_box,time::Instant};
use mqttspec_bench::packets::Sample;
use mqttspec_codec::*;
fn main(){
  println!("Packet {} Violation {} Property {} Result {}", size_of::<model::Packet>(), size_of::<Violation>(), size_of::<model::Property>(), size_of::<Result<model::Packet,Violation>>());
  for s in Sample::ALL {
    let b = s.bytes(); let _k=b.clone();
    let c=Context::from_client(s.version());
    let mut best=f64::MAX;
    for _ in 0..200 { let t=Instant::now(); for _ in 0..2000 { let r=decode(black_box(&b), c); black_box(&r); } best=best.min(t.elapsed().as_nanos() as f64/2000.0);}
    let stream=bytes::BytesMut::from(&b.repeat(1000)[..]);
    let mut bs=f64::MAX;
    for _ in 0..200 { let mut f=Framer::new(c,1<<20); *f.buffer_mut()=stream.clone(); let t=Instant::now(); while let Some(fr)=f.next_frame().unwrap(){ let r=decode(&fr,c); black_box(&r); } bs=bs.min(t.elapsed().as_nanos() as f64/1000.0);}
    let mut core=f64::MAX; let mut cs=f64::MAX;
    for p in mqttspec_bench::peers::PEERS { if p.name.contains("core") || p.name.contains("rmqtt")|| p.name.contains("rumqttc") { let mut d=(p.decode)(s).unwrap(); let mut m=f64::MAX; for _ in 0..200 { let st=stream.clone(); let t=Instant::now(); d(st); m=m.min(t.elapsed().as_nanos() as f64/1000.0);} print!("[{} {:.0}] ",p.name,m); if p.name.contains("given"){core=m}else{cs=cs.min(m)} } }
    println!("\n{:15} frame {best:.1} stream {bs:.1}   core bodies {core:.1} best stream {cs:.1}", s.name());
  }
}
