//! Updating a webhook.
//!
//! PUT may be retried. Where its outcome stays unknown, what the API holds decides; but of a signing key it tells only
//! that one is set, so an update that sent one never counts as applied without the API's word.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::client_inner::ClientInner;
use super::read_decision::ReadOutcome;
use super::requests;
use crate::immuta::error::{Error, NotFoundKind};
use crate::immuta::models::{Difference, Webhook, WebhookSpec};
use crate::immuta::transport::error_body;
use crate::immuta::transport::operation::Operation;
use crate::immuta::webhook_id::WebhookId;

/// How an update ended.
#[derive(Clone, Debug)]
pub enum UpdateOutcome {
    /// It was applied; this is what the API holds, which may differ from what was requested.
    Updated(Webhook),
    /// The API did not confirm it, but holds what was requested; no signing key was sent.
    Unconfirmed {
        /// What the API now holds.
        webhook: Webhook,
        /// Why there was no confirmation.
        cause: Error,
    },
    /// The webhook does not exist.
    NotFound(Error),
    /// It was not applied.
    Failed(Error),
    /// It may have been applied. Which signing key the webhook has is unknown where one was sent.
    Ambiguous(Error),
}

impl ClientInner {
    pub(super) async fn update(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> UpdateOutcome {
        self.update_within(id, spec, &self.operation(stop)).await
    }

    pub(super) async fn update_within(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        operation: &Operation,
    ) -> UpdateOutcome {
        let request = requests::update(id, spec);
        let invalidation = self.list.invalidate();
        let sent = self.sender.send(&request, operation).await;
        drop(invalidation);
        let reconciling = operation.reconciling();
        match sent.result {
            Ok(response) => match self.decode_webhook(&request, &response, Some(id)) {
                Ok(webhook) => UpdateOutcome::Updated(webhook),
                Err(cause) => {
                    // A page of a proxy, with whatever status, is not the API's word.
                    let accepted = match error_body::is_unrecognized(&response) {
                        true => Accepted::Unknown,
                        false => Accepted::Yes,
                    };
                    self.reconcile_update(id, spec, accepted, cause, &reconciling)
                        .await
                }
            },
            Err(error) => match error.not_found_kind() {
                Some(NotFoundKind::Webhook) => UpdateOutcome::NotFound(error),
                Some(NotFoundKind::RouteOrWebhook) if self.list_lacks(id, &reconciling).await => {
                    UpdateOutcome::NotFound(error.into_not_found())
                }
                // An earlier attempt may have been applied, whatever this one met.
                _ if sent.ambiguous => {
                    self.reconcile_update(id, spec, Accepted::Unknown, error, &reconciling)
                        .await
                }
                _ => UpdateOutcome::Failed(error),
            },
        }
    }

    /// Finds out what became of an update whose outcome is unknown.
    async fn reconcile_update(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        accepted: Accepted,
        cause: Error,
        operation: &Operation,
    ) -> UpdateOutcome {
        let read = self.read_now(id, operation).await;
        warn!(%cause, ?read, "the outcome of an update is unknown");
        decide(read, spec, accepted, cause)
    }
}

/// Whether the API said, by the status of a response of its own, that the update was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    Yes,
    Unknown,
}

/// Decides what an ambiguous update came to, by what the API holds after it.
fn decide(
    read: ReadOutcome,
    spec: &WebhookSpec,
    accepted: Accepted,
    cause: Error,
) -> UpdateOutcome {
    match (read, accepted) {
        (ReadOutcome::Found(webhook), Accepted::Yes) => UpdateOutcome::Updated(webhook),
        (ReadOutcome::Found(webhook), Accepted::Unknown)
            if spec.signing_key.is_none() && holds(&webhook, spec) =>
        {
            UpdateOutcome::Unconfirmed { webhook, cause }
        }
        (ReadOutcome::Found(_), Accepted::Unknown) => UpdateOutcome::Ambiguous(
            cause.with_note("What Immuta holds does not prove that the update was applied."),
        ),
        (ReadOutcome::NotFound, _) => UpdateOutcome::NotFound(cause.into_not_found()),
        (ReadOutcome::Unavailable(_) | ReadOutcome::Failed(_), Accepted::Yes) => {
            UpdateOutcome::Ambiguous(
                cause.with_note(
                    "Immuta accepted the update, but what it holds now could not be read.",
                ),
            )
        }
        (ReadOutcome::Unavailable(_) | ReadOutcome::Failed(_), Accepted::Unknown) => {
            UpdateOutcome::Ambiguous(cause.with_note(
                "The update may have been applied: what Immuta holds now could not be read.",
            ))
        }
    }
}

fn holds(webhook: &Webhook, spec: &WebhookSpec) -> bool {
    webhook
        .differences(spec)
        .iter()
        .all(|difference| *difference == Difference::UrlNormalized)
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
