//! The one door to the API, and what the operations of a process share.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::claims::Claims;
use super::create::Creation;
use super::delete::Deletion;
use super::error::{Error, ErrorKind};
use super::http::{Answer, Http, Transport};
use super::list::{Fetch, Shared};
use super::lookup::Seen;
use super::models::{self, Delivery, TestResult, User, Webhook, WebhookSpec};
use super::operation::{Impatience, Operation};
use super::reading::Reading;
use super::request::Request;
use super::send::Sender;
use super::settings::Settings;
use super::update::Update;
use super::webhook_id::WebhookId;
use super::webhook_list::WebhookList;

/// The webhooks of one tenant, and what the operations of one process share: the list, the ids that are known, the
/// order of creates, the limit of requests in flight, the hold after a 429. One is made for each configuration of the
/// provider. Clones are the same one.
///
/// Every operation takes the signal that Terraform asked to stop: waits and retries then end at once, a write that was
/// sent gets 10 s to finish, and what begins later fails at once.
#[derive(Clone)]
pub struct Webhooks {
    api: Arc<Api>,
}

/// Characters of what the API says of a delivery.
pub(super) const LONGEST_MESSAGE: usize = 2000;

/// Every webhook, or why there is no list. Cheap to clone.
pub(super) type Listing = Result<Arc<WebhookList>, Error>;

/// What is behind [`Webhooks`]. Creating, updating, deleting and the history are in files of their own.
pub(super) struct Api {
    pub(super) sender: Sender,
    /// The shared list.
    pub(super) list: Shared<Listing>,
    /// What was there before the first create; `None` where that could not be had.
    baseline: Shared<Option<Arc<WebhookList>>>,
    claims: Mutex<Claims>,
    /// One lock for each url that is being created.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    warned: AtomicBool,
    operation_timeout: Duration,
}

impl Webhooks {
    /// Makes one. No IO: the HTTP client is built, and root certificates are loaded, at the first call.
    ///
    /// # Errors
    ///
    /// A token or User-Agent that cannot be a header, limits that allow nothing, a bad certificate.
    pub fn new(settings: Settings) -> Result<Webhooks, Error> {
        let refuse = |what: String| Error::without_call(ErrorKind::Settings, what);
        settings
            .retry
            .check()
            .map_err(|problem| refuse(format!("The retry policy cannot be used: {problem}")))?;
        if settings.max_concurrent_requests == 0 {
            return Err(refuse(
                "max_concurrent_requests must be at least 1".to_owned(),
            ));
        }
        if settings.request_timeout.is_zero() || settings.operation_timeout.is_zero() {
            return Err(refuse(
                "request_timeout and operation_timeout must be above zero".to_owned(),
            ));
        }
        if let Some(pem) = &settings.ca_cert_pem {
            super::check_ca_cert_pem(pem)
                .map_err(|problem| refuse(format!("ca_cert_pem cannot be used: {problem}")))?;
        }
        let transport = Http::new(&settings)?;
        Ok(Webhooks::over(&settings, Box::new(transport)))
    }

    pub(super) fn over(settings: &Settings, transport: Box<dyn Transport>) -> Webhooks {
        Webhooks {
            api: Arc::new(Api {
                sender: Sender::new(settings, transport),
                list: Shared::new(),
                baseline: Shared::new(),
                claims: Mutex::default(),
                turns: Mutex::default(),
                warned: AtomicBool::new(false),
                operation_timeout: settings.operation_timeout,
            }),
        }
    }

    /// Looks for one webhook: in the shared list, then by its id.
    pub async fn read(&self, id: &str, stop: &CancellationToken) -> Reading {
        let operation = self.api.operation(stop);
        let list = self.api.list.join(self.api.fetch_list(&operation));
        self.reading(id, list, &operation).await
    }

    /// Looks for one webhook as [`read`](Webhooks::read) does, but in a list that began after this call.
    pub async fn read_afresh(&self, id: &str, stop: &CancellationToken) -> Reading {
        let operation = self.api.operation(stop);
        let list = self.api.list.begin(self.api.fetch_list(&operation));
        self.reading(id, list, &operation).await
    }

    async fn reading(&self, id: &str, list: Fetch<Listing>, operation: &Operation) -> Reading {
        let id = match webhook_id(id) {
            Ok(id) => id,
            Err(error) => return Reading::Failed(error),
        };
        match self.api.look_for(&id, list, operation).await {
            Seen::Found(webhook) => Reading::Found(webhook),
            Seen::Gone => Reading::Gone,
            Seen::CannotBeRead(cause) => Reading::Unreadable {
                first: !self.api.warned.swap(true, Ordering::Relaxed),
                cause,
            },
            Seen::Failed(error) => Reading::Failed(error),
        }
    }

    /// Every webhook, from a list that began after this call.
    pub async fn list(&self, stop: &CancellationToken) -> Result<Vec<Webhook>, Error> {
        let operation = self.api.operation(stop);
        let list = self.api.fresh_list(&operation).await?;
        Ok(list.to_vec())
    }

    /// Makes a webhook, once. Creates of one url run one after another.
    pub async fn create(&self, spec: &WebhookSpec, stop: &CancellationToken) -> Creation {
        self.api.create(spec, stop).await
    }

    /// Changes a webhook to what is asked. Compare what was made with [`Webhook::differences`].
    pub async fn update(&self, id: &str, spec: &WebhookSpec, stop: &CancellationToken) -> Update {
        match webhook_id(id) {
            Ok(id) => self.api.update(&id, spec, stop).await,
            Err(error) => Update::NotMade(error),
        }
    }

    /// Deletes a webhook.
    pub async fn delete(&self, id: &str, stop: &CancellationToken) -> Deletion {
        match webhook_id(id) {
            Ok(id) => self.api.delete(&id, stop).await,
            Err(error) => Deletion::StillThere(error),
        }
    }

    /// Sends a test delivery for a configuration. A failed delivery is a result, not an error.
    pub async fn test(
        &self,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        self.api.deliver_test(&Request::test(spec), stop).await
    }

    /// Sends a test delivery for a webhook. A failed delivery is a result, not an error.
    pub async fn test_by_id(
        &self,
        id: &str,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        let id = webhook_id(id)?;
        self.api.deliver_test(&Request::test_by_id(&id), stop).await
    }

    /// The newest deliveries of a webhook, newest first, at most `limit`. All pages are fetched, since the API's order
    /// is not documented; a history of more than 10,000 deliveries is an error.
    pub async fn history(
        &self,
        id: &str,
        limit: usize,
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, Error> {
        let id = webhook_id(id)?;
        self.api.history(&id, limit, stop).await
    }

    /// The user whose token is used.
    pub async fn current_user(&self, stop: &CancellationToken) -> Result<User, Error> {
        let operation = self.api.operation(stop);
        let request = Request::current_user();
        let answer = self.api.sender.send(&request, &operation).await.result?;
        self.api
            .sender
            .understand(&request, &answer, "a user", models::decode_user)
    }

    /// Notes an id that is in a state: it is never a twin, and never adopted.
    pub fn saw(&self, id: &str) {
        self.api.claims().claim(id);
    }

    /// Notes a secret that this did not send, such as the signing key in a state: no message and no log shows it, even
    /// if the API quotes it. What is sent need not be told.
    pub fn keep_secret(&self, secret: &SecretString) {
        self.api.sender.keep_secret([secret.clone()]);
    }

    /// The ids of webhooks with an equivalent url that were there before the first create of this process and that no
    /// state was [seen](Webhooks::saw) to hold. Empty where that cannot be found out.
    pub async fn twins(&self, url: &str, stop: &CancellationToken) -> Vec<String> {
        let operation = self.api.operation(stop);
        match self.api.baseline(&operation).await {
            Ok(Some(baseline)) => self.api.claims().twins(baseline.with_url(url)),
            Ok(None) | Err(_) => Vec::new(),
        }
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

impl Api {
    pub(super) fn operation(&self, stop: &CancellationToken) -> Operation {
        Operation::new(self.operation_timeout, stop)
    }

    pub(super) fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock of all equivalent spellings of a url.
    pub(super) fn turn(&self, url: &str) -> Arc<tokio::sync::Mutex<()>> {
        let key = super::webhook_url::normal_form(url).into_owned();
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(key).or_default().clone()
    }

    pub(super) fn fetch_list(
        self: &Arc<Self>,
        operation: &Operation,
    ) -> impl Future<Output = Listing> + Send + 'static {
        let api = Arc::clone(self);
        let operation = operation.clone();
        async move {
            let request = Request::list();
            let answer = api.sender.send(&request, &operation).await.result?;
            let list = api.sender.understand(
                &request,
                &answer,
                "a list of webhooks",
                models::decode_webhooks,
            )?;
            Ok(Arc::new(WebhookList::new(list)))
        }
    }

    /// A list that begins now.
    pub(super) async fn fresh_list(self: &Arc<Self>, operation: &Operation) -> Listing {
        let fetch = self.list.begin(self.fetch_list(operation));
        match operation.patiently(fetch.wait()).await {
            Ok(Some(list)) => list,
            Ok(None) => Err(list_error(ErrorKind::Internal, "was broken off")),
            Err(impatience) => Err(not_awaited(impatience)),
        }
    }

    /// What was there before the first create of this process: a list that is still good, or one that is fetched now,
    /// in one attempt. `None` where it could not be had.
    pub(super) async fn baseline(
        self: &Arc<Self>,
        operation: &Operation,
    ) -> Result<Option<Arc<WebhookList>>, Error> {
        let api = Arc::clone(self);
        let once = operation.with_attempts(1);
        let fetch = self.baseline.join(async move {
            let kept = api.list.ended().and_then(Result::ok);
            match kept {
                Some(list) => Some(list),
                None => api
                    .fetch_list(&once)
                    .await
                    .inspect_err(|error| tracing::debug!(%error, "no list before the first create: nothing is adopted"))
                    .ok(),
            }
        });
        match operation.patiently(fetch.wait()).await {
            Ok(baseline) => Ok(baseline.flatten()),
            Err(impatience) => Err(not_awaited(impatience)),
        }
    }

    /// Reads a webhook out of an answer. One without a sensible id, or with another one than `id`, is none.
    pub(super) fn webhook(
        &self,
        request: &Request,
        answer: &Answer,
        id: Option<&WebhookId>,
    ) -> Result<Webhook, Error> {
        use serde::de::Error as _;
        self.sender
            .understand(request, answer, "the webhook", |body| {
                let webhook = models::decode_webhook(body)?;
                match id {
                    Some(id) if !id.is(&webhook.id) => {
                        Err(serde_json::Error::custom("its id is another one"))
                    }
                    None if WebhookId::parse(&webhook.id).is_err() => {
                        Err(serde_json::Error::custom("its id is none"))
                    }
                    _ => Ok(webhook),
                }
            })
    }

    async fn deliver_test(
        &self,
        request: &Request,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        let operation = self.operation(stop);
        let answer = self.sender.send(request, &operation).await.result?;
        let mut result = self.sender.understand(
            request,
            &answer,
            "the result of a test",
            models::decode_test_result,
        )?;
        // It goes into states: what it quotes of the request must not.
        if let Some(message) = &mut result.error_message {
            *message = self
                .sender
                .scrubber(request.secrets())
                .clean(message, LONGEST_MESSAGE);
        }
        Ok(result)
    }
}

fn webhook_id(id: &str) -> Result<WebhookId, Error> {
    WebhookId::parse(id).map_err(|problem| {
        Error::without_call(
            ErrorKind::WebhookId,
            format!("The webhook's id cannot be used: {problem}"),
        )
    })
}

fn list_error(kind: ErrorKind, clause: &str) -> Error {
    let request = Request::list();
    Error::of_call(kind, request.method, &request.path, clause)
}

pub(super) fn not_awaited(impatience: Impatience) -> Error {
    match impatience {
        Impatience::Stopped => list_error(
            ErrorKind::Stopped,
            "was not awaited, since Terraform asked to stop",
        ),
        Impatience::Deadline => list_error(
            ErrorKind::Deadline,
            "was not answered within operation_timeout",
        ),
    }
}

#[cfg(test)]
#[path = "webhooks_tests.rs"]
mod tests;
