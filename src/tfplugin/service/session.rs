//! What outlives one RPC: the configured client and the stop signal.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::tfplugin::{
    context::{Capabilities, MaybeConfigured},
    proto,
};

/// From one ConfigureProvider to the next. A process handles one configuration, but a reattached
/// one is configured again for every run: the newer replaces the older.
pub(super) struct Session<C>(Mutex<Current<C>>);

struct Current<C> {
    client: Option<Arc<C>>,
    stop: CancellationToken,
}

impl<C> Session<C> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Current {
            client: None,
            stop: CancellationToken::new(),
        }))
    }

    pub(super) fn configure(&self, client: Option<C>) {
        *self.lock() = Current {
            client: client.map(Arc::new),
            stop: CancellationToken::new(),
        };
    }

    pub(super) fn stop(&self) {
        self.lock().stop.cancel();
    }

    /// What a handler gets beside its request.
    pub(super) fn context(
        &self,
        capabilities: Option<proto::ClientCapabilities>,
    ) -> MaybeConfigured<C> {
        let current = self.lock();
        MaybeConfigured {
            client: current.client.clone(),
            stop: current.stop.clone(),
            capabilities: Capabilities::from(capabilities),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Current<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
