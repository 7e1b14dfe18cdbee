//! A provider process, started, called and ended as core does it.

pub mod certificate;
pub mod connection;
pub mod handshake;
pub mod output;
pub mod reattach;
pub mod tracked;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::sync::watch;

pub use certificate::ClientCertificate;
pub use connection::{Connection, Streams};
pub use handshake::Handshake;
pub use output::{Log, Output};
pub use reattach::Reattach;
pub use tracked::Tracked;

use crate::wire::{Spawn, Status, Wire};

/// The cookie by which a provider knows that core started it.
pub const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
/// Its value, the same for every Terraform and OpenTofu.
pub const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// How long core waits for the handshake line.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long core waits for the exit after `Shutdown` before it kills.
pub const EXIT_GRACE: Duration = Duration::from_millis(2000);

/// The runtime behind the blocking calls, one for the test process.
pub(crate) fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("tfplugin-host")
            .build()
            .expect("a runtime for the host")
    })
}

/// How a provider process is started. The environment is core's own: nothing of the test's
/// environment gets through but `PATH` and `HOME`, unless it is added.
#[derive(Debug, Clone)]
pub struct Launch {
    program: PathBuf,
    args: Vec<OsString>,
    env: BTreeMap<OsString, Option<OsString>>,
    certificate: Given,
    current_dir: Option<PathBuf>,
}

#[derive(Debug, Clone)]
enum Given {
    Fresh,
    None,
    This(Arc<ClientCertificate>),
}

impl Launch {
    /// A start of this binary with all that core gives it.
    pub fn new(program: impl Into<PathBuf>) -> Launch {
        Launch {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            certificate: Given::Fresh,
            current_dir: None,
        }
    }

    /// Adds an argument. Core gives none.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Launch {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable, over what core would set.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Launch {
        self.env.insert(name.into(), Some(value.into()));
        self
    }

    /// Takes away an environment variable that core would set.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<OsString>) -> Launch {
        self.env.insert(name.into(), None);
        self
    }

    /// Gives no `PLUGIN_CLIENT_CERT`: the connection is without TLS.
    #[must_use]
    pub fn without_tls(mut self) -> Launch {
        self.certificate = Given::None;
        self
    }

    /// Uses this client certificate rather than a fresh one.
    #[must_use]
    pub fn client_certificate(mut self, certificate: Arc<ClientCertificate>) -> Launch {
        self.certificate = Given::This(certificate);
        self
    }

    /// Starts in this folder.
    #[must_use]
    pub fn current_dir(mut self, dir: impl Into<PathBuf>) -> Launch {
        self.current_dir = Some(dir.into());
        self
    }

    /// Starts the process, reads the handshake line, and connects.
    pub fn start(&self) -> Result<Process, String> {
        let process = self.start_unconnected()?;
        process.connect()?;
        Ok(process)
    }

    /// Starts the process and reads the handshake line, without a connection.
    pub fn start_unconnected(&self) -> Result<Process, String> {
        let process = self.spawn_only()?;
        let line = process
            .output
            .first_line(HANDSHAKE_TIMEOUT)
            .ok_or("timeout while waiting for plugin to start")?;
        let handshake = line
            .as_deref()
            .ok_or_else(|| {
                format!(
                    "Unrecognized remote plugin message: \nFailed to read any lines from plugin's stdout\nstderr: {}",
                    process.output.stderr().join("\n")
                )
            })
            .and_then(Handshake::parse)?;
        let _ = process.handshake.set(handshake);
        Ok(process)
    }

    /// Starts the process and expects no handshake, as for `--version` or without the cookie.
    pub fn spawn_only(&self) -> Result<Process, String> {
        let temp = tempfile::Builder::new()
            .prefix("tfh")
            .tempdir()
            .map_err(|e| e.to_string())?;
        let certificate = match &self.certificate {
            Given::None => None,
            Given::This(certificate) => Some(certificate.clone()),
            Given::Fresh => Some(Arc::new(ClientCertificate::fresh()?)),
        };
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear();
        for name in ["PATH", "HOME", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("TMPDIR", temp.path())
            .env(COOKIE_NAME, COOKIE_VALUE)
            .env("PLUGIN_PROTOCOL_VERSIONS", "6,5")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000");
        if let Some(certificate) = &certificate {
            command.env("PLUGIN_CLIENT_CERT", certificate.pem());
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(dir) = &self.current_dir {
            command.current_dir(dir);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let _entered = runtime().enter();
        let mut child = command
            .spawn()
            .map_err(|e| format!("{}: {e}", self.program.display()))?;
        let pid = child.id().ok_or("the process has no id")?;
        let output = Output::collect(child.stdout.take(), child.stderr.take());
        let (exited, exit) = watch::channel(None);
        let (kill, mut killed) = watch::channel(false);
        runtime().spawn(async move {
            let asked = async {
                let _ = killed.wait_for(|asked| *asked).await;
            };
            let exited_itself = tokio::select! {
                status = child.wait() => Some(status),
                () = asked => None,
            };
            let status = match exited_itself {
                Some(status) => status,
                None => {
                    let _ = child.start_kill();
                    child.wait().await
                }
            };
            let _ = exited.send(status.ok());
        });
        Ok(Process {
            pid,
            started: Instant::now(),
            output,
            exit,
            kill,
            temp,
            certificate,
            handshake: OnceLock::new(),
            connection: Mutex::new(None),
        })
    }
}

impl Spawn for Launch {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        Ok(Arc::new(self.start()?))
    }
}

/// A running provider. Dropping it kills the process, if it still runs.
pub struct Process {
    pid: u32,
    started: Instant,
    output: Output,
    exit: watch::Receiver<Option<ExitStatus>>,
    kill: watch::Sender<bool>,
    temp: tempfile::TempDir,
    certificate: Option<Arc<ClientCertificate>>,
    handshake: OnceLock<Handshake>,
    connection: Mutex<Option<Arc<Connection>>>,
}

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// From the `Shutdown` call to the exit.
    pub took: Duration,
    /// Its exit status.
    pub status: ExitStatus,
    /// How the two streams that core holds open ended; `None` while they are open.
    pub streams: Streams,
}

impl Process {
    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// When it was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// What it wrote.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Its own temporary folder, where the socket is made.
    pub fn temp_dir(&self) -> &Path {
        self.temp.path()
    }

    /// What is left in its temporary folder.
    pub fn left_behind(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.temp.path());
        entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect()
    }

    /// The handshake line. Panics if the process was started without reading one.
    pub fn handshake(&self) -> &Handshake {
        self.handshake.get().expect("a handshake was read")
    }

    /// The client certificate that the process was given.
    pub fn certificate(&self) -> Option<&Arc<ClientCertificate>> {
        self.certificate.as_ref()
    }

    /// Connects as core does, with the process's own certificate, and makes this the connection
    /// of the calls.
    pub fn connect(&self) -> Result<Arc<Connection>, String> {
        let connection = Arc::new(Connection::open(
            self.handshake(),
            self.certificate.as_deref(),
        )?);
        *lock(&self.connection) = Some(connection.clone());
        Ok(connection)
    }

    /// Connects with another client certificate, or none, beside the connection of the calls.
    pub fn connect_as(&self, client: Option<&ClientCertificate>) -> Result<Connection, String> {
        Connection::open(self.handshake(), client)
    }

    /// The connection of the calls.
    pub fn connection(&self) -> Result<Arc<Connection>, Status> {
        lock(&self.connection).clone().ok_or_else(|| Status {
            code: tonic::Code::Unavailable,
            message: "not connected".to_owned(),
        })
    }

    /// Drops the connection without `Shutdown`, as happens when core is killed.
    pub fn disconnect(&self) {
        let connection = lock(&self.connection).take();
        if let Some(connection) = connection {
            connection.close();
        }
    }

    /// Waits for the exit, at most `bound`.
    pub fn wait_exit(&self, bound: Duration) -> Option<ExitStatus> {
        let mut exit = self.exit.clone();
        runtime().block_on(async move {
            let waited = tokio::time::timeout(bound, exit.wait_for(Option::is_some)).await;
            waited.ok()?.ok().and_then(|status| *status)
        })
    }

    /// Whether it has not exited.
    pub fn is_running(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Kills it (SIGKILL) and waits for the exit.
    pub fn kill(&self) -> Option<ExitStatus> {
        let _ = self.kill.send(true);
        self.wait_exit(Duration::from_secs(10))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) -> Result<(), String> {
        if !self.is_running() {
            return Err("the process has exited".to_owned());
        }
        let pid = i32::try_from(self.pid)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
            .ok_or("no process id")?;
        rustix::process::kill_process(pid, signal).map_err(|e| e.to_string())
    }

    /// Sends it what Ctrl-C in the terminal sends.
    pub fn interrupt(&self) -> Result<(), String> {
        self.signal(rustix::process::Signal::INT)
    }

    /// Ends it as core does: `Shutdown`, then up to 2 s for the exit, then a kill, which is an error.
    pub fn shut_down(&self) -> Result<Ending, String> {
        let connection = self.connection().map_err(|e| e.to_string())?;
        let asked = Instant::now();
        connection.shutdown();
        let Some(status) = self.wait_exit(EXIT_GRACE) else {
            self.kill();
            return Err(format!(
                "the process did not exit within {EXIT_GRACE:?} after Shutdown and was killed"
            ));
        };
        let took = asked.elapsed();
        let streams = connection.wait_streams(Duration::from_secs(5));
        Ok(Ending {
            took,
            status,
            streams,
        })
    }
}

impl Wire for Process {
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.connection()?.unary(method, request)
    }

    fn stream(
        &self,
        method: &str,
        request: Vec<u8>,
        each: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status> {
        self.connection()?.stream(method, request, each)
    }

    fn end(&self) -> Result<(), String> {
        self.shut_down().map(|_| ())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.is_running() {
            self.kill();
        }
    }
}

/// Runs the binary by hand, with nothing of core's environment, to its end.
pub fn run_directly(program: &Path, args: &[&str]) -> std::io::Result<std::process::Output> {
    std::process::Command::new(program)
        .args(args.iter().map(OsStr::new))
        .env_remove(COOKIE_NAME)
        .stdin(Stdio::null())
        .output()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
