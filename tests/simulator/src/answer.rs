//! What a call is answered with, before it becomes an HTTP response.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

/// Status, headers and body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// `None` for an answer without a body.
    pub(crate) content_type: Option<&'static str>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Answer {
        Answer::bytes(status, JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    /// An answer with any body. A status outside 100–999 becomes 500.
    pub(crate) fn bytes(status: u16, content_type: &'static str, body: Vec<u8>) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            content_type: Some(content_type),
            headers: Vec::new(),
            body,
        }
    }

    /// 204.
    pub(crate) fn no_content() -> Answer {
        Answer {
            status: StatusCode::NO_CONTENT,
            content_type: None,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// An error in the API's shape: message, the status's name, the status.
    pub(crate) fn error(status: u16, message: impl Serialize) -> Answer {
        let name = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        Answer::json(
            status,
            &json!({ "message": message, "error": name, "statusCode": status }),
        )
    }

    /// A request that fails validation: one message for each problem.
    pub(crate) fn invalid(problems: &[String]) -> Answer {
        Answer::error(400, problems)
    }

    /// The 401 that Immuta answers to a missing or foreign token.
    pub(crate) fn unauthorized() -> Answer {
        Answer::error(401, "Not authenticated.")
    }

    /// Webhook not found.
    pub(crate) fn no_webhook() -> Answer {
        Answer::error(404, "Webhook not found")
    }

    /// No such route: 404 as NestJS words it, 405 and 501 as a gateway would.
    pub(crate) fn no_route(status: u16, method: &Method, target: &str) -> Answer {
        match status {
            404 => Answer::error(404, format!("Cannot {method} {target}")),
            other => {
                let name = StatusCode::from_u16(other)
                    .ok()
                    .and_then(|status| status.canonical_reason())
                    .unwrap_or("Error");
                Answer::error(other, name)
            }
        }
    }

    /// Adds a header; one that HTTP does not allow is left out.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Answer {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            self.headers.push((name, value));
        }
        self
    }

    /// The response with `body` in place of the answer's own.
    pub(crate) fn into_response_with(self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        if let Some(content_type) = self.content_type {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }

    pub(crate) fn into_response(mut self) -> Response<Body> {
        let body = Body::from(std::mem::take(&mut self.body));
        self.into_response_with(body)
    }
}
