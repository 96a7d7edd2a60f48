#![no_main]
use mqttspec_fuzz_targets::{Session, broker};
libfuzzer_sys::fuzz_target!(|session: Session| broker(&session));
