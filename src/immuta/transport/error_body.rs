//! What the body of an error says, and what a body that is not the API's is called: it is named, never quoted.

use serde::Deserialize;
use serde_json::Value;

use super::response::{Response, Truncation};
use crate::immuta::error::{ErrorKind, NotFoundKind};

/// The body of a response that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorBody {
    /// JSON with a message, not redacted.
    Message {
        text: String,
        /// Whether it has the API's own shape: `message`, `error` and the status again.
        own: bool,
    },
    /// Anything else, by its name.
    Unrecognized(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDocument {
    message: Value,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    status_code: Value,
}

pub(crate) fn parse(response: &Response) -> ErrorBody {
    let Ok(document) = serde_json::from_slice::<ErrorDocument>(&response.body) else {
        return ErrorBody::Unrecognized(describe(response));
    };
    let text = match document.message {
        Value::String(text) => text,
        // As validation errors have it.
        Value::Array(texts) if !texts.is_empty() && texts.iter().all(Value::is_string) => texts
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join("; "),
        _ => return ErrorBody::Unrecognized(describe(response)),
    };
    let own = document.error.is_string()
        && document.status_code.as_f64() == Some(f64::from(response.status));
    ErrorBody::Message { text, own }
}

/// What the response says does not exist.
///
/// A 404 is about the webhook only in the API's own words: its router says `Cannot GET /…` of a route that it does not
/// have, in the same shape, and proxies say 404 in theirs.
pub(crate) fn not_found_kind(status: u16, body: &ErrorBody) -> Option<NotFoundKind> {
    match (status, body) {
        (404, ErrorBody::Message { text, own: true }) if !text.starts_with("Cannot ") => {
            Some(NotFoundKind::Webhook)
        }
        (404, _) => Some(NotFoundKind::RouteOrWebhook),
        (405 | 501, _) => Some(NotFoundKind::Route),
        _ => None,
    }
}

/// How JSON that was not expected is described.
pub(crate) const OTHER_JSON: &str = "unexpected JSON";

/// Whether the body cannot be the API's own, which is JSON or nothing: a page of something in between, with whatever
/// status. The start of a truncated body tells too.
pub(crate) fn is_unrecognized(response: &Response) -> bool {
    let body = response.body.trim_ascii_start();
    let is_other = !body.is_empty() && !body.starts_with(b"{") && !body.starts_with(b"[");
    is_other || response.compressed.is_some()
}

/// What a page of something in front of the API means, where its status alone would mislead.
pub(crate) fn gateway(response: &Response) -> Option<(ErrorKind, &'static str)> {
    // How nginx refuses whoever presents no client certificate.
    const NO_CERTIFICATE: &[u8] = b"No required SSL certificate was sent";

    let says = |text: &[u8]| response.body.windows(text.len()).any(|part| part == text);
    match response.status {
        403 if is_unrecognized(response) => Some((
            ErrorKind::Firewall,
            "a firewall or gateway in front of Immuta refused the request",
        )),
        400 if is_unrecognized(response) && says(NO_CERTIFICATE) => Some((
            ErrorKind::ClientCertificate,
            "the server demands a client certificate, which the provider cannot present",
        )),
        _ => None,
    }
}

/// What a body is called in a message.
pub(crate) fn describe(response: &Response) -> &'static str {
    let body = response.body.trim_ascii_start();
    let content_type = response
        .content_type
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match response.truncated {
        Some(Truncation::TooLarge) => return "a body that is too large",
        Some(Truncation::ConnectionLost | Truncation::TimedOut) => return "a truncated body",
        None => {}
    }
    if let Some(compressed) = response.compressed {
        compressed
    } else if body.is_empty() {
        "an empty body"
    } else if body.starts_with(b"<") {
        let start = body
            .get(..body.len().min(1024))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let html = content_type.starts_with("text/html")
            || [&b"<!doctype html"[..], b"<html", b"<head", b"<body"]
                .iter()
                .any(|mark| start.windows(mark.len()).any(|window| window == *mark));
        if html {
            "an HTML page"
        } else {
            "an XML document"
        }
    } else if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        OTHER_JSON
    } else if content_type.contains("json") || body.starts_with(b"{") || body.starts_with(b"[") {
        "malformed JSON"
    } else if std::str::from_utf8(body).is_ok_and(|text| !text.contains('\0')) {
        "plain text"
    } else {
        "binary data"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response {
            status,
            body: body.to_owned().into(),
            ..Response::default()
        }
    }

    fn message(text: &str, own: bool) -> ErrorBody {
        ErrorBody::Message {
            text: text.to_owned(),
            own,
        }
    }

    #[test]
    fn messages() {
        for (body, read_as) in [
            (
                r#"{"message":"Not authenticated.","error":"Unauthorized","statusCode":401}"#,
                message("Not authenticated.", true),
            ),
            (
                r#"{"message":["url must be a URL","verifyTls must be a boolean"],"error":"Bad Request","statusCode":401.0}"#,
                message("url must be a URL; verifyTls must be a boolean", true),
            ),
            (r#"{"message":"Forbidden"}"#, message("Forbidden", false)),
            (
                r#"{"message":"x","error":"y","statusCode":500}"#,
                message("x", false),
            ),
            (r#"{"message":"x","statusCode":401}"#, message("x", false)),
            (
                r#"{"message":{"a":1}}"#,
                ErrorBody::Unrecognized("unexpected JSON"),
            ),
            (
                r#"{"message":[]}"#,
                ErrorBody::Unrecognized("unexpected JSON"),
            ),
            (
                r#"{"error":"x"}"#,
                ErrorBody::Unrecognized("unexpected JSON"),
            ),
            (r#""x""#, ErrorBody::Unrecognized("unexpected JSON")),
            (r#"{"message":"#, ErrorBody::Unrecognized("malformed JSON")),
            ("", ErrorBody::Unrecognized("an empty body")),
            ("  \n", ErrorBody::Unrecognized("an empty body")),
            (
                "<!DOCTYPE HTML><p>x",
                ErrorBody::Unrecognized("an HTML page"),
            ),
            (" <HTML><body>", ErrorBody::Unrecognized("an HTML page")),
            (
                "<?xml version=\"1.0\"?><a/>",
                ErrorBody::Unrecognized("an XML document"),
            ),
            (
                "upstream connect error",
                ErrorBody::Unrecognized("plain text"),
            ),
            ("a\0b", ErrorBody::Unrecognized("binary data")),
        ] {
            assert_eq!(parse(&response(401, body)), read_as, "{body}");
        }
        let html = Response {
            content_type: Some("text/html; charset=utf-8".to_owned()),
            ..response(500, "<h1>x</h1>")
        };
        assert_eq!(describe(&html), "an HTML page");
        let truncated = Response {
            truncated: Some(Truncation::ConnectionLost),
            ..response(500, "{")
        };
        assert_eq!(describe(&truncated), "a truncated body");
    }

    #[test]
    fn pages_of_gateways() {
        let nginx = "<html><center>No required SSL certificate was sent</center></html>";
        for (status, body, kind) in [
            (403, "<html>Access denied", Some(ErrorKind::Firewall)),
            (403, "", None),
            (403, r#"{"message":"Forbidden"}"#, None),
            (400, nginx, Some(ErrorKind::ClientCertificate)),
            (400, "<html>Bad request", None),
            (502, "<html>Bad gateway", None),
        ] {
            let found = gateway(&response(status, body)).map(|(kind, _)| kind);
            assert_eq!(found, kind, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing() {
        use NotFoundKind::{Route, RouteOrWebhook, Webhook};
        for (status, body, missing_is) in [
            (
                404,
                r#"{"message":"Webhook not found","error":"Not Found","statusCode":404}"#,
                Some(Webhook),
            ),
            (
                404,
                r#"{"message":["no such webhook"],"error":"Not Found","statusCode":404}"#,
                Some(Webhook),
            ),
            (
                404,
                r#"{"message":"Cannot GET /x","error":"Not Found","statusCode":404}"#,
                Some(RouteOrWebhook),
            ),
            (
                404,
                r#"{"message":"Cannot DELETE /x","error":"Not Found","statusCode":404}"#,
                Some(RouteOrWebhook),
            ),
            (
                404,
                r#"{"message":"no Route matched"}"#,
                Some(RouteOrWebhook),
            ),
            (
                404,
                r#"{"message":"x","error":"Not Found","statusCode":400}"#,
                Some(RouteOrWebhook),
            ),
            (404, "<html>", Some(RouteOrWebhook)),
            (404, "", Some(RouteOrWebhook)),
            (405, "", Some(Route)),
            (501, "", Some(Route)),
            (
                410,
                r#"{"message":"Gone","error":"Gone","statusCode":410}"#,
                None,
            ),
            (
                400,
                r#"{"message":"x","error":"Bad Request","statusCode":400}"#,
                None,
            ),
            (500, "", None),
        ] {
            assert_eq!(
                not_found_kind(status, &parse(&response(status, body))),
                missing_is,
                "{status} {body}"
            );
        }
    }
}
