//! Where the process listens: a Unix socket that only its owner can reach, or else a TCP port of the loopback.

use std::{io, net::Ipv4Addr, ops::RangeInclusive};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

use super::launch::Place;

/// Either end of a connection, before or after TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Where a listener can be reached, in the words of go-plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// `unix` or `tcp`.
    pub(super) network: &'static str,
    /// The path of the socket, or host and port.
    pub(super) address: String,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListenError {
    #[error(
        "no Unix socket could be made below {0}: {1}; a TCP port is not used instead, since without AutoMTLS every user of this machine could connect to it"
    )]
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no socket to fail"))]
    Unprotected(String, io::Error),
    #[error("no TCP port of 127.0.0.1 from {lowest} to {highest} could be used: {error}")]
    NoPort {
        lowest: u16,
        highest: u16,
        error: io::Error,
    },
}

/// A listener. What it put into the file system is removed when it is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    address: Address,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        /// Removed, with the socket in it, when it is dropped.
        _folder: tempfile::TempDir,
    },
    Tcp(TcpListener),
}

impl Listener {
    /// Begins to listen. `protected` says that clients have to prove themselves, so that a TCP port, which
    /// everyone on the machine can reach, will do.
    pub(super) async fn bind(place: &Place, protected: bool) -> Result<Listener, ListenError> {
        #[cfg(unix)]
        match Listener::unix(&place.socket_folder) {
            Ok(listener) => return Ok(listener),
            Err(error) if !protected => {
                let folder = place.socket_folder.display().to_string();
                return Err(ListenError::Unprotected(folder, error));
            }
            Err(error) => tracing::info!(%error, "no Unix socket can be used, trying TCP"),
        }
        #[cfg(not(unix))]
        let _ = protected;
        Listener::tcp(&place.ports).await
    }

    #[cfg(unix)]
    fn unix(parent: &std::path::Path) -> io::Result<Listener> {
        use std::{fs::Permissions, os::unix::fs::PermissionsExt};

        let folder = tempfile::Builder::new()
            .prefix("plugin-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)?;
        let path = folder.path().join("socket");
        // The handshake line is text with fields.
        let address = path
            .to_str()
            .filter(|path| !path.contains(['|', '\n', '\r']))
            .ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidFilename,
                    "the path does not fit into the handshake",
                )
            })?
            .to_owned();
        let socket = tokio::net::UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Listener {
            address: Address {
                network: "unix",
                address,
            },
            socket: Socket::Unix {
                listener: socket,
                _folder: folder,
            },
        })
    }

    async fn tcp(ports: &RangeInclusive<u16>) -> Result<Listener, ListenError> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for port in ports.clone() {
            let bound = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                Ok(socket) => socket.local_addr().map(|address| (socket, address)),
                Err(error) => Err(error),
            };
            match bound {
                Ok((socket, address)) => {
                    return Ok(Listener {
                        address: Address {
                            network: "tcp",
                            address: address.to_string(),
                        },
                        socket: Socket::Tcp(socket),
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(ListenError::NoPort {
            lowest: *ports.start(),
            highest: *ports.end(),
            error: last,
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match &self.socket {
            #[cfg(unix)]
            Socket::Unix { listener, .. } => Ok(Box::new(listener.accept().await?.0)),
            Socket::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;
