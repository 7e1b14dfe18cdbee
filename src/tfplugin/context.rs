//! What a handler gets beside its models.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{outcome::DeferredReason, proto};

/// What a handler gets with each RPC. `C` is what the provider made of its configuration: `Arc<Client>`
/// where nothing can be done without, `Option<Arc<Client>>` where core also calls while the
/// configuration is not known yet.
///
/// ```
/// use std::sync::Arc;
/// use terraform_provider_immuta::tfplugin::{Capabilities, MaybeConfigured, RequestContext};
///
/// let planning: MaybeConfigured<String> =
///     RequestContext::new(Some(Arc::new("Springfield".to_owned())), Capabilities::default());
/// let configured = planning.configured().expect("it has a client");
/// assert_eq!(*configured.client, "Springfield");
/// // Who waits for something waits for `stop` as well.
/// assert!(!configured.stop.is_cancelled());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestContext<C> {
    /// What ConfigureProvider made.
    pub client: C,
    /// Cancelled when core sends StopProvider: waits end at once.
    pub stop: CancellationToken,
    /// What this core can do.
    pub capabilities: Capabilities,
}

/// The context of a handler that core may call before the configuration is known.
pub type MaybeConfigured<C> = RequestContext<Option<Arc<C>>>;

/// The context of a handler that needs the configured client.
pub type Configured<C> = RequestContext<Arc<C>>;

impl<C> RequestContext<C> {
    /// A context that nothing has stopped yet: for tests of a handler.
    pub fn new(client: C, capabilities: Capabilities) -> Self {
        Self {
            client,
            stop: CancellationToken::new(),
            capabilities,
        }
    }
}

impl<C> MaybeConfigured<C> {
    /// The same context, if the provider is configured.
    pub fn configured(&self) -> Option<Configured<C>> {
        Some(RequestContext {
            client: self.client.clone()?,
            stop: self.stop.clone(),
            capabilities: self.capabilities,
        })
    }

    /// Why a handler that needs the configured client is deferred, where core allows that. Every apply
    /// allows it too, but then the configuration is always known.
    pub(super) fn deferral(&self) -> Option<DeferredReason> {
        (self.client.is_none() && self.capabilities.deferral)
            .then_some(DeferredReason::ProviderConfigUnknown)
    }
}

/// What core says it can do. A core that is older than a capability does not send it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Core accepts a `deferred` response.
    pub deferral: bool,
    /// Core keeps write-only values out of state and plan.
    pub write_only: bool,
    /// Core gives back what the first plan of an object returned as its private data when it plans the
    /// same object again.
    pub planned_private: bool,
}

impl From<Option<proto::ClientCapabilities>> for Capabilities {
    fn from(capabilities: Option<proto::ClientCapabilities>) -> Self {
        let capabilities = capabilities.unwrap_or_default();
        Self {
            deferral: capabilities.deferral_allowed,
            write_only: capabilities.write_only_attributes_allowed,
            planned_private: capabilities.store_planned_private,
        }
    }
}
