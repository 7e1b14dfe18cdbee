//! What it means when a webhook is, or is not, where it was looked for.
//!
//! No resource may be dropped on one ambiguous answer: a deployment can lack a route, and a proxy can say 404. So the
//! list and the read of one webhook are weighed together, by a table.

use super::error::{Error, Missing};
use super::models::Webhook;

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

/// What the list says of one webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// The list answered, and lacks it.
    Lacks,
    /// There is no such route here.
    NoRoute,
    /// It failed otherwise.
    Failed,
}

/// What the read of one webhook says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    /// The API says, in its own words, that there is no such webhook.
    NoWebhook,
    /// There is no such route here, or no such webhook.
    NoRoute,
    /// It failed otherwise.
    Failed,
}

/// What both together mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Gone,
    CannotBeRead,
    /// The list's error is the one to tell.
    FailedToList,
    /// The read's error is the one to tell.
    FailedToGet,
}

/// Decides where neither the list nor the read has the webhook.
pub(crate) fn meaning(listed: Listed, got: Got) -> Meaning {
    match (listed, got) {
        (_, Got::NoWebhook) | (Listed::Lacks, Got::NoRoute) => Meaning::Gone,
        (Listed::NoRoute, Got::NoRoute) => Meaning::CannotBeRead,
        (Listed::Failed, Got::NoRoute) => Meaning::FailedToList,
        (_, Got::Failed) => Meaning::FailedToGet,
    }
}

impl Listed {
    /// The list is nobody's resource: each 404 is about its route.
    pub(crate) fn failed_with(error: &Error) -> Listed {
        match error.missing() {
            Some(Missing::Webhook | Missing::RouteOrWebhook | Missing::Route) => Listed::NoRoute,
            None => Listed::Failed,
        }
    }
}

impl Got {
    pub(crate) fn failed_with(error: &Error) -> Got {
        match error.missing() {
            Some(Missing::Webhook) => Got::NoWebhook,
            Some(Missing::RouteOrWebhook | Missing::Route) => Got::NoRoute,
            None => Got::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::immuta::ErrorKind;

    #[test]
    fn the_table() {
        for (listed, got, means) in [
            (Listed::Lacks, Got::NoWebhook, Meaning::Gone),
            (Listed::Lacks, Got::NoRoute, Meaning::Gone),
            (Listed::Lacks, Got::Failed, Meaning::FailedToGet),
            (Listed::NoRoute, Got::NoWebhook, Meaning::Gone),
            (Listed::NoRoute, Got::NoRoute, Meaning::CannotBeRead),
            (Listed::NoRoute, Got::Failed, Meaning::FailedToGet),
            (Listed::Failed, Got::NoWebhook, Meaning::Gone),
            (Listed::Failed, Got::NoRoute, Meaning::FailedToList),
            (Listed::Failed, Got::Failed, Meaning::FailedToGet),
        ] {
            assert_eq!(meaning(listed, got), means, "{listed:?} {got:?}");
        }
    }

    #[test]
    fn what_errors_say() {
        let status = |status, missing| {
            Error::of_call(ErrorKind::Status, "GET", "/x", "failed").with_status(status, missing)
        };
        for (error, listed, got) in [
            (
                status(404, Some(Missing::Webhook)),
                Listed::NoRoute,
                Got::NoWebhook,
            ),
            (
                status(404, Some(Missing::RouteOrWebhook)),
                Listed::NoRoute,
                Got::NoRoute,
            ),
            (
                status(405, Some(Missing::Route)),
                Listed::NoRoute,
                Got::NoRoute,
            ),
            (
                status(501, Some(Missing::Route)),
                Listed::NoRoute,
                Got::NoRoute,
            ),
            (status(401, None), Listed::Failed, Got::Failed),
            (status(403, None), Listed::Failed, Got::Failed),
            (status(500, None), Listed::Failed, Got::Failed),
            (
                Error::of_call(ErrorKind::Timeout, "GET", "/x", "failed"),
                Listed::Failed,
                Got::Failed,
            ),
            (
                Error::of_call(ErrorKind::Unreadable, "GET", "/x", "failed"),
                Listed::Failed,
                Got::Failed,
            ),
        ] {
            assert_eq!(Listed::failed_with(&error), listed, "{error}");
            assert_eq!(Got::failed_with(&error), got, "{error}");
        }
    }
}
