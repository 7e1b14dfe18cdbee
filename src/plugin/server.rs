//! The gRPC server, from the handshake to the end of the process.

use std::{future::Future, pin::Pin, time::Instant};

use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status,
    service::{InterceptorLayer, Routes},
    transport::Server,
};
use tracing::debug;

use super::{
    connection::{self, ConnectionTracker},
    in_flight::InFlight,
    lifecycle::{ExitReason, Lifecycle},
    listener::Listener,
};

/// How many accepted connections may wait for the server.
const BACKLOG: usize = 16;

/// How often every task that is ready gets its turn before the process ends: the last response passes from the handler to
/// its stream and on to the connection, which writes it. Nothing is waited for.
const LAST_TURNS: usize = 8;

/// What is served, and where.
pub(super) struct GrpcServer {
    pub(super) listener: Listener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) routes: Routes,
    pub(super) in_flight: InFlight,
    /// Cancelled by the call of Shutdown.
    pub(super) shutdown: CancellationToken,
}

/// Serves until a Shutdown, until `lifecycle` gives a reason to end (without one it never does), or until
/// `shutdown_signal` does.
/// Open connections are left as they are: the end of the process closes them.
pub(super) async fn run(
    server: GrpcServer,
    mut lifecycle: Option<Lifecycle>,
    shutdown_signal: impl Future<Output = ExitReason>,
) -> ExitReason {
    let GrpcServer {
        listener,
        tls,
        routes,
        in_flight,
        shutdown,
    } = server;
    let (changed, mut changes) = mpsc::unbounded_channel();
    let (accepted, connections) = mpsc::channel(BACKLOG);
    let accepting = connection::accept(listener, tls, changed, accepted);
    let serving = Server::builder()
        .layer(InterceptorLayer::new(note_rpc))
        .layer(in_flight)
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            ReceiverStream::new(connections),
            shutdown.clone().cancelled_owned(),
        );
    tokio::pin!(accepting, serving, shutdown_signal);
    loop {
        let deadline = lifecycle.and_then(|lifecycle| lifecycle.deadline());
        tokio::select! {
            () = shutdown.cancelled() => {
                last_turns(serving).await;
                return ExitReason::Shutdown;
            }
            end = &mut shutdown_signal => {
                last_turns(serving).await;
                return end;
            }
            Some(change) = changes.recv() => {
                debug!(?change, "the connections in use changed");
                lifecycle = lifecycle.map(|lifecycle| lifecycle.after(change, Instant::now()));
            }
            () = sleep_until(deadline) => {
                let now = Instant::now();
                if let Some(end) = lifecycle.and_then(|lifecycle| lifecycle.exit_reason(now)) {
                    return end;
                }
            }
            result = &mut serving => {
                debug!(?result, "the gRPC server stopped");
                // A Shutdown that found no connection open stops it as well.
                return match shutdown.is_cancelled() {
                    true => ExitReason::Shutdown,
                    false => ExitReason::ServerStopped,
                };
            }
            () = &mut accepting => return ExitReason::ServerStopped,
        }
    }
}

async fn last_turns(mut serving: Pin<&mut impl Future>) {
    for _ in 0..LAST_TURNS {
        tokio::select! {
            // The server first: yielding is always ready, and would win half the time.
            biased;
            _ = &mut serving => return,
            () = tokio::task::yield_now() => {}
        }
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Marks the connection of a gRPC request as one that carries RPCs. Other HTTP requests do not count.
#[allow(clippy::result_large_err, clippy::unnecessary_wraps)] // the form of an interceptor
fn note_rpc(request: Request<()>) -> Result<Request<()>, Status> {
    let content_type = request.metadata().get("content-type");
    let is_rpc = content_type
        .is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/grpc"));
    if let (true, Some(tracker)) = (is_rpc, request.extensions().get::<ConnectionTracker>()) {
        tracker.carried_rpc();
    }
    Ok(request)
}

#[cfg(test)]
#[cfg(unix)]
#[path = "server_tests.rs"]
mod tests;
