//! What it means when a webhook is, or is not, where it was looked for.
use super::{Error, Webhook};

/// What a read of one webhook found.
#[derive(Clone, Debug)]
pub enum Reading {
    /// It is there.
    Found(Webhook),
    /// It is gone: the API said so, or its list answered and lacks it.
    Gone,
    /// This deployment offers neither the list nor the read of one webhook. Nothing is known of it.
    Unreadable {
        /// Whether this is the first such reading of this `Webhooks`, so that one warning suffices.
        first: bool,
        /// What was answered.
        cause: Error,
    },
    /// It could not be found out.
    Failed(Error),
}
