//! What the body of an error says, and what a foreign body is called: it is named, never pasted.

use serde::Deserialize;
use serde_json::Value;

use super::error::Missing;
use super::http::{Answer, Cut};

/// The body of an answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorBody {
    /// JSON with a message, not scrubbed.
    Message {
        text: String,
        /// Whether it is in the API's own shape: `message`, `error` and the status again.
        own: bool,
    },
    /// Anything else, by its name.
    Foreign(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    message: Value,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    status_code: Value,
}

pub(crate) fn read(answer: &Answer) -> ErrorBody {
    let Ok(shape) = serde_json::from_slice::<Shape>(&answer.body) else {
        return ErrorBody::Foreign(name(answer));
    };
    let text = match shape.message {
        Value::String(text) => text,
        // As validation errors have it.
        Value::Array(texts) if !texts.is_empty() && texts.iter().all(Value::is_string) => texts
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join("; "),
        _ => return ErrorBody::Foreign(name(answer)),
    };
    let own =
        shape.error.is_string() && shape.status_code.as_f64() == Some(f64::from(answer.status));
    ErrorBody::Message { text, own }
}

/// What the answer says is missing.
///
/// A 404 is about the webhook only in the API's own words: its router says `Cannot GET /…` of a route that it does not
/// have, in the same shape, and proxies say 404 in theirs.
pub(crate) fn missing(status: u16, body: &ErrorBody) -> Option<Missing> {
    match (status, body) {
        (404, ErrorBody::Message { text, own: true }) if !text.starts_with("Cannot ") => {
            Some(Missing::Webhook)
        }
        (404, _) => Some(Missing::RouteOrWebhook),
        (405 | 501, _) => Some(Missing::Route),
        _ => None,
    }
}

/// The name of JSON that was not expected.
pub(crate) const OTHER_JSON: &str = "JSON of another shape";

/// Whether the body cannot be the API's own, which is JSON or nothing: a page of something in between, with whatever
/// status. The start of a body that was cut tells too.
pub(crate) fn is_foreign(answer: &Answer) -> bool {
    let body = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body)
        .trim_ascii_start();
    !body.is_empty() && !body.starts_with(b"{") && !body.starts_with(b"[")
}

/// What a body is called.
pub(crate) fn name(answer: &Answer) -> &'static str {
    let body = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body);
    let body = body.trim_ascii_start();
    let content_type = answer
        .content_type
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match answer.cut {
        Some(Cut::TooLarge) => return "a body that is too large",
        Some(Cut::Lost | Cut::Late) => return "a body that was cut short",
        None => {}
    }
    if body.is_empty() {
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

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.to_owned().into(),
            ..Answer::default()
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
                ErrorBody::Foreign("JSON of another shape"),
            ),
            (
                r#"{"message":[]}"#,
                ErrorBody::Foreign("JSON of another shape"),
            ),
            (
                r#"{"error":"x"}"#,
                ErrorBody::Foreign("JSON of another shape"),
            ),
            (r#""x""#, ErrorBody::Foreign("JSON of another shape")),
            (r#"{"message":"#, ErrorBody::Foreign("malformed JSON")),
            ("", ErrorBody::Foreign("an empty body")),
            ("  \n", ErrorBody::Foreign("an empty body")),
            (
                "\u{feff}<!DOCTYPE HTML><p>x",
                ErrorBody::Foreign("an HTML page"),
            ),
            (" <HTML><body>", ErrorBody::Foreign("an HTML page")),
            (
                "<?xml version=\"1.0\"?><a/>",
                ErrorBody::Foreign("an XML document"),
            ),
            ("upstream connect error", ErrorBody::Foreign("plain text")),
            ("a\0b", ErrorBody::Foreign("binary data")),
        ] {
            assert_eq!(read(&answer(401, body)), read_as, "{body}");
        }
        let html = Answer {
            content_type: Some("text/html; charset=utf-8".to_owned()),
            ..answer(500, "<h1>x</h1>")
        };
        assert_eq!(name(&html), "an HTML page");
        let cut = Answer {
            cut: Some(Cut::Lost),
            ..answer(500, "{")
        };
        assert_eq!(name(&cut), "a body that was cut short");
    }

    #[test]
    fn what_is_missing() {
        use Missing::{Route, RouteOrWebhook, Webhook};
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
                missing(status, &read(&answer(status, body))),
                missing_is,
                "{status} {body}"
            );
        }
    }
}
