//! Runs the tool, in a folder of its own where it needs files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_mqttspec");

/// The tool, which colours nothing and is not run yet.
pub(crate) fn tool(arguments: &[&str]) -> Command {
    let mut tool = Command::new(TOOL);
    tool.args(arguments).env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    tool
}

/// Exit code and output, as one text.
pub(crate) fn told(output: Output) -> String {
    let mut text = format!("exit {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        if !bytes.is_empty() {
            text.push_str(&format!("--- {name}\n{}", String::from_utf8(bytes).unwrap()));
        }
    }
    text
}

/// A folder of one test, which is the working folder of its commands.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("mqttspec-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it, as text.
    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.0.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Exit code, and the standard output and standard error as one text.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = tool(arguments).current_dir(&self.0).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text.replace(&self.0.display().to_string(), "FOLDER"))
    }

    /// The same as one text.
    pub(crate) fn shown(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        format!("$ mqttspec {}\n{text}exit {code}\n", arguments.join(" "))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
