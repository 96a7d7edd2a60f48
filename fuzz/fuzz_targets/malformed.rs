#![no_main]
use mqttspec_fuzz_targets::{ChangedPacket, malformed};
libfuzzer_sys::fuzz_target!(|packet: ChangedPacket| malformed(&packet));
