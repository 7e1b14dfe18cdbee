//! A panic in a handler becomes a diagnostic, and the process goes on.
//!
//! A panic's payload can quote a secret, so it is never printed: only the place of the panic is, and the RPC.

use std::{
    cell::RefCell,
    future::Future,
    io::Write,
    panic::{AssertUnwindSafe, Location, PanicHookInfo},
};

use futures_util::FutureExt;

use super::diagnostics::Diagnostic;

struct Guarded {
    rpc: &'static str,
    panicked_at: RefCell<String>,
}

tokio::task_local! {
    static GUARDED: Guarded;
}

/// Runs `work` for `rpc`. A panic within becomes an error diagnostic and an ERROR log line.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use terraform_provider_immuta::tfplugin::panic::{catch_panic, install_hook};
///
/// install_hook();
/// let caught = catch_panic("ReadResource", async { panic!("a secret") }).await;
/// let diagnostic = caught.map(|(): ()| ()).unwrap_err();
/// assert!(diagnostic.detail.contains("ReadResource panicked at"));
/// assert!(!diagnostic.detail.contains("a secret"));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn catch_panic<T>(
    rpc: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, Diagnostic> {
    let guarded = Guarded {
        rpc,
        panicked_at: RefCell::default(),
    };
    let caught = async {
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(done) => Ok(done),
            Err(_) => Err(GUARDED.with(|guarded| guarded.panicked_at.take())),
        }
    };
    GUARDED
        .scope(guarded, caught)
        .await
        .map_err(|place| Diagnostic::bug(format_args!("{rpc} panicked at {place}.")))
}

/// As [`catch_panic`], for work that is not asynchronous. `what` is what panics.
pub(super) fn catch_panic_now<T>(
    what: &'static str,
    work: impl FnOnce() -> T,
) -> Result<T, Diagnostic> {
    let ready = catch_panic(what, async { work() }).now_or_never();
    ready.unwrap_or_else(|| Err(Diagnostic::bug(format_args!("{what} did not return."))))
}

/// Replaces Rust's panic message, which quotes the payload. A panic that is caught is logged; one that
/// ends the process writes the one line that CLIs show as a crash.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = place(panic);
        let guarded_rpc = GUARDED.try_with(|guarded| {
            guarded.panicked_at.replace(place.clone());
            guarded.rpc
        });
        match (guarded_rpc, tokio::task::try_id()) {
            (Ok(rpc), _) => tracing::error!(rpc, place, "a handler panicked"),
            // The runtime catches it, and whoever waits for the task gets an error.
            (Err(_), Some(_)) => tracing::error!(place, "a task panicked"),
            // A failed write must not panic again.
            (Err(_), None) => drop(writeln!(std::io::stderr(), "panic: at {place}")),
        }
    }));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), Location::to_string)
}

#[cfg(test)]
#[path = "panic_tests.rs"]
mod tests;
