//! The process of a Terraform plugin, from its start to its end; knows nothing of any provider.
//!
//! Core starts the binary with a cookie and a certificate in its environment, reads one line from its stdout
//! (`handshake`), connects over mutual TLS (`auto_mtls`) to the socket that the line names (`listener`),
//! and speaks gRPC: the provider's service beside those that every plugin has (`services`). The process ends
//! when core says so, or when core is gone (`lifecycle`).

mod auto_mtls;
mod command_line;
mod connection;
mod direct_invocation;
mod handshake;
mod in_flight;
mod launch;
mod lifecycle;
mod listener;
mod log;
mod reattach;
mod server;
mod services;
mod signals;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use self::{
    command_line::Command,
    in_flight::InFlight,
    launch::{Launch, LaunchError},
    lifecycle::{ExitReason, Lifecycle, PARENT_CHECK},
    listener::{Address, ListenError, Listener},
    server::GrpcServer,
    signals::{Parent, Signal, Signals},
};
use crate::tfplugin::{Provider, ProviderMetadata, Service, panic};

/// How long core may take to read the last response of a process that is to end.
const RESPONSE_READ: Duration = Duration::from_secs(2);

/// The exit code of an invalid command line.
const USAGE: u8 = 2;

/// Runs this provider as a plugin process, as the command line and the environment ask for, and gives the
/// exit code.
///
/// `main` of a provider is this one call; `examples/minimal_provider.rs` is a whole provider.
///
/// ```no_run
/// use terraform_provider_immuta::{plugin, provider::Immuta};
///
/// fn main() -> std::process::ExitCode {
///     plugin::run(Immuta::new())
/// }
/// ```
pub fn run(provider: impl Provider) -> ExitCode {
    panic::install_hook();
    let metadata = provider.metadata();
    let parent = Parent::now();
    let mode = match command_line::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve) => Mode::StartedByCore(parent),
        Ok(Command::Debug) => Mode::Attached,
        Ok(Command::Version) => return print(&format!("{} {}\n", metadata.name, metadata.version)),
        Ok(Command::Help) => return print(&command_line::usage(&metadata)),
        Err(error) => {
            print_error(
                &metadata,
                &format!("{error}; {} --help lists the options", metadata.name),
            );
            return ExitCode::from(USAGE);
        }
    };
    let variable = |name: &str| std::env::var(name);
    let launch = match mode {
        Mode::StartedByCore(_) => Launch::by_core(&variable),
        Mode::Attached => Launch::for_debugging(&variable),
    };
    let launch = match launch {
        Ok(launch) => launch,
        Err(LaunchError::DirectInvocation) => {
            let binary = std::env::current_exe().unwrap_or_else(|_| metadata.name.into());
            let _ = io::stderr()
                .write_all(direct_invocation::explanation(&metadata, &binary).as_bytes());
            return ExitCode::FAILURE;
        }
        Err(error) => {
            print_error(&metadata, &error.to_string());
            return ExitCode::FAILURE;
        }
    };
    log::install(provider.log_crates(), |name| variable(name).ok());
    match serve(&metadata, mode, launch, Service::new(provider)) {
        Ok(ExitReason::NoClient | ExitReason::ServerStopped) => ExitCode::FAILURE,
        Ok(
            ExitReason::Shutdown
            | ExitReason::Signal
            | ExitReason::LastClientDisconnected
            | ExitReason::ParentExited,
        ) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&metadata, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Who ends the process.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// To the core that started it, whose end is its end.
    StartedByCore(Parent),
    /// To someone at a debugger: cores come and go.
    Attached,
}

/// Why the process cannot serve.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the process could not be set up: {0}")]
    Setup(io::Error),
    #[error(transparent)]
    Tls(#[from] auto_mtls::ServerError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("where to connect could not be written to stdout: {0}")]
    Handshake(io::Error),
}

fn serve<P: Provider>(
    metadata: &ProviderMetadata,
    mode: Mode,
    launch: Launch,
    service: Service<P>,
) -> Result<ExitReason, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Setup)?;
    let end = runtime.block_on(async {
        // From here on signals do not end the process at once, so that the socket is always removed.
        let signals = Signals::caught().map_err(Failure::Setup)?;
        let tls = launch
            .client_certificate
            .map(auto_mtls::server)
            .transpose()?;
        let listener = Listener::bind(&launch.place, tls.is_some()).await?;
        announce(metadata, mode, listener.address(), tls.as_ref()).map_err(Failure::Handshake)?;
        info!(version = metadata.version, address = %listener.address().address, "serving");

        let shutdown = CancellationToken::new();
        let in_flight = InFlight::new();
        let service = Arc::new(service);
        let server = GrpcServer {
            listener,
            tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
            routes: services::add_to(Arc::clone(&service).routes(), shutdown.clone()).await,
            in_flight: in_flight.clone(),
            shutdown,
        };
        let lifecycle = match mode {
            Mode::StartedByCore(_) => Some(Lifecycle::begin(Instant::now())),
            Mode::Attached => None,
        };
        let signal = shutdown_signal(mode, signals, &service, &in_flight);
        let end = server::run(server, lifecycle, signal).await;
        debug!(reason = ?end, "ending");
        Ok(end)
    });
    // Without this, a lookup of a host name that still runs in its thread would be waited for.
    runtime.shutdown_background();
    end
}

/// Writes where to connect, for core or for a person.
fn announce(
    metadata: &ProviderMetadata,
    mode: Mode,
    address: &Address,
    tls: Option<&auto_mtls::Server>,
) -> io::Result<()> {
    let text = match mode {
        Mode::StartedByCore(_) => {
            let certificate = tls.map(|tls| tls.certificate.as_ref());
            handshake::line(address, certificate) + "\n"
        }
        Mode::Attached => reattach::instructions(&reattach::value(
            metadata.address,
            address,
            std::process::id(),
        )),
    };
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Waits for a reason to end that comes from outside: a signal, or the exit of the parent.
///
/// A process group gets SIGTERM from `timeout`, systemd and CI runners: core is stopping too, and saves what it is told. So
/// the first one does what StopProvider does, and the process ends when every RPC under way is answered.
async fn shutdown_signal(
    mode: Mode,
    mut signals: Signals,
    service: &Service<impl Provider>,
    in_flight: &InFlight,
) -> ExitReason {
    let stopping = CancellationToken::new();
    let answered = async {
        stopping.cancelled().await;
        while !in_flight.is_none() {
            in_flight.none().await;
            // Core drops a response that it has not read when the process exits, and sends Shutdown when it has.
            tokio::time::sleep(RESPONSE_READ).await;
        }
    };
    tokio::pin!(answered);
    loop {
        tokio::select! {
            signal = signals.next() => {
                debug!(?signal, "received a signal");
                if signal == Signal::Terminate && !stopping.is_cancelled() {
                    service.stop_rpcs();
                    stopping.cancel();
                } else if signal.ends(matches!(mode, Mode::StartedByCore(_))) {
                    return ExitReason::Signal;
                }
            }
            () = &mut answered => return ExitReason::Signal,
            () = tokio::time::sleep(PARENT_CHECK) => {
                if matches!(mode, Mode::StartedByCore(parent) if parent != Parent::now()) {
                    return ExitReason::ParentExited;
                }
            }
        }
    }
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Writes a line to stderr, which core puts into its log.
fn print_error(metadata: &ProviderMetadata, error: &str) {
    let _ = writeln!(io::stderr(), "{}: {error}", metadata.name);
}
