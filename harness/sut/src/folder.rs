//! A folder for one launch.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io};

use crate::error::LaunchError;

/// Counts the folders of this process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A new folder, which is taken away when it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new(name: &str) -> Result<Self, LaunchError> {
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = env::temp_dir().join(format!("mqttspec-{name}-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(LaunchError::File { path, error }),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Every file and folder in it.
    pub(crate) fn contents(&self) -> BTreeSet<PathBuf> {
        let mut all = BTreeSet::new();
        collect(&self.path, &mut all);
        all
    }

    /// Takes everything away but these.
    pub(crate) fn keep_only(&self, kept: &BTreeSet<PathBuf>) {
        for path in self.contents().iter().filter(|path| !kept.contains(*path)) {
            // What lies in a folder that has gone has gone with it.
            let _ = if is_folder(path) { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<PathBuf, LaunchError> {
        let relative = Path::new(path);
        if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(LaunchError::Outside { path: path.to_owned() });
        }
        let path = self.path.join(relative);
        let failed = |error| LaunchError::File { path: path.clone(), error };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)?;
        Ok(path)
    }
}

fn is_folder(path: &Path) -> bool {
    // What a link leads to lies elsewhere.
    fs::symlink_metadata(path).is_ok_and(|file| file.is_dir())
}

fn collect(folder: &Path, all: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if is_folder(&path) {
            collect(&path, all);
        }
        all.insert(path);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be taken away lies among the temporary files of the system.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn a_folder_is_taken_away_and_nothing_is_written_outside() {
        let folder = Folder::new("test").unwrap();
        let file = folder.write("a/b.conf", "text").unwrap();
        let kept = folder.contents();
        let later = folder.write("c/d/state", "kept").unwrap();
        folder.keep_only(&kept);
        assert!(file.exists() && !later.exists() && folder.contents() == kept);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");
        for path in ["/etc/x", "../x", "a/../../x"] {
            assert!(folder.write(path, "").is_err(), "{path}");
        }
        drop(folder);
        assert!(!file.exists());
    }
}
