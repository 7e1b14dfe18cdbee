//! What it means when a webhook is, or is not, where it was looked for.
//!
//! No resource may be dropped on one ambiguous response: a deployment can lack a route, and a proxy can return 404. So
//! the list and the read by id are weighed together.

use crate::immuta::error::{Error, NotFoundKind};
use crate::immuta::models::Webhook;

/// What a read of one webhook found.
#[derive(Clone, Debug)]
pub enum ReadOutcome {
    /// The webhook.
    Found(Webhook),
    /// It does not exist: the API said so, or its list was returned and lacks it.
    NotFound,
    /// This deployment offers neither the list nor the read of one webhook. Nothing is known of it.
    Unavailable(Error),
    /// The read failed, and may succeed later.
    Failed(Error),
}

/// Decides where neither the list nor the read by id has the webhook. `list` is why there is no list, `None` if there is
/// one that lacks the webhook; `get` is the error of the read by id.
pub(super) fn decide(list: Option<Error>, get: Error) -> ReadOutcome {
    // The list is of no webhook in particular: each 404 is about its route.
    let no_list_route = |error: &Error| error.not_found_kind().is_some();
    match (list, get.not_found_kind()) {
        (_, Some(NotFoundKind::Webhook)) | (None, Some(_)) => ReadOutcome::NotFound,
        (Some(list), Some(_)) if no_list_route(&list) => ReadOutcome::Unavailable(get),
        (Some(list), Some(_)) => ReadOutcome::Failed(list),
        (_, None) => ReadOutcome::Failed(get),
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::immuta::error::ErrorKind;

    fn failed(clause: &str) -> Error {
        Error::for_request(ErrorKind::Status, &Method::GET, "/x", clause).with_status(500, None)
    }

    fn missing(kind: NotFoundKind) -> Error {
        Error::for_request(ErrorKind::Status, &Method::GET, "/x", "GET")
            .with_status(404, Some(kind))
    }

    #[test]
    fn every_combination() {
        use NotFoundKind::{Route, RouteOrWebhook, Webhook};
        let lacks = || None;
        let list_failed = || Some(failed("LIST"));
        // 404, 405 and 501 of the list
        for no_route in [Webhook, RouteOrWebhook, Route] {
            let no_list = || Some(missing(no_route));
            for (list, get, meaning) in [
                (lacks(), missing(Webhook), "NotFound"),
                (lacks(), missing(RouteOrWebhook), "NotFound"),
                (lacks(), missing(Route), "NotFound"),
                (lacks(), failed("GET"), "Failed GET"),
                (no_list(), missing(Webhook), "NotFound"),
                (no_list(), missing(RouteOrWebhook), "Unavailable"),
                (no_list(), missing(Route), "Unavailable"),
                (no_list(), failed("GET"), "Failed GET"),
                (list_failed(), missing(Webhook), "NotFound"),
                (list_failed(), missing(RouteOrWebhook), "Failed LIST"),
                (list_failed(), missing(Route), "Failed LIST"),
                (list_failed(), failed("GET"), "Failed GET"),
            ] {
                let decided = match decide(list.clone(), get.clone()) {
                    ReadOutcome::Found(_) => "Found",
                    ReadOutcome::NotFound => "NotFound",
                    ReadOutcome::Unavailable(_) => "Unavailable",
                    ReadOutcome::Failed(error) if error.to_string().contains("LIST") => {
                        "Failed LIST"
                    }
                    ReadOutcome::Failed(_) => "Failed GET",
                };
                assert_eq!(decided, meaning, "{list:?} {get:?}");
            }
        }
    }
}
