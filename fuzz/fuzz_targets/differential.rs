#![no_main]
libfuzzer_sys::fuzz_target!(init: mqttspec_peers::hush(), |input: &[u8]| {
    mqttspec_peers::differential(input, |known, input| eprintln!("known: {known} in {input}"))
});
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mqttspec_fuzz_targets::Mutator::with_operators(1).of_the_first().mutate(
        data,
        size,
        max_size,
        seed,
        libfuzzer_sys::fuzzer_mutate,
    )
});
