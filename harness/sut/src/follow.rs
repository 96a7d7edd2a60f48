//! Log files that a broker writes besides its output.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::log::Log;

/// Bytes that are taken from a file at once, so that a broker that writes without end cannot hold us up.
const AT_ONCE: u64 = 1024 * 1024;

/// A file that is read as it grows.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    /// How much of it was read.
    read: u64,
}

impl Follower {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, read: 0 }
    }

    /// Takes in the whole lines that were added. A file that is not there yet has none.
    pub(crate) fn follow(&mut self, log: &Log) {
        let Ok(mut file) = File::open(&self.path) else { return };
        // One that became shorter was begun anew.
        if file.metadata().is_ok_and(|file| file.len() < self.read) {
            self.read = 0;
        }
        if file.seek(SeekFrom::Start(self.read)).is_err() {
            return;
        }
        let mut lines = BufReader::new(file).take(AT_ONCE);
        let mut line = Vec::new();
        while let Ok(length @ 1..) = lines.read_until(b'\n', &mut line) {
            let whole = line.last() == Some(&b'\n') || lines.limit() == 0;
            if !whole {
                break;
            }
            log.push(&line);
            self.read += u64::try_from(length).unwrap_or_default();
            line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use mqttspec_engine::Clock;

    use super::Follower;
    use crate::folder::Folder;
    use crate::log::Log;

    #[tokio::test]
    async fn whole_lines_are_taken_once() {
        let folder = Folder::new("follow").unwrap();
        let log = Log::new(Clock::start());
        let mut follower = Follower::new(folder.path().join("broker.log"));
        follower.follow(&log);
        let path = folder.write("broker.log", "one\ntw").unwrap();
        follower.follow(&log);
        assert_eq!(log.written(), 1);
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"o\n").unwrap();
        follower.follow(&log);
        follower.follow(&log);
        let texts: Vec<String> = log.since(0).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["one", "two"]);
    }
}
