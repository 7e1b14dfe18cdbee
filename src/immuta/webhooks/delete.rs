//! Deleting a webhook.
//!
//! DELETE may be retried. After a 404 the webhook is gone only in the API's own words, or when a list is returned and
//! lacks it.

use std::sync::Arc;

use serde::de::IgnoredAny;
use tokio_util::sync::CancellationToken;

use super::client_inner::ClientInner;
use super::read_decision::ReadOutcome;
use super::requests;
use crate::immuta::error::{Error, NotFoundKind};
use crate::immuta::transport::response::Response;
use crate::immuta::webhook_id::WebhookId;

/// How a delete ended.
#[derive(Clone, Debug)]
pub enum DeleteOutcome {
    /// The webhook does not exist any more, by this delete or before it.
    Deleted,
    /// It still exists, or that is unknown.
    NotDeleted(Error),
}

impl ClientInner {
    pub(super) async fn delete(
        self: &Arc<Self>,
        id: &WebhookId,
        stop: &CancellationToken,
    ) -> DeleteOutcome {
        let request = requests::delete(id);
        let operation = self.operation(stop);
        let invalidation = self.list.invalidate();
        let sent = self.sender.send(&request, &operation).await;
        drop(invalidation);
        let reconciling = operation.reconciling();
        let (error, ambiguous) = match sent.result {
            Ok(response) if confirms(&response) => return DeleteOutcome::Deleted,
            // A page of a proxy, with whatever status, is not the API's word.
            Ok(response) => (
                self.sender
                    .unrecognized(&request, &response, "a confirmation"),
                true,
            ),
            Err(error) => (error, sent.ambiguous),
        };
        let is_gone = match error.not_found_kind() {
            Some(NotFoundKind::Webhook) => true,
            Some(NotFoundKind::RouteOrWebhook) => self.list_lacks(id, &reconciling).await,
            Some(NotFoundKind::Route) => false,
            None if ambiguous => {
                matches!(self.read_now(id, &reconciling).await, ReadOutcome::NotFound)
            }
            None => false,
        };
        if is_gone {
            DeleteOutcome::Deleted
        } else {
            DeleteOutcome::NotDeleted(error)
        }
    }
}

/// Whether a success says that the webhook was deleted: 204 as documented, or at least nothing unrecognized.
fn confirms(response: &Response) -> bool {
    let body = response.body.trim_ascii();
    response.status == 204
        || response.truncated.is_none()
            && (body.is_empty() || serde_json::from_slice::<IgnoredAny>(body).is_ok())
}

#[cfg(test)]
#[path = "delete_tests.rs"]
mod tests;
