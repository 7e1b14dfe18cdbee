//! Deleting a webhook.
use super::Error;

/// How a delete ended.
#[derive(Clone, Debug)]
pub enum Deletion {
    /// The webhook is gone, by this delete or before it.
    Gone,
    /// It is still there, or that cannot be told.
    StillThere(Error),
}
