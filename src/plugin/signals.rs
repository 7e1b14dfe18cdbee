//! Signals, as far as a plugin process has to do with them.

use std::io;

/// A signal that was sent to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C. A terminal sends it to core and its plugins alike.
    Interrupt,
    /// The terminal is gone. It, too, reaches core and its plugins alike.
    #[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "Windows has none"))]
    HangUp,
    /// The process shall end.
    Terminate,
}

impl Signal {
    /// Whether the process ends at this signal. A process that core started is ended by core, which first lets
    /// the running calls finish, or by the loss of core: never by what core was sent.
    pub(super) fn ends(self, started_by_core: bool) -> bool {
        match self {
            Signal::Interrupt | Signal::HangUp => !started_by_core,
            Signal::Terminate => true,
        }
    }
}

/// The signals that are caught. Without this they would end the process at once, and its socket would stay.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn caught() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.hang_up.recv() => Signal::HangUp,
            else => std::future::pending().await,
        }
    }
}

/// The signals that are caught.
#[cfg(windows)]
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    terminate: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Signals {
    pub(super) fn caught() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: tokio::signal::windows::ctrl_c()?,
            terminate: tokio::signal::windows::ctrl_break()?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            else => std::future::pending().await,
        }
    }
}

/// The process that started this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent(Option<u32>);

impl Parent {
    /// The parent at this moment. When a parent ends, its children get another one.
    pub(super) fn now() -> Parent {
        #[cfg(unix)]
        let id = rustix::process::getppid().map(|id| id.as_raw_nonzero().get().unsigned_abs());
        #[cfg(not(unix))]
        let id = None;
        Parent(id)
    }
}

#[cfg(test)]
#[path = "signals_tests.rs"]
mod tests;
