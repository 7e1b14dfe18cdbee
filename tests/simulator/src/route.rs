//! Which call of the API a request is.

use axum::http::Method;
use serde::{Deserialize, Serialize};

/// The path under which the API lives, as at Immuta.
pub const BASE_PATH: &str = "/marketplace";

const WEBHOOKS: &str = "/api/notification/webhook";

/// A call of the API, or none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Route {
    /// `POST /api/notification/webhook`
    Create,
    /// `GET /api/notification/webhook`
    List,
    /// `GET /api/notification/webhook/{id}`
    Get,
    /// `PUT /api/notification/webhook/{id}`
    Update,
    /// `DELETE /api/notification/webhook/{id}`
    Delete,
    /// `POST /api/notification/webhook/test`
    TestConfig,
    /// `POST /api/notification/webhook/{id}/test`
    TestById,
    /// `GET /api/notification/webhook/{id}/history`
    History,
    /// `GET /api/auth/user`
    User,
    /// `GET /health/ready`
    Health,
    /// Anything else.
    Unknown,
}

impl Route {
    /// Every call of the API.
    pub const ALL: [Route; 10] = [
        Route::Create,
        Route::List,
        Route::Get,
        Route::Update,
        Route::Delete,
        Route::TestConfig,
        Route::TestById,
        Route::History,
        Route::User,
        Route::Health,
    ];

    /// The call that `method` on `path` is, and the id of the webhook in the path.
    pub(crate) fn of<'p>(method: &Method, path: &'p str) -> (Route, Option<&'p str>) {
        let Some(path) = path.strip_prefix(BASE_PATH) else {
            return (Route::Unknown, None);
        };
        let Some(rest) = path.strip_prefix(WEBHOOKS) else {
            return match (method, path) {
                (&Method::GET, "/api/auth/user") => (Route::User, None),
                (&Method::GET, "/health/ready") => (Route::Health, None),
                _ => (Route::Unknown, None),
            };
        };
        let rest = match rest {
            "" | "/" => {
                return match *method {
                    Method::GET => (Route::List, None),
                    Method::POST => (Route::Create, None),
                    _ => (Route::Unknown, None),
                };
            }
            other => match other.strip_prefix('/') {
                Some(rest) => rest,
                None => return (Route::Unknown, None),
            },
        };
        match (method, rest.split_once('/')) {
            (&Method::POST, None) if rest == "test" => (Route::TestConfig, None),
            (&Method::GET, None) => (Route::Get, Some(rest)),
            (&Method::PUT, None) => (Route::Update, Some(rest)),
            (&Method::DELETE, None) => (Route::Delete, Some(rest)),
            (&Method::POST, Some((id, "test"))) => (Route::TestById, Some(id)),
            (&Method::GET, Some((id, "history"))) => (Route::History, Some(id)),
            _ => (Route::Unknown, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_recognised() {
        let cases = [
            (
                "POST",
                "/marketplace/api/notification/webhook",
                Route::Create,
                None,
            ),
            (
                "GET",
                "/marketplace/api/notification/webhook",
                Route::List,
                None,
            ),
            (
                "GET",
                "/marketplace/api/notification/webhook/a",
                Route::Get,
                Some("a"),
            ),
            (
                "PUT",
                "/marketplace/api/notification/webhook/a",
                Route::Update,
                Some("a"),
            ),
            (
                "DELETE",
                "/marketplace/api/notification/webhook/a",
                Route::Delete,
                Some("a"),
            ),
            (
                "POST",
                "/marketplace/api/notification/webhook/test",
                Route::TestConfig,
                None,
            ),
            (
                "GET",
                "/marketplace/api/notification/webhook/test",
                Route::Get,
                Some("test"),
            ),
            (
                "POST",
                "/marketplace/api/notification/webhook/a/test",
                Route::TestById,
                Some("a"),
            ),
            (
                "GET",
                "/marketplace/api/notification/webhook/a/history",
                Route::History,
                Some("a"),
            ),
            ("GET", "/marketplace/api/auth/user", Route::User, None),
            ("GET", "/marketplace/health/ready", Route::Health, None),
            (
                "PATCH",
                "/marketplace/api/notification/webhook",
                Route::Unknown,
                None,
            ),
            (
                "POST",
                "/marketplace/api/notification/webhook/a",
                Route::Unknown,
                None,
            ),
            (
                "GET",
                "/marketplace/api/notification/webhooks",
                Route::Unknown,
                None,
            ),
            ("GET", "/api/notification/webhook", Route::Unknown, None),
            (
                "GET",
                "/marketplace/api/notification/webhook/a/b/history",
                Route::Unknown,
                None,
            ),
        ];
        for (method, path, route, id) in cases {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(Route::of(&method, path), (route, id), "{method} {path}");
        }
    }
}
