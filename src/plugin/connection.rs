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

/// Accepts connections for ever. Each handshake runs in a task of its own, so that a client which is slow,
/// refused, or no client at all stands in nobody's way.
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
    presence: Presence,
}

/// What is known about the one at the other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Presence(Arc<Known>);

#[derive(Debug)]
struct Known {
    state: AtomicU8,
    changes: UnboundedSender<Change>,
}

const SILENT: u8 = 0;
const SERVED: u8 = 1;
const GONE: u8 = 2;

impl Presence {
    fn new(changes: UnboundedSender<Change>) -> Presence {
        Presence(Arc::new(Known {
            state: AtomicU8::new(SILENT),
            changes,
        }))
    }

    /// Tells that an RPC came over this connection.
    pub(super) fn carried_rpc(&self) {
        let first =
            self.0
                .state
                .compare_exchange(SILENT, SERVED, Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            let _ = self.0.changes.send(Change::Joined);
        }
    }

    fn gone(&self) {
        if self.0.state.swap(GONE, Ordering::AcqRel) == SERVED {
            let _ = self.0.changes.send(Change::Left);
        }
    }
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, changes: UnboundedSender<Change>) -> Connection {
        Connection {
            stream,
            presence: Presence::new(changes),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.presence.gone();
    }
}

impl Connected for Connection {
    type ConnectInfo = Presence;

    fn connect_info(&self) -> Presence {
        self.presence.clone()
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
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn a_connection_that_carried_rpcs_joins_once_and_leaves_once() {
        let (sender, mut changes) = unbounded_channel();
        let connection = Connection::new(Box::new(tokio::io::duplex(1).0), sender);
        let presence = connection.connect_info();
        presence.carried_rpc();
        presence.carried_rpc();
        assert_eq!(changes.try_recv(), Ok(Change::Joined));
        assert!(changes.try_recv().is_err());
        drop(connection);
        assert_eq!(changes.try_recv(), Ok(Change::Left));
        presence.carried_rpc();
        assert!(changes.try_recv().is_err());
    }

    #[test]
    fn a_connection_without_an_rpc_is_never_counted() {
        let (sender, mut changes) = unbounded_channel();
        let connection = Connection::new(Box::new(tokio::io::duplex(1).0), sender);
        let presence = connection.connect_info();
        drop(connection);
        presence.carried_rpc();
        assert!(changes.try_recv().is_err());
    }
}
