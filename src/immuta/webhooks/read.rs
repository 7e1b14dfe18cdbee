//! Reading one webhook: the list, then the read by id.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::client_inner::{ClientInner, Listing, await_list};
use super::read_decision::{ReadOutcome, decide};
use super::requests;
use crate::immuta::transport::operation::Operation;
use crate::immuta::webhook_id::WebhookId;

impl ClientInner {
    pub(super) async fn read(
        self: &Arc<Self>,
        id: &WebhookId,
        stop: &CancellationToken,
    ) -> ReadOutcome {
        let operation = self.operation(stop);
        let list = await_list(self.list_cached(&operation), &operation).await;
        self.find(id, list, &operation).await
    }

    pub(super) async fn read_uncached(
        self: &Arc<Self>,
        id: &WebhookId,
        stop: &CancellationToken,
    ) -> ReadOutcome {
        self.read_now(id, &self.operation(stop)).await
    }

    /// Looks for a webhook in a list that begins now, and by its id where that does not have it.
    pub(super) async fn read_now(
        self: &Arc<Self>,
        id: &WebhookId,
        operation: &Operation,
    ) -> ReadOutcome {
        let list = self.list_uncached(operation).await;
        self.find(id, list, operation).await
    }

    async fn find(&self, id: &WebhookId, list: Listing, operation: &Operation) -> ReadOutcome {
        let list_error = match list {
            Ok(list) => match list.find(id) {
                Some(webhook) => return ReadOutcome::Found(webhook.clone()),
                None => None,
            },
            Err(error) => Some(error),
        };
        let request = requests::get(id);
        let response = self.sender.send(&request, operation).await.result;
        match response.and_then(|response| self.decode_webhook(&request, &response, Some(id))) {
            Ok(webhook) => ReadOutcome::Found(webhook),
            Err(error) => decide(list_error, error),
        }
    }

    /// Whether a list that begins now is returned and lacks the webhook.
    pub(super) async fn list_lacks(
        self: &Arc<Self>,
        id: &WebhookId,
        operation: &Operation,
    ) -> bool {
        match self.list_uncached(operation).await {
            Ok(list) => list.find(id).is_none(),
            Err(_) => false,
        }
    }
}
