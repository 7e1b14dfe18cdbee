//! Looking for one webhook: the list, then the read by id, then the table in `reading`.

use std::sync::Arc;

use super::error::{Error, ErrorKind};
use super::list::Fetch;
use super::models::Webhook;
use super::operation::Operation;
use super::reading::{Got, Listed, Meaning, meaning};
use super::request::Request;
use super::webhook_id::WebhookId;
use super::webhooks::{Api, Listing, not_awaited};

/// What was seen of a webhook.
#[derive(Debug)]
pub(super) enum Seen {
    Found(Webhook),
    Gone,
    CannotBeRead(Error),
    Failed(Error),
}

impl Api {
    /// Looks for a webhook in a list that was begun, and by its id where that does not have it.
    pub(super) async fn look_for(
        &self,
        id: &WebhookId,
        list: Fetch<Listing>,
        operation: &Operation,
    ) -> Seen {
        let list = match operation.patiently(list.wait()).await {
            Ok(Some(list)) => list,
            Ok(None) => Err(Error::without_call(
                ErrorKind::Internal,
                "The list of webhooks was broken off",
            )),
            Err(impatience) => return Seen::Failed(not_awaited(impatience)),
        };
        let (listed, list_error) = match list {
            Ok(list) => match list.find(id) {
                Some(webhook) => return Seen::Found(webhook.clone()),
                None => (Listed::Lacks, None),
            },
            Err(error) => (Listed::failed_with(&error), Some(error)),
        };
        let request = Request::get(id);
        let error = match self.sender.send(&request, operation).await.result {
            Ok(answer) => match self.webhook(&request, &answer, Some(id)) {
                Ok(webhook) => return Seen::Found(webhook),
                Err(error) => error,
            },
            Err(error) => error,
        };
        match meaning(listed, Got::failed_with(&error)) {
            Meaning::Gone => Seen::Gone,
            Meaning::CannotBeRead => Seen::CannotBeRead(error),
            Meaning::FailedToList => Seen::Failed(list_error.unwrap_or(error)),
            Meaning::FailedToGet => Seen::Failed(error),
        }
    }

    /// Whether a list that begins now answers and lacks the webhook.
    pub(super) async fn list_lacks(
        self: &Arc<Self>,
        id: &WebhookId,
        operation: &Operation,
    ) -> bool {
        match self.fresh_list(operation).await {
            Ok(list) => list.find(id).is_none(),
            Err(_) => false,
        }
    }
}
