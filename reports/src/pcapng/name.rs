//! Names of files that every operating system takes.

use std::collections::HashSet;

use mqttspec_spec::record::Case;

/// Far below the 255 bytes that file systems allow, and below what a path may have on Windows.
const LONGEST: usize = 120;

/// Gives each case a name of its own, also where the case of letters does not count.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: HashSet<String>,
}

impl Names {
    pub(super) fn of(&mut self, case: &Case) -> String {
        // With this beginning no name is one that Windows keeps for devices.
        let stem: String =
            format!("mqtt-{}.{}", case.version, case.id).chars().map(safe).take(LONGEST).collect();
        let mut number = 1;
        loop {
            let name = match number {
                1 => format!("{stem}.pcapng"),
                _ => format!("{stem}-{number}.pcapng"),
            };
            if self.used.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}

fn safe(character: char) -> char {
    match character.to_ascii_lowercase() {
        '/' => '.',
        kept @ ('a'..='z' | '0'..='9' | '.' | '-' | '_') => kept,
        _ => '-',
    }
}
