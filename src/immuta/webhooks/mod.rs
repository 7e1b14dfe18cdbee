//! The operations on webhooks, behind [`Client`].

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use self::client_inner::ClientInner;
use super::config::ClientConfig;
use super::error::Error;
use super::models::{Delivery, TestResult, User, Webhook, WebhookSpec};
use super::transport::Transport;
use super::transport::http::HttpTransport;
use super::webhook_id::WebhookId;

mod adoption;
mod client_inner;
mod create;
mod current_user;
mod delete;
mod history;
mod list;
mod list_cache;
pub(super) mod partial_response;
mod read;
mod read_decision;
pub(super) mod requests;
mod test_delivery;
mod update;

pub use self::create::CreateOutcome;
pub use self::delete::DeleteOutcome;
pub use self::read_decision::ReadOutcome;
pub use self::update::UpdateOutcome;

/// The webhooks of one tenant, and what the operations of one process share: the list, the ids that are known, the
/// order of creates, the limit of concurrent requests, the pause after a 429. One is made for each configuration of the
/// provider. Clones are the same client.
///
/// Every operation takes the signal that Terraform asked to stop: waits and retries then end at once, a write that was
/// sent gets 10 s to finish, and what begins later fails at once.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

impl Client {
    /// Makes a client. No IO: the HTTP client is built, and root certificates are loaded, at the first request.
    pub fn new(config: &ClientConfig) -> Client {
        Client::with_transport(config, Box::new(HttpTransport::new(config)))
    }

    pub(super) fn with_transport(config: &ClientConfig, transport: Box<dyn Transport>) -> Client {
        Client {
            inner: Arc::new(ClientInner::new(config, transport)),
        }
    }

    /// Looks for one webhook: in the shared list, then by its id.
    pub async fn read(&self, id: &WebhookId, stop: &CancellationToken) -> ReadOutcome {
        self.inner.read(id, stop).await
    }

    /// Looks for one webhook as [`read`](Client::read) does, but in a list that began after this call.
    pub async fn read_uncached(&self, id: &WebhookId, stop: &CancellationToken) -> ReadOutcome {
        self.inner.read_uncached(id, stop).await
    }

    /// Whether this is the first call of this method: reads that end as [`ReadOutcome::Unavailable`] are warned of once.
    pub fn warns_of_unavailable_reads(&self) -> bool {
        self.inner.warns_of_unavailable_reads()
    }

    /// Every webhook, from a list that began after this call.
    ///
    /// # Errors
    ///
    /// Why there is no list.
    pub async fn list(&self, stop: &CancellationToken) -> Result<Vec<Webhook>, Error> {
        let operation = self.inner.operation(stop);
        let list = self.inner.list_uncached(&operation).await?;
        Ok(list.to_vec())
    }

    /// Creates a webhook, once. Creates of one url run one after another.
    pub async fn create(&self, spec: &WebhookSpec, stop: &CancellationToken) -> CreateOutcome {
        self.inner.create(spec, stop).await
    }

    /// Updates a webhook. Compare the result with [`Webhook::differences`].
    pub async fn update(
        &self,
        id: &WebhookId,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> UpdateOutcome {
        self.inner.update(id, spec, stop).await
    }

    /// Deletes a webhook.
    pub async fn delete(&self, id: &WebhookId, stop: &CancellationToken) -> DeleteOutcome {
        self.inner.delete(id, stop).await
    }

    /// Sends a test delivery for a configuration. A failed delivery is a result, not an error.
    ///
    /// # Errors
    ///
    /// Why the API did not say how the delivery ended.
    pub async fn test(
        &self,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        let request = requests::test(spec);
        self.inner.send_test_delivery(&request, stop).await
    }

    /// Sends a test delivery for a webhook. A failed delivery is a result, not an error.
    ///
    /// # Errors
    ///
    /// Why the API did not say how the delivery ended.
    pub async fn test_by_id(
        &self,
        id: &WebhookId,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        let request = requests::test_by_id(id);
        self.inner.send_test_delivery(&request, stop).await
    }

    /// The newest deliveries of a webhook, newest first, at most `limit`. All pages are fetched, since the API's order
    /// is not documented.
    ///
    /// # Errors
    ///
    /// Why there is no history; also one of more than 10,000 deliveries.
    pub async fn history(
        &self,
        id: &WebhookId,
        limit: usize,
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, Error> {
        self.inner.history(id, limit, stop).await
    }

    /// The user whose token is used.
    ///
    /// # Errors
    ///
    /// Why the API did not say.
    pub async fn current_user(&self, stop: &CancellationToken) -> Result<User, Error> {
        self.inner.current_user(stop).await
    }

    /// Marks an id as one that is in a state: it is never a duplicate, and never adopted.
    pub fn mark_managed(&self, id: &WebhookId) {
        self.inner.known_ids().insert(id);
    }

    /// Registers a secret that this client did not send, such as the signing key in a state: no message and no log shows
    /// it, even if the API quotes it. What is sent need not be registered.
    pub fn register_secret(&self, secret: &SecretString) {
        self.inner.sender.register_secrets([secret.clone()]);
    }

    /// Marks an id as one that Terraform refreshed with this client, and so as managed.
    pub fn mark_refreshed(&self, id: &WebhookId) {
        self.mark_managed(id);
        self.inner.refreshed_ids().insert(id.clone());
    }

    /// Whether Terraform refreshed this webhook with this client: it does so in the plan phase, and never while it applies.
    pub fn is_refreshed(&self, id: &WebhookId) -> bool {
        self.inner.refreshed_ids().contains(id)
    }

    /// The ids of webhooks with an equivalent url that existed before the first create of this process and that no state
    /// is known to hold ([`mark_managed`](Client::mark_managed)).
    ///
    /// # Errors
    ///
    /// Why there is no list.
    pub async fn duplicates(
        &self,
        url: &str,
        stop: &CancellationToken,
    ) -> Result<Vec<WebhookId>, Error> {
        self.inner.duplicates(url, stop).await
    }

    /// Whether this is the first call of this method: that [`duplicates`](Client::duplicates) fails is warned of once.
    pub fn warns_of_unchecked_duplicates(&self) -> bool {
        self.inner.warns_of_unchecked_duplicates()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
