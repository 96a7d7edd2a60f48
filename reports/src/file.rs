//! Files that are either complete or not there.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Writes a file so that nobody ever sees half of it: to a new file in the same folder, which then takes the
/// place of the old one. When that fails, the old one is untouched and the new one removed.
///
/// # Errors
/// When `content` or the file system fails.
pub fn write_atomically(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    let temporary = temporary_path(path).map_err(failed)?;
    let file = File::create_new(&temporary).map_err(failed)?;
    let temporary = Temporary(temporary);
    let mut writer = BufWriter::new(file);
    content(&mut writer).map_err(failed)?;
    let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    // Otherwise a crash of the machine could leave an empty file under the final name.
    file.sync_all().map_err(failed)?;
    drop(file);
    fs::rename(&temporary.0, path).map_err(failed)
}

/// Removes the file when it goes out of scope; after the rename there is none.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // The error that led here matters more than one of the removal.
        let _ = fs::remove_file(&self.0);
    }
}

/// A name beside `path` that no other writer has: not in this process, nor in another.
fn temporary_path(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}-{}.tmp", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    Ok(path.with_file_name(temporary))
}

/// A file that could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
