//! When a process ends by itself.
//!
//! Core ends its plugins with a Shutdown, but a core that is killed ends nothing: no signal comes, and the
//! process would stay forever. So it ends when no client is connected. Only a connection that carried an RPC
//! counts as a client: a refused handshake or garbage on the socket neither keeps the process alive nor ends it.

use std::time::{Duration, Instant};

/// How long a process waits for the first connection that carries an RPC. Core waits as long for the handshake.
pub(super) const FIRST_CONNECTION: Duration = Duration::from_mins(1);

/// How long it waits for another one after the last is gone.
pub(super) const NEXT_CONNECTION: Duration = Duration::from_secs(1);

/// How often it looks whether its parent is still the same.
pub(super) const PARENT_CHECK: Duration = Duration::from_secs(1);

/// Why a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitReason {
    /// Core asked for it.
    Shutdown,
    /// A signal asked for it.
    Signal,
    /// No client connected in time.
    NoClient,
    /// The last client disconnected and none came after it.
    LastClientDisconnected,
    /// The process that started this one exited.
    ParentExited,
    /// The server stopped, which it never does by itself.
    ServerStopped,
}

/// A change of the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A connection carried its first RPC.
    Connected,
    /// A connection that had carried an RPC is closed.
    Disconnected,
}

/// How many clients are connected, and when to end if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifecycle {
    clients: usize,
    idle_timeout: IdleTimeout,
}

/// When a process without a client ends, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IdleTimeout {
    at: Instant,
    reason: ExitReason,
}

impl Lifecycle {
    pub(super) fn begin(now: Instant) -> Lifecycle {
        Lifecycle {
            clients: 0,
            idle_timeout: IdleTimeout {
                at: now + FIRST_CONNECTION,
                reason: ExitReason::NoClient,
            },
        }
    }

    pub(super) fn after(self, change: Change, now: Instant) -> Lifecycle {
        match change {
            Change::Connected => Lifecycle {
                clients: self.clients + 1,
                ..self
            },
            Change::Disconnected => Lifecycle {
                clients: self.clients.saturating_sub(1),
                idle_timeout: IdleTimeout {
                    at: now + NEXT_CONNECTION,
                    reason: ExitReason::LastClientDisconnected,
                },
            },
        }
    }

    /// When to ask [`Lifecycle::exit_reason`] again, unless something changes before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        (self.clients == 0).then_some(self.idle_timeout.at)
    }

    /// Why to end now, if so.
    pub(super) fn exit_reason(&self, now: Instant) -> Option<ExitReason> {
        self.deadline()
            .filter(|deadline| *deadline <= now)
            .map(|_| self.idle_timeout.reason)
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
