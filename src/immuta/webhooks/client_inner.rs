//! What the operations of a process share.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::adoption::KnownIds;
use super::list::WebhookList;
use super::list_cache::{Flight, SingleFlight};
use super::requests;
use crate::immuta::config::ClientConfig;
use crate::immuta::error::{Error, ErrorKind};
use crate::immuta::models::{self, Webhook};
use crate::immuta::transport::Transport;
use crate::immuta::transport::operation::{Interrupted, Operation};
use crate::immuta::transport::request::Request;
use crate::immuta::transport::response::Response;
use crate::immuta::transport::sender::Sender;
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhook_url;

/// Every webhook, or why there is no list. Cheap to clone.
pub(super) type Listing = Result<Arc<WebhookList>, Error>;

/// What is behind [`Client`](super::Client). Each operation is in a file of its own.
pub(super) struct ClientInner {
    pub(super) sender: Sender,
    /// The shared list.
    pub(super) list: SingleFlight<Listing>,
    /// What existed before the first create.
    baseline: SingleFlight<Listing>,
    known_ids: Mutex<KnownIds>,
    refreshed_ids: Mutex<HashSet<WebhookId>>,
    /// One lock for each url that is being created.
    creating: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    warned_of_unavailable_reads: AtomicBool,
    warned_of_unchecked_duplicates: AtomicBool,
    operation_timeout: Duration,
}

impl ClientInner {
    pub(super) fn new(config: &ClientConfig, transport: Box<dyn Transport>) -> ClientInner {
        ClientInner {
            sender: Sender::new(config, transport),
            list: SingleFlight::new(),
            baseline: SingleFlight::new(),
            known_ids: Mutex::default(),
            refreshed_ids: Mutex::default(),
            creating: Mutex::default(),
            warned_of_unavailable_reads: AtomicBool::new(false),
            warned_of_unchecked_duplicates: AtomicBool::new(false),
            operation_timeout: config.operation_timeout,
        }
    }

    pub(super) fn operation(&self, stop: &CancellationToken) -> Operation {
        Operation::new(self.operation_timeout, stop)
    }

    pub(super) fn known_ids(&self) -> MutexGuard<'_, KnownIds> {
        self.known_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn refreshed_ids(&self) -> MutexGuard<'_, HashSet<WebhookId>> {
        self.refreshed_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn warns_of_unavailable_reads(&self) -> bool {
        !self
            .warned_of_unavailable_reads
            .swap(true, Ordering::Relaxed)
    }

    pub(super) fn warns_of_unchecked_duplicates(&self) -> bool {
        !self
            .warned_of_unchecked_duplicates
            .swap(true, Ordering::Relaxed)
    }

    /// The lock of all equivalent forms of a url.
    pub(super) fn create_lock(&self, url: &str) -> Arc<tokio::sync::Mutex<()>> {
        let key = webhook_url::normal_form(url).into_owned();
        let mut creating = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        creating.entry(key).or_default().clone()
    }

    /// The shared list, or a new one if none is kept.
    pub(super) fn list_cached(self: &Arc<Self>, operation: &Operation) -> Flight<Listing> {
        self.list.get_or_fetch(self.fetch_list(operation))
    }

    /// A list that begins now.
    pub(super) async fn list_uncached(self: &Arc<Self>, operation: &Operation) -> Listing {
        let flight = self.list.refetch(self.fetch_list(operation));
        await_list(flight, operation).await
    }

    fn fetch_list(
        self: &Arc<Self>,
        operation: &Operation,
    ) -> impl Future<Output = Listing> + Send + 'static {
        let inner = Arc::clone(self);
        let operation = operation.clone();
        async move {
            let request = requests::list();
            let response = inner.sender.send(&request, &operation).await.result?;
            let list = inner.sender.decode(
                &request,
                &response,
                "a list of webhooks",
                models::decode_webhooks,
            )?;
            Ok(Arc::new(WebhookList::new(list)))
        }
    }

    /// What existed before the first create of this process: a list that is still good, or one that is fetched now, in
    /// one attempt. The outer error is why it was not awaited.
    pub(super) async fn baseline(
        self: &Arc<Self>,
        operation: &Operation,
    ) -> Result<Listing, Error> {
        let inner = Arc::clone(self);
        let once = operation.with_attempts(1);
        let flight = self.baseline.get_or_fetch(async move {
            match inner.list.peek() {
                Some(Ok(list)) => Ok(list),
                _ => inner.fetch_list(&once).await,
            }
        });
        match operation.bounded(flight.wait()).await {
            Ok(Some(list)) => Ok(list),
            Ok(None) => Ok(Err(list_error(ErrorKind::Internal, "was interrupted"))),
            Err(interrupted) => Err(list_interrupted(interrupted)),
        }
    }

    pub(super) async fn duplicates(
        self: &Arc<Self>,
        url: &str,
        stop: &CancellationToken,
    ) -> Result<Vec<WebhookId>, Error> {
        let baseline = self.baseline(&self.operation(stop)).await.flatten()?;
        Ok(self.known_ids().unknown(baseline.with_url(url)))
    }

    /// Parses a webhook. One with another id than `id` is not the one that was asked for.
    pub(super) fn decode_webhook(
        &self,
        request: &Request,
        response: &Response,
        id: Option<&WebhookId>,
    ) -> Result<Webhook, Error> {
        use serde::de::Error as _;
        self.sender
            .decode(request, response, "the webhook", |body| {
                let webhook = models::decode_webhook(body)?;
                match id {
                    Some(id) if *id != webhook.id => {
                        Err(serde_json::Error::custom("its id is another one"))
                    }
                    _ => Ok(webhook),
                }
            })
    }
}

/// Awaits a list, no longer than the operation lasts.
pub(super) async fn await_list(flight: Flight<Listing>, operation: &Operation) -> Listing {
    match operation.bounded(flight.wait()).await {
        Ok(Some(list)) => list,
        Ok(None) => Err(list_error(ErrorKind::Internal, "was interrupted")),
        Err(interrupted) => Err(list_interrupted(interrupted)),
    }
}

fn list_interrupted(interrupted: Interrupted) -> Error {
    match interrupted {
        Interrupted::Cancelled => list_error(
            ErrorKind::Cancelled,
            "was cancelled, since Terraform asked to stop",
        ),
        Interrupted::DeadlineExceeded => list_error(
            ErrorKind::DeadlineExceeded,
            "received no response within operation_timeout",
        ),
    }
}

fn list_error(kind: ErrorKind, clause: &str) -> Error {
    let request = requests::list();
    Error::for_request(kind, &request.method, &request.path, clause)
}
