//! Updating a webhook.
use super::{Error, Webhook};

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
