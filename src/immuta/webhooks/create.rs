//! Creating a webhook, once.
//!
//! POST has no idempotency key. So it is retried only when it is known not to have been processed, and after a response
//! that never came the list is fetched again: the one webhook that is new since the baseline, has the url and is not
//! known is adopted. Where that is not exactly one, the outcome says what may exist.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::adoption::Adoption;
use super::client_inner::ClientInner;
use super::partial_response::recover_id;
use super::requests;
use crate::immuta::error::{Error, ErrorKind};
use crate::immuta::models::{Webhook, WebhookSpec};
use crate::immuta::transport::operation::Operation;
use crate::immuta::transport::request::Request;
use crate::immuta::webhook_id::WebhookId;

/// How a create ended. Nothing is ever created without being named here.
#[derive(Clone, Debug)]
pub enum CreateOutcome {
    /// It was created; this is what the API returned, which may differ from what was requested.
    Created(Webhook),
    /// No response came, but exactly one new webhook with the url exists: it is taken for the one that was requested.
    /// Whether its signing key is the one that was sent is not known, so it should be replaced.
    Adopted {
        /// The webhook.
        webhook: Webhook,
        /// Why there was no response.
        cause: Error,
    },
    /// It was created, but of the response nothing but its id could be parsed.
    CreatedIdOnly {
        /// The id.
        id: WebhookId,
        /// What was wrong with the response.
        cause: Error,
    },
    /// Nothing was created.
    Failed(Error),
    /// It may have been created, and it is unknown whether, or which one it is.
    Ambiguous {
        /// The webhooks with the url that it may be, as far as there is a list.
        candidates: Vec<Webhook>,
        /// Why there was no response.
        cause: Error,
    },
}

impl ClientInner {
    pub(super) async fn create(
        self: &Arc<Self>,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> CreateOutcome {
        let request = requests::create(spec);
        // Held until the outcome is known: of two creates of one url it could not be told which made a new webhook. The
        // time of the operation begins with the lock: those before it have theirs.
        let lock = self.create_lock(&spec.url);
        // Biased: nothing is created after the cancellation.
        let _lock = tokio::select! {
            biased;
            () = stop.cancelled() => return CreateOutcome::Failed(not_sent(&request)),
            lock = lock.lock() => lock,
        };
        let operation = self.operation(stop);
        let baseline = match self.baseline(&operation).await {
            Ok(baseline) => baseline,
            Err(error) if error.is_cancelled() => {
                return CreateOutcome::Failed(not_sent(&request));
            }
            Err(error) => return CreateOutcome::Failed(error),
        };
        let baseline = baseline.as_deref().map(|list| &**list);
        let invalidation = self.list.invalidate();
        let sent = self.sender.send(&request, &operation).await;
        drop(invalidation);
        let cause = match sent.result {
            Ok(response) => {
                let webhook = self.decode_webhook(&request, &response, None);
                let id = match &webhook {
                    Ok(webhook) => Some(webhook.id.clone()),
                    Err(_) => recover_id(&response.body),
                };
                match (webhook, id) {
                    (_, Some(id)) if !self.known_ids().insert_new(&id, baseline) => {
                        return CreateOutcome::Failed(in_use(&request, response.status));
                    }
                    (Ok(webhook), _) => return CreateOutcome::Created(webhook),
                    (Err(cause), Some(id)) => return CreateOutcome::CreatedIdOnly { id, cause },
                    (Err(cause), None) => cause,
                }
            }
            Err(error) if sent.ambiguous => error,
            Err(error) => return CreateOutcome::Failed(error),
        };
        self.reconcile_create(spec, baseline, cause, &operation.reconciling())
            .await
    }

    /// Finds out what became of a create whose outcome is unknown.
    async fn reconcile_create(
        self: &Arc<Self>,
        spec: &WebhookSpec,
        baseline: Option<&[Webhook]>,
        cause: Error,
        operation: &Operation,
    ) -> CreateOutcome {
        let list = match self.list_uncached(operation).await {
            Ok(list) => list,
            Err(error) => {
                warn!(%cause, list = %error, "the outcome of a create is unknown, and there is no list");
                return CreateOutcome::Ambiguous {
                    candidates: Vec::new(),
                    cause,
                };
            }
        };
        let adoption = self.known_ids().adopt(&spec.url, baseline, &list);
        match adoption {
            Adoption::Unique(webhook) => {
                warn!(%cause, id = %webhook.id, "the outcome of a create is unknown; the one new webhook with its url is adopted");
                CreateOutcome::Adopted { webhook, cause }
            }
            Adoption::Ambiguous(candidates) => {
                warn!(%cause, candidates = candidates.len(), "the outcome of a create is unknown");
                CreateOutcome::Ambiguous { candidates, cause }
            }
        }
    }
}

fn not_sent(request: &Request) -> Error {
    let clause = "was not sent, since Terraform asked to stop";
    Error::for_request(ErrorKind::Cancelled, &request.method, &request.path, clause)
}

fn in_use(request: &Request, status: u16) -> Error {
    let clause = "returned a webhook that existed before";
    Error::for_request(ErrorKind::IdInUse, &request.method, &request.path, clause)
        .with_status(status, None)
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
