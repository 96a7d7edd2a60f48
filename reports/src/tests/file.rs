//! Files appear complete or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file::write_atomically;

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mqttspec-reports-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_replaces_the_old_one() {
    let folder = Folder::new("replace");
    let path = folder.0.join("report.json");
    for content in ["first", "second"] {
        write_atomically(&path, |writer| writer.write_all(content.as_bytes())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(folder.names(), ["report.json"]);
}

#[test]
fn a_failure_leaves_the_old_file_and_nothing_else() {
    let folder = Folder::new("failure");
    let path = folder.0.join("report.json");
    fs::write(&path, "old").unwrap();
    let error = write_atomically(&path, |writer| {
        writer.write_all(b"half")?;
        Err(io::Error::other("the record is broken"))
    })
    .unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write {}: the record is broken", path.display()));
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(folder.names(), ["report.json"]);
}

#[test]
fn a_missing_folder_is_named() {
    let path = Path::new("/nonexistent/folder/report.xml");
    let error = write_atomically(path, |_| Ok(())).unwrap_err();
    assert_eq!(error.path, path);
    assert_eq!(error.source.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().starts_with("cannot write /nonexistent/folder/report.xml: "));
}

#[test]
fn a_path_without_a_name_is_refused() {
    let error = write_atomically(Path::new("/"), |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "cannot write /: the path names no file");
}
