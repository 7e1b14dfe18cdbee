//! Deleting a webhook.
//!
//! DELETE may be repeated. A 404 is gone only in the API's own words, or when a list answers and lacks the webhook.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::error::{Error, Missing};
use super::lookup::Seen;
use super::request::Request;
use super::webhook_id::WebhookId;
use super::webhooks::Api;

/// How a delete ended.
#[derive(Clone, Debug)]
pub enum Deletion {
    /// The webhook is gone, by this delete or before it.
    Gone,
    /// It is still there, or that cannot be told.
    StillThere(Error),
}

impl Api {
    pub(super) async fn delete(
        self: &Arc<Self>,
        id: &WebhookId,
        stop: &CancellationToken,
    ) -> Deletion {
        let request = Request::delete(id);
        let operation = self.operation(stop);
        let writing = self.list.write();
        let sent = self.sender.send(&request, &operation).await;
        drop(writing);
        let Err(error) = sent.result else {
            return Deletion::Gone;
        };
        let settling = operation.settling();
        let gone = match error.missing() {
            Some(Missing::Webhook) => true,
            Some(Missing::RouteOrWebhook) => self.list_lacks(id, &settling).await,
            Some(Missing::Route) => false,
            None if sent.in_doubt => {
                let list = self.list.begin(self.fetch_list(&settling));
                matches!(self.look_for(id, list, &settling).await, Seen::Gone)
            }
            None => false,
        };
        if gone {
            Deletion::Gone
        } else {
            Deletion::StillThere(error)
        }
    }
}

#[cfg(test)]
#[path = "delete_tests.rs"]
mod tests;
