//! Deleting a webhook.
//!
//! DELETE may be repeated. A 404 is gone only in the API's own words, or when a list answers and lacks the webhook.

use std::sync::Arc;

use serde::de::IgnoredAny;
use tokio_util::sync::CancellationToken;

use super::error::{Error, Missing};
use super::http::Answer;
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
        let settling = operation.settling();
        let (error, in_doubt) = match sent.result {
            Ok(answer) if confirms(&answer) => return Deletion::Gone,
            // A page of a proxy, with whatever status, is not the API's word.
            Ok(answer) => (
                self.sender.unreadable(&request, &answer, "a confirmation"),
                true,
            ),
            Err(error) => (error, sent.in_doubt),
        };
        let gone = match error.missing() {
            Some(Missing::Webhook) => true,
            Some(Missing::RouteOrWebhook) => self.list_lacks(id, &settling).await,
            Some(Missing::Route) => false,
            None if in_doubt => {
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

/// Whether a success says that the webhook was deleted: 204 as documented, or at least nothing foreign.
fn confirms(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    answer.status == 204
        || answer.cut.is_none()
            && (body.is_empty() || serde_json::from_slice::<IgnoredAny>(body).is_ok())
}

#[cfg(test)]
#[path = "delete_tests.rs"]
mod tests;
