//! Why a broker does not run.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use mqttspec_script::profile::Transport;

use crate::log::Line;
use crate::process::Exit;

/// Why a broker does not run.
#[derive(Debug)]
pub enum LaunchError {
    /// The profile only describes a broker that runs already.
    NoStart {
        /// The broker, for people.
        title: String,
        /// The profile's file.
        file: String,
    },
    /// It is not installed.
    NotInstalled {
        /// The broker, for people.
        title: String,
        /// The program or file that is missing.
        missing: String,
        /// The command that installs it, where the profile names one.
        install: Option<String>,
    },
    /// A file or folder could not be made.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file of the profile would lie outside the folder of the launch.
    Outside {
        /// The path in the profile.
        path: String,
    },
    /// The profile has no listener for the transport that is asked for.
    NoListener {
        /// The broker, for people.
        title: String,
        /// The transport.
        transport: Transport,
    },
    /// There are no certificates for listeners with TLS.
    NoCertificates(CertificatesError),
    /// No port is free.
    NoPort(io::Error),
    /// A program could not be run at all.
    Unrunnable {
        /// The command.
        command: String,
        /// Why.
        error: io::Error,
    },
    /// A command that prepares the broker failed.
    Setup {
        /// The command.
        command: String,
        /// How it ended.
        exit: Exit,
        /// What it wrote.
        output: Output,
    },
    /// The broker ended before it served.
    Ended {
        /// The broker, for people.
        title: String,
        /// How it ended.
        exit: Exit,
        /// What it wrote.
        output: Output,
    },
    /// The broker did not answer CONNECT in time.
    NotReady {
        /// The broker, for people.
        title: String,
        /// The time that it had.
        within: Duration,
        /// What the last attempt showed.
        last: String,
        /// What it wrote.
        output: Output,
    },
    /// The broker did not stop in time.
    DoesNotStop {
        /// The broker, for people.
        title: String,
        /// The time that it had.
        within: Duration,
    },
}

/// Why no certificates could be made.
#[derive(Debug)]
pub enum CertificatesError {
    /// There is no `openssl`.
    NoProgram,
    /// It failed.
    Failed {
        /// The command.
        command: String,
        /// What it said.
        what: String,
    },
    /// What it made cannot be used.
    Unusable(String),
}

impl fmt::Display for CertificatesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram => f.write_str(
                "TLS needs certificates, which the program openssl makes, and it is not installed\nThis installs it:\n  \
                 apt-get install -y --no-install-recommends openssl",
            ),
            Self::Failed { command, what } => {
                write!(f, "TLS needs certificates, and `{command}` makes none: {what}")
            }
            Self::Unusable(why) => write!(f, "the certificates that openssl made cannot be used: {why}"),
        }
    }
}

/// What a program wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output(pub Vec<Line>);

/// How many lines of output a message shows.
const SHOWN_LINES: usize = 20;

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.get(self.0.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
        if lines.is_empty() {
            return f.write_str("; it wrote nothing");
        }
        f.write_str(", after it wrote")?;
        for line in lines {
            write!(f, "\n  {}", line.text)?;
        }
        Ok(())
    }
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStart { title, file } => write!(
                f,
                "{file} has no `start`, so nobody knows how {title} is started: --broker ADDRESS puts one to the test that \
                 runs already"
            ),
            Self::NotInstalled { title, missing, install } => {
                write!(f, "{title} is not installed: there is no {missing}")?;
                match install {
                    Some(command) => write!(f, "\nThis installs it:\n  {command}"),
                    None => Ok(()),
                }
            }
            Self::File { path, error } => write!(f, "{} cannot be made: {error}", path.display()),
            Self::Outside { path } => {
                write!(f, "the file `{path}` of the profile would lie outside the broker's folder")
            }
            Self::NoListener { title, transport } => write!(
                f,
                "the profile of {title} has no listener for --transport {transport} that `provides` nothing"
            ),
            Self::NoCertificates(error) => write!(f, "{error}"),
            Self::NoPort(error) => write!(f, "there is no free port: {error}"),
            Self::Unrunnable { command, error } => write!(f, "`{command}` cannot be run: {error}"),
            Self::Setup { command, exit, output } => write!(f, "`{command}` {exit}{output}"),
            Self::Ended { title, exit, output } => {
                write!(f, "{title} {exit} before it served{output}")
            }
            Self::NotReady { title, within, last, output } => {
                let seconds = within.as_secs_f64();
                write!(f, "{title} does not serve within {seconds} s: {last}{output}")
            }
            Self::DoesNotStop { title, within } => {
                write!(f, "{title} does not stop within {} s of being asked to", within.as_secs_f64())
            }
        }
    }
}

impl std::error::Error for LaunchError {}
