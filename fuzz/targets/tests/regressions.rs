//! Replays every input that once made trouble.

use std::fs;
use std::path::Path;

use mqttspec_fuzz_targets::TARGETS;

#[test]
fn what_once_made_trouble_makes_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../regressions");
    for (name, target) in TARGETS {
        let inputs: Vec<_> =
            fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "{name} has no input");
        for input in inputs {
            println!("{}", input.display());
            target(&fs::read(input).unwrap());
        }
    }
}
