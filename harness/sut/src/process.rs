//! A process and everything that it starts.

use std::collections::BTreeSet;
use std::fmt;
use std::future::pending;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use mqttspec_engine::Usage;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Command;
use tokio::sync::watch;

use crate::log::Log;
use crate::usage::of_group;

/// The process groups that run now.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Kills whatever was started and still runs, for a program that ends at once.
pub fn kill_all() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    for group in running.iter().filter_map(|&id| Pid::from_raw(id)) {
        // One that is gone already is as good as killed.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        // A process ends in one of the two ways; the code of one that was stopped or traced is not asked for.
        status.signal().map_or_else(|| Self::Code(status.code().unwrap_or(-1)), Self::Signal)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(number) => {
                let name = match number {
                    2 => " (SIGINT)",
                    4 => " (SIGILL)",
                    6 => " (SIGABRT)",
                    7 => " (SIGBUS)",
                    8 => " (SIGFPE)",
                    9 => " (SIGKILL)",
                    11 => " (SIGSEGV)",
                    15 => " (SIGTERM)",
                    _ => "",
                };
                write!(f, "was ended by signal {number}{name}")
            }
        }
    }
}

/// A running process with the process group that it leads. Both are killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    id: Pid,
    exit: watch::Receiver<Option<Exit>>,
}

impl Process {
    /// Starts a command; what it writes goes to the log.
    pub(crate) fn spawn(mut command: Command, log: &Arc<Log>) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let id = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("the process has no id"))?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(id.as_raw_nonzero().get());
        let streams = (child.stdout.take(), child.stderr.take());
        let reading = Arc::clone(log);
        let output = tokio::spawn(async move {
            let stdout = async {
                if let Some(stream) = streams.0 {
                    reading.read(stream).await;
                }
            };
            let stderr = async {
                if let Some(stream) = streams.1 {
                    reading.read(stream).await;
                }
            };
            tokio::join!(stdout, stderr);
        });
        let (sender, exit) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await;
            // What was started by the process and holds its output open would keep us waiting.
            let _ = kill_process_group(id, Signal::KILL);
            RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.as_raw_nonzero().get());
            let _ = output.await;
            sender.send_replace(Some(status.map_or(Exit::Code(-1), Exit::from)));
        });
        Ok(Self { id, exit })
    }

    /// How it ended, if it has.
    pub(crate) fn exit(&self) -> Option<Exit> {
        *self.exit.borrow()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) -> Exit {
        let mut exit = self.exit.clone();
        let seen = exit.wait_for(Option::is_some).await.ok().and_then(|exit| *exit);
        match seen {
            Some(exit) => exit,
            // The task that tells has gone with the runtime: so does this one.
            None => pending().await,
        }
    }

    /// What it and those that it started hold.
    pub(crate) fn usage(&self) -> Option<Usage> {
        of_group(self.id.as_raw_nonzero().get())
    }

    /// Asks it to end in order.
    pub(crate) fn ask_to_end(&self) {
        if self.exit().is_none() {
            // That it has just ended by itself is what was asked for.
            let _ = kill_process(self.id, Signal::TERM);
        }
    }

    /// Ends it and its group without asking.
    pub(crate) fn kill(&self) {
        if self.exit().is_none() {
            let _ = kill_process_group(self.id, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
