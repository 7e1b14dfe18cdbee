//! Runs one program to its end, or ends it when it hangs.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

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

/// A program that is running.
pub struct Running {
    child: Child,
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
        .spawn()
        .unwrap_or_else(|cause| panic!("cannot start {command:?}: {cause}"));
    let stdout = collect(child.stdout.take().expect("stdout is piped"));
    let stderr = collect(child.stderr.take().expect("stderr is piped"));
    Running {
        child,
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

    /// Waits for the end. A program that hangs is ended, and is a failed test.
    pub fn finish(mut self) -> Finished {
        let stdout = self.collected(|running| &running.stdout);
        let stderr = self.collected(|running| &running.stderr);
        let status = self.child.wait().expect("a child can be waited for");
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
                let _ = self.child.kill();
                let _ = self.child.wait();
                let text = stream(self)
                    .recv_timeout(Duration::from_secs(5))
                    .unwrap_or_default();
                panic!("hung for {HANGS_AFTER:?}; printed so far:\n{text}");
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the reader of a stream ended early"),
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
