//! Creating a webhook, once.
//!
//! POST has no idempotency key. So it is retried only when it is known not to have been processed, and after a response
//! that never came the list is fetched again: the one webhook that is new since the baseline, is what was requested and is
//! not known is adopted. Whether its key is the one that was sent is unknown, so the whole specification is sent to it once
//! more, by PUT; when that is confirmed, the create is done. Where there is not exactly one, the outcome names those that
//! may be it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::adoption::Adoption;
use super::client_inner::ClientInner;
use super::partial_response::recover_id;
use super::requests;
use super::update::UpdateOutcome;
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
    /// The response was lost or could not be parsed. The webhook was found all the same, by its id or as the one new
    /// webhook that is what was requested, and an update of the whole specification was confirmed.
    Reconciled {
        /// What the API returned for the update.
        webhook: Webhook,
        /// What was wrong with the response to the create.
        cause: Error,
    },
    /// No response came, and the one new webhook that is what was requested could not be updated. Whether its signing key
    /// is the one that was sent is unknown.
    Adopted {
        /// The webhook.
        webhook: Webhook,
        /// Why there was no response, and why the update failed.
        cause: Error,
    },
    /// It was created, but of the response nothing but its id could be parsed, and it could not be updated.
    CreatedIdOnly {
        /// The id.
        id: WebhookId,
        /// What was wrong with the response, and why the update failed.
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
        // Held until the outcome is known: of two creates of one url it would be unknown which made a new webhook. The
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
            Ok(baseline) => baseline.ok(),
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
                    (Err(cause), Some(id)) => {
                        let operation = operation.reconciling();
                        return match self.confirm(&id, spec, cause, &operation).await {
                            Ok(reconciled) => reconciled,
                            Err(cause) => CreateOutcome::CreatedIdOnly { id, cause },
                        };
                    }
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
        let adoption = self.known_ids().adopt(spec, baseline, &list);
        match adoption {
            Adoption::Unique(webhook) => {
                warn!(%cause, id = %webhook.id, "the outcome of a create is unknown; the one new webhook that is as requested is adopted");
                match self.confirm(&webhook.id, spec, cause, operation).await {
                    Ok(reconciled) => reconciled,
                    Err(cause) => CreateOutcome::Adopted { webhook, cause },
                }
            }
            Adoption::Ambiguous(candidates) => {
                warn!(%cause, candidates = candidates.len(), "the outcome of a create is unknown");
                CreateOutcome::Ambiguous { candidates, cause }
            }
        }
    }

    /// Sends the whole specification to a webhook that was found. `Err`: the cause, and why that was not confirmed.
    async fn confirm(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        cause: Error,
        operation: &Operation,
    ) -> Result<CreateOutcome, Error> {
        match self.update_within(id, spec, operation).await {
            UpdateOutcome::Updated(webhook) | UpdateOutcome::Unconfirmed { webhook, .. } => {
                Ok(CreateOutcome::Reconciled { webhook, cause })
            }
            UpdateOutcome::NotFound(error)
            | UpdateOutcome::Failed(error)
            | UpdateOutcome::Ambiguous(error) => Err(cause.with_note(&format!(
                "The update that was to confirm it failed: {error}"
            ))),
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
