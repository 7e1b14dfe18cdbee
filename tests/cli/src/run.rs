//! Runs one program to its end, or ends it when it hangs.
//!
//! Each runs in a process group of its own, so that what it has started ends with it.

use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process, kill_process_group};

/// Longer than anything here may take, even on a loaded machine: whoever is not done by then hangs.
const HANGS_AFTER: Duration = Duration::from_secs(180);

/// What a program printed, and how it ended.
pub struct Finished {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How it ended.
    pub status: ExitStatus,
}

/// A program that is running. Dropping it kills the program and all that it has started.
pub struct Running {
    child: Child,
    /// Until then its id, which is its group's too, cannot be another's.
    waited_for: bool,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    started: Instant,
}

/// Starts a program whose output is collected as it comes.
pub fn start(command: &mut Command) -> Running {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap_or_else(|cause| panic!("cannot start {command:?}: {cause}"));
    let stdout = collect(child.stdout.take().expect("stdout is piped"));
    let stderr = collect(child.stderr.take().expect("stderr is piped"));
    Running {
        child,
        waited_for: false,
        stdout,
        stderr,
        started: Instant::now(),
    }
}

impl Running {
    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.waited_for |= self.child.try_wait().is_ok_and(|status| status.is_some());
        self.waited_for
    }

    /// Sends the whole group a signal, as Ctrl-C in a terminal does, or `timeout`.
    pub fn signal_group(&mut self, signal: Signal) {
        if !self.has_ended() {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    /// Sends the program alone a signal.
    pub fn signal(&mut self, signal: Signal) {
        if !self.has_ended() {
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }

    /// Waits for the end. A program that hangs is ended, and is a failed test.
    pub fn finish(mut self) -> Finished {
        let stdout = self.collected(|running| &running.stdout);
        let stderr = self.collected(|running| &running.stderr);
        let status = self.child.wait().expect("a child can be waited for");
        self.waited_for = true;
        Finished {
            stdout,
            stderr,
            status,
        }
    }

    /// Everything from one stream, which closes when the program (and all that holds it) has ended.
    fn collected(&mut self, stream: impl Fn(&Running) -> &Receiver<String>) -> String {
        let left = HANGS_AFTER.saturating_sub(self.started.elapsed());
        match stream(self).recv_timeout(left) {
            Ok(text) => text,
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                let text = stream(self)
                    .recv_timeout(Duration::from_secs(5))
                    .unwrap_or_default();
                panic!("hung for {HANGS_AFTER:?}; printed so far:\n{text}");
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the reader of a stream ended early"),
        }
    }

    /// Kills the whole group, of which it is the first. It may have ended, and must not have been
    /// waited for.
    fn kill(&self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.waited_for {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn what_a_program_has_started_ends_with_it() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let held = folder.path().join("held");
        let made = Command::new("mkfifo").arg(&held).status();
        assert!(made.expect("mkfifo runs").success());
        // Only the sleeper holds the pipe: its reader sees the end when the sleeper is gone.
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 1000 >\"$0\" & wait"]).arg(&held);
        let running = start(&mut shell);
        let pipe = File::open(&held).expect("the sleeper opens it too");
        drop(running);
        let ended = collect(pipe).recv_timeout(HANGS_AFTER);
        assert_eq!(ended.as_deref(), Ok(""));
    }

    #[test]
    fn an_end_comes_with_all_that_was_printed() {
        let script = "echo to stdout; echo to stderr >&2; exit 3";
        let finished = start(Command::new("sh").args(["-c", script])).finish();
        assert_eq!(finished.stdout, "to stdout\n");
        assert_eq!(finished.stderr, "to stderr\n");
        assert_eq!(finished.status.code(), Some(3));
    }
}
