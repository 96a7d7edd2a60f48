//! Prints where other codecs differ from ours on the inputs of the fuzz target `differential`, as far as that is not
//! known yet; all of it after `--all`.
//!
//! ```sh
//! cargo run --release --manifest-path harness/peers/Cargo.toml --bin differences -- fuzz/corpus/differential
//! ```

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::{env, fs};

use mqttspec_peers::{Difference, Input, chosen, difference, hush, is_known};

fn main() -> ExitCode {
    hush();
    let mut found: BTreeMap<Difference, String> = BTreeMap::new();
    let mut folders: Vec<String> = env::args().skip(1).collect();
    let all = folders.first().is_some_and(|first| first == "--all");
    if all {
        folders.remove(0);
    }
    for folder in folders {
        let Ok(files) = fs::read_dir(&folder) else {
            eprintln!("{folder} is no folder that can be read");
            return ExitCode::from(2);
        };
        let inputs = files.filter_map(|file| Input::read(&fs::read(file.ok()?.path()).ok()?));
        for input in inputs {
            for peer in chosen() {
                if let Some(new) = difference(peer, &input).filter(|it| all || !is_known(it)) {
                    let hex = input.frame().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                    let shortest = found.entry(new).or_insert_with(|| hex.clone());
                    if hex.len() < shortest.len() {
                        *shortest = hex;
                    }
                }
            }
        }
    }
    for (Difference { peer, version, kind, packet, at }, hex) in &found {
        println!("{peer}\t{version}\t{kind}\t{packet}\t{at}\t{hex}");
    }
    eprintln!("{} differences{}", found.len(), if all { "" } else { " that are not known" });
    ExitCode::from(u8::from(!found.is_empty()))
}
