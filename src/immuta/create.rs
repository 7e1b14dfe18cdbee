//! Creating a webhook, once.
//!
//! POST has no idempotency key. So it is repeated only when it provably was not processed, and after an answer that
//! never came the list is taken again: the one webhook that is new since the baseline, has the url and belongs to
//! nothing else is adopted. Where that is not exactly one, the outcome says what may exist.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::claims::Look;
use super::error::{Error, ErrorKind};
use super::models::{Webhook, WebhookSpec};
use super::operation::Operation;
use super::request::Request;
use super::salvage::salvage_id;
use super::webhooks::Api;

/// How a create ended. Nothing is ever made without being named here.
#[derive(Clone, Debug)]
pub enum Creation {
    /// It was made; this is what the API answered, which may differ from what was asked.
    Made(Webhook),
    /// No answer came, but exactly one new webhook with the url is there: it is taken for the one that was asked for.
    /// Whether its signing key is the one that was sent is not known, so it should be replaced.
    Adopted {
        /// The webhook.
        webhook: Webhook,
        /// Why there was no answer.
        cause: Error,
    },
    /// It was made, but of the answer nothing but its id could be read.
    MadeUnread {
        /// The id.
        id: String,
        /// What was wrong with the answer.
        cause: Error,
    },
    /// Nothing was made.
    NotMade(Error),
    /// It may have been made, and it cannot be told whether, or which one it is.
    Unclear {
        /// The webhooks with the url that it may be, as far as a list could be had.
        candidates: Vec<Webhook>,
        /// Why there was no answer.
        cause: Error,
    },
}

impl Api {
    pub(super) async fn create(
        self: &Arc<Self>,
        spec: &WebhookSpec,
        stop: &CancellationToken,
    ) -> Creation {
        let request = Request::create(spec);
        // The time of the operation begins with its turn: those before it have theirs.
        let turn = self.turn(&spec.url);
        let _turn = tokio::select! {
            biased;
            () = stop.cancelled() => return Creation::NotMade(stopped(&request)),
            turn = turn.lock() => turn,
        };
        let operation = self.operation(stop);
        let baseline = match self.baseline(&operation).await {
            Ok(baseline) => baseline,
            Err(error) if error.is_stop() => return Creation::NotMade(stopped(&request)),
            Err(error) => return Creation::NotMade(error),
        };
        let baseline = baseline.as_deref().map(|list| &**list);
        let writing = self.list.write();
        let sent = self.sender.send(&request, &operation).await;
        drop(writing);
        let cause = match sent.result {
            Ok(answer) => match self.webhook(&request, &answer, None) {
                Ok(webhook) => {
                    return if self.claims().claim_new(&webhook.id, baseline) {
                        Creation::Made(webhook)
                    } else {
                        Creation::NotMade(in_use(&request, answer.status))
                    };
                }
                Err(cause) => match salvage_id(&answer.body) {
                    Some(id) => {
                        return if self.claims().claim_new(&id, baseline) {
                            Creation::MadeUnread { id, cause }
                        } else {
                            Creation::NotMade(in_use(&request, answer.status))
                        };
                    }
                    None => cause,
                },
            },
            Err(error) if sent.in_doubt => error,
            Err(error) => return Creation::NotMade(error),
        };
        self.settle(spec, baseline, cause, &operation.settling())
            .await
    }

    /// Finds out what became of a create in doubt.
    async fn settle(
        self: &Arc<Self>,
        spec: &WebhookSpec,
        baseline: Option<&[Webhook]>,
        cause: Error,
        operation: &Operation,
    ) -> Creation {
        let list = match self.fresh_list(operation).await {
            Ok(list) => list,
            Err(error) => {
                warn!(%cause, list = %error, "a create is in doubt, and there is no list");
                return Creation::Unclear {
                    candidates: Vec::new(),
                    cause,
                };
            }
        };
        let look = self.claims().look(&spec.url, baseline, &list);
        match look {
            Look::Adopt(webhook) => {
                warn!(%cause, id = webhook.id, "a create is in doubt; the one new webhook with its url is adopted");
                Creation::Adopted { webhook, cause }
            }
            Look::Unclear(candidates) => {
                warn!(%cause, candidates = candidates.len(), "a create is in doubt");
                Creation::Unclear { candidates, cause }
            }
        }
    }
}

fn stopped(request: &Request) -> Error {
    let clause = "was not sent, since Terraform asked to stop";
    Error::of_call(ErrorKind::Stopped, request.method, &request.path, clause)
}

fn in_use(request: &Request, status: u16) -> Error {
    let clause = "was answered with a webhook that was there before";
    Error::of_call(ErrorKind::IdInUse, request.method, &request.path, clause)
        .with_status(status, None)
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
