//! How much a process and those that it started hold, as the system tells under `/proc`.

use std::fs;
use std::path::Path;

use mqttspec_engine::Usage;

/// What the processes of a group hold together; nothing where the system does not tell, or they are gone.
pub(crate) fn of_group(group: i32) -> Option<Usage> {
    let mut all = Usage::default();
    let mut found = false;
    for entry in fs::read_dir("/proc").ok()?.filter_map(Result::ok) {
        let path = entry.path();
        if group_of(&path) == Some(group) {
            found = true;
            all.memory_kib += memory_kib(&path).unwrap_or_default();
            let files = fs::read_dir(path.join("fd")).map_or(0, Iterator::count);
            all.open_files += u64::try_from(files).unwrap_or_default();
        }
    }
    found.then_some(all)
}

/// The group of a process, the fifth field of its `stat`. The second one is its name in parentheses, which may hold anything.
fn group_of(process: &Path) -> Option<i32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(2)?.parse().ok()
}

fn memory_kib(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::of_group;

    #[test]
    fn a_group_is_measured_while_it_lives() {
        let mut child = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        let group = i32::try_from(child.id()).unwrap();
        let usage = of_group(group).unwrap();
        assert!(usage.memory_kib > 0 && usage.open_files > 0, "{usage}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(of_group(group), None);
    }
}
