#![no_main]
libfuzzer_sys::fuzz_target!(|stream: &[u8]| mqttspec_fuzz_targets::decode(stream));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mqttspec_fuzz_targets::Mutator::plain(1).mutate(data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
});
