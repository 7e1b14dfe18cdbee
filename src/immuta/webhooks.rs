//! The one door to the API.
use super::{
    Creation, Deletion, Delivery, Error, Reading, Settings, TestResult, Update, User, Webhook,
    WebhookSpec,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The webhooks of one tenant, and what the operations of one process share. One for each configuration of the
/// provider; cheap to make and to clone.
#[derive(Clone, Debug)]
pub struct Webhooks {
    _settings: Arc<Settings>,
}

#[allow(clippy::unused_async)]
impl Webhooks {
    /// Makes one. No IO: the HTTP client is built, and root certificates are loaded, at the first call.
    pub fn new(settings: Settings) -> Result<Webhooks, Error> {
        Ok(Webhooks {
            _settings: Arc::new(settings),
        })
    }
    /// Looks for one webhook, first in the shared list.
    pub async fn read(&self, _id: &str, _stop: &CancellationToken) -> Reading {
        unimplemented!()
    }
    /// Every webhook, from a list that began after this call.
    pub async fn list(&self, _stop: &CancellationToken) -> Result<Vec<Webhook>, Error> {
        unimplemented!()
    }
    /// Makes a webhook, once.
    pub async fn create(&self, _spec: &WebhookSpec, _stop: &CancellationToken) -> Creation {
        unimplemented!()
    }
    /// Changes a webhook to what is asked.
    pub async fn update(
        &self,
        _id: &str,
        _spec: &WebhookSpec,
        _stop: &CancellationToken,
    ) -> Update {
        unimplemented!()
    }
    /// Deletes a webhook.
    pub async fn delete(&self, _id: &str, _stop: &CancellationToken) -> Deletion {
        unimplemented!()
    }
    /// Tests a configuration.
    pub async fn test(
        &self,
        _spec: &WebhookSpec,
        _stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        unimplemented!()
    }
    /// Tests a webhook.
    pub async fn test_by_id(
        &self,
        _id: &str,
        _stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        unimplemented!()
    }
    /// The newest deliveries of a webhook, newest first.
    pub async fn history(
        &self,
        _id: &str,
        _limit: usize,
        _stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, Error> {
        unimplemented!()
    }
    /// The user whose token is used.
    pub async fn current_user(&self, _stop: &CancellationToken) -> Result<User, Error> {
        unimplemented!()
    }
    /// Notes an id that is in a state: it is never a twin and never adopted.
    pub fn saw(&self, _id: &str) {}
    /// The ids of the webhooks that already had this url.
    pub async fn twins(&self, _url: &str, _stop: &CancellationToken) -> Vec<String> {
        unimplemented!()
    }
}
