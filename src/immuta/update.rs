//! Updating a webhook.
//!
//! PUT may be repeated. Where it stays in doubt, what the API holds decides; but of a signing key it tells only that
//! one is set, so an update that sent one never counts as made without the API's word.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::body;
use super::error::{Error, Missing};
use super::lookup::Seen;
use super::models::{Difference, Webhook, WebhookSpec};
use super::operation::Operation;
use super::request::Request;
use super::webhook_id::WebhookId;
use super::webhooks::Api;

/// How an update ended.
#[derive(Clone, Debug)]
pub enum Update {
    /// It was made; this is what the API holds, which may differ from what was asked.
    Made(Webhook),
    /// The API did not confirm it, but holds what was asked; no signing key was sent.
    MadeBut {
        /// What the API now holds.
        webhook: Webhook,
        /// Why there was no confirmation.
        cause: Error,
    },
    /// The webhook is gone.
    Gone(Error),
    /// It was not made, or that cannot be told: the prior state stays, and the next plan shows what there is to do.
    NotMade(Error),
}

impl Api {
    pub(super) async fn update(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> Update {
        let request = Request::update(id, spec);
        let operation = self.operation(stop);
        let writing = self.list.write();
        let sent = self.sender.send(&request, &operation).await;
        drop(writing);
        match sent.result {
            Ok(answer) => match self.webhook(&request, &answer, Some(id)) {
                Ok(webhook) => Update::Made(webhook),
                Err(cause) => {
                    // A page of a proxy, with whatever status, is not the API's word.
                    let accepted = match body::is_foreign(&answer) {
                        true => Accepted::Unknown,
                        false => Accepted::Yes,
                    };
                    self.settle_update(id, spec, accepted, cause, &operation.settling())
                        .await
                }
            },
            Err(error) => match error.missing() {
                Some(Missing::Webhook) => Update::Gone(error),
                Some(Missing::RouteOrWebhook)
                    if self.list_lacks(id, &operation.settling()).await =>
                {
                    Update::Gone(error.about_a_lost_webhook())
                }
                // An earlier attempt may have been carried out, whatever met this one.
                _ if sent.in_doubt => {
                    self.settle_update(id, spec, Accepted::Unknown, error, &operation.settling())
                        .await
                }
                _ => Update::NotMade(error),
            },
        }
    }

    /// Finds out what became of an update in doubt.
    async fn settle_update(
        self: &Arc<Self>,
        id: &WebhookId,
        spec: &WebhookSpec,
        accepted: Accepted,
        cause: Error,
        operation: &Operation,
    ) -> Update {
        let list = self.list.begin(self.fetch_list(operation));
        let seen = self.look_for(id, list, operation).await;
        warn!(%cause, ?seen, "an update is in doubt");
        after_doubt(seen, spec, accepted, cause)
    }
}

/// Whether the API said, by the status of an answer of its own, that the update was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    Yes,
    Unknown,
}

/// Decides what an update in doubt came to, by what the API holds after it.
fn after_doubt(seen: Seen, spec: &WebhookSpec, accepted: Accepted, cause: Error) -> Update {
    match (seen, accepted) {
        (Seen::Found(webhook), Accepted::Yes) => Update::Made(webhook),
        (Seen::Found(webhook), Accepted::Unknown)
            if spec.signing_key.is_none() && holds(&webhook, spec) =>
        {
            Update::MadeBut { webhook, cause }
        }
        (Seen::Found(_), Accepted::Unknown) => Update::NotMade(
            cause.noting("What Immuta holds does not prove that the update was made."),
        ),
        (Seen::Gone, _) => Update::Gone(cause.about_a_lost_webhook()),
        (Seen::CannotBeRead(_) | Seen::Failed(_), Accepted::Yes) => Update::NotMade(
            cause.noting("Immuta took the update, but what it holds now could not be read."),
        ),
        (Seen::CannotBeRead(_) | Seen::Failed(_), Accepted::Unknown) => Update::NotMade(
            cause.noting("The update may have been made: what Immuta holds now could not be read."),
        ),
    }
}

fn holds(webhook: &Webhook, spec: &WebhookSpec) -> bool {
    webhook
        .differences(spec)
        .iter()
        .all(|difference| *difference == Difference::UrlRespelt)
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
