#![no_main]
use mqttspec_fuzz_targets::{LegalPacket, roundtrip};
libfuzzer_sys::fuzz_target!(|packet: LegalPacket| roundtrip(&packet));
