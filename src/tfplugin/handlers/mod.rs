//! From each trait that a provider implements to the messages of its RPCs: a request is decoded, the handler
//! called, and what it returned turned into a response. [`Handlers`] keeps them by type name.

pub(super) mod action;
pub(super) mod data_source;
pub(super) mod ephemeral_resource;
pub(super) mod list_resource;
mod registry;
pub(super) mod resource;

pub use self::registry::Handlers;
use super::{
    diagnostics::Diagnostic,
    outcome::{HandlerResult, Outcome},
    panic::catch_panic,
};

/// Runs a handler. A panic is an error like any other.
async fn run<T>(
    rpc: &'static str,
    work: impl Future<Output = HandlerResult<T>>,
) -> HandlerResult<T> {
    catch_panic(rpc, work)
        .await
        .unwrap_or_else(|panic| Outcome::from(Err(panic)))
}

/// What helps where the provider is not configured yet.
const APPLY_FIRST: &str = "Apply the resource that gives those values first, with -target.";

/// The error of a handler that needs the configured provider, in a plan that does not know the
/// configuration yet.
fn not_configured_yet(kind: &str, type_name: &str, advice: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider configuration not known yet",
        format!(
            "The {kind} {type_name} cannot be used in this plan, because the provider block refers to values that are known only after an apply.\n\n{advice}"
        ),
    )
}
