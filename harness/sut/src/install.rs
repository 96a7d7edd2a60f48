//! Whether a program is there.

use std::env;
use std::path::{Path, PathBuf};

/// Where a program stands: a name is looked for as the system does, a path with a folder in it from `here`.
pub(crate) fn program(word: &str, here: &Path) -> Option<PathBuf> {
    if word.contains('/') {
        let path = here.join(word);
        return path.is_file().then_some(path);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(word)).find(|candidate| candidate.is_file())
}

/// The folder for what is installed only to be put to the test.
pub(crate) fn tools() -> PathBuf {
    let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_else(|| "/".into()));
    data.unwrap_or_else(|| home().join(".local/share")).join("mqttspec")
}
