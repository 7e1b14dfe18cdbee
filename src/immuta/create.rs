//! Creating a webhook, once.
use super::{Error, Webhook};

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
