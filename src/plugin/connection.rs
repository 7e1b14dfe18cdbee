//! Connections on their way from the listener to the gRPC server.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc::{Sender, UnboundedSender},
};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;
use tracing::debug;

use super::{
    lifecycle::Change,
    listener::{Listener, Stream},
};

/// How long a client may take for its TLS handshake. Core takes a few milliseconds.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long to wait before accepting again after that failed: the usual cause, no file descriptor left, lasts.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Accepts connections forever. Each handshake runs in a task of its own, so that one that is slow or
/// refused delays no other.
pub(super) async fn accept(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    changes: UnboundedSender<Change>,
    accepted: Sender<io::Result<Connection>>,
) {
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) => {
                debug!(%error, "accepting a connection failed");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let tls = tls.clone();
        let changes = changes.clone();
        let accepted = accepted.clone();
        tokio::spawn(async move {
            let stream = match tls {
                None => stream,
                Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => Box::new(stream),
                    Ok(Err(error)) => return debug!(%error, "a TLS handshake was refused"),
                    Err(_) => return debug!("a TLS handshake took too long"),
                },
            };
            // It fails when the server has stopped, and then the connection is not needed.
            let _ = accepted.send(Ok(Connection::new(stream, changes))).await;
        });
    }
}

/// A connection that reports its first RPC and its end.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    tracker: ConnectionTracker,
}

/// Reports the first RPC of a connection, and its end if it carried one.
#[derive(Clone, Debug)]
pub(super) struct ConnectionTracker(Arc<Tracked>);

#[derive(Debug)]
struct Tracked {
    state: AtomicU8,
    changes: UnboundedSender<Change>,
}

const NO_RPC: u8 = 0;
const ACTIVE: u8 = 1;
const CLOSED: u8 = 2;

impl ConnectionTracker {
    fn new(changes: UnboundedSender<Change>) -> ConnectionTracker {
        ConnectionTracker(Arc::new(Tracked {
            state: AtomicU8::new(NO_RPC),
            changes,
        }))
    }

    /// Reports that an RPC came over this connection.
    pub(super) fn carried_rpc(&self) {
        let first =
            self.0
                .state
                .compare_exchange(NO_RPC, ACTIVE, Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            let _ = self.0.changes.send(Change::Connected);
        }
    }

    fn closed(&self) {
        if self.0.state.swap(CLOSED, Ordering::AcqRel) == ACTIVE {
            let _ = self.0.changes.send(Change::Disconnected);
        }
    }
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, changes: UnboundedSender<Change>) -> Connection {
        Connection {
            stream,
            tracker: ConnectionTracker::new(changes),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tracker.closed();
    }
}

impl Connected for Connection {
    type ConnectInfo = ConnectionTracker;

    fn connect_info(&self) -> ConnectionTracker {
        self.tracker.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
