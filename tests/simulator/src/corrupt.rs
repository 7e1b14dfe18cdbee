//! How an answer is corrupted on its way out. Pure: an answer and a kind of fault in, what is sent out.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Response, StatusCode};
use hyper::body::{Bytes, Frame};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, JSON};
use crate::fault::FaultKind;

/// The answer as `kind` corrupts it. Kinds that do not touch the body leave it as it is.
pub(crate) fn corrupt(kind: &FaultKind, answer: Answer) -> Answer {
    match kind {
        FaultKind::MalformedJson => {
            let mut answer = with_body(answer);
            answer.body.truncate(answer.body.len() / 2);
            answer.body.extend_from_slice(b"<<not json");
            answer
        }
        FaultKind::MissingId => reshape(answer, |mut item| {
            item.remove("id");
            item
        }),
        FaultKind::UnreadableButId => reshape(answer, |item| {
            let mut corrupted = Map::new();
            for (name, value) in item {
                let value = match (name.as_str(), value) {
                    ("id", id) => id,
                    (_, Value::String(_)) => json!(17),
                    (_, _) => json!("perhaps"),
                };
                corrupted.insert(name, value);
            }
            corrupted
        }),
        FaultKind::Oversized(size) => {
            let mut answer = with_body(answer);
            let spaces = size.saturating_sub(answer.body.len());
            let rest = answer.body.split_off(1.min(answer.body.len()));
            answer.body.resize(answer.body.len() + spaces, b' ');
            answer.body.extend_from_slice(&rest);
            answer
        }
        FaultKind::EmptyBody => Answer {
            body: Vec::new(),
            ..answer
        },
        FaultKind::WrongContentType => Answer {
            content_type: Some("text/plain; charset=utf-8"),
            ..with_body(answer)
        },
        FaultKind::FloatNumbers => with_numbers(answer, |number| format!("{number:.1}")),
        FaultKind::ExponentNumbers => with_numbers(answer, |number| format!("{number:e}")),
        FaultKind::IntegerStatus => reshape(answer, |mut item| {
            let number = match item.get("status").and_then(Value::as_str) {
                Some("UNSPECIFIED") => Some(0),
                Some("SUCCESS") => Some(1),
                Some("FAILED") => Some(2),
                _ => None,
            };
            if let Some(number) = number {
                item.insert("status".to_owned(), json!(number));
            }
            item
        }),
        _ => answer,
    }
}

/// An answer without a body, that of a delete, gets one, so that there is something to corrupt.
fn with_body(mut answer: Answer) -> Answer {
    if answer.body.is_empty() {
        answer.status = StatusCode::OK;
        answer.content_type = Some(JSON);
        answer.body = br#"{"deleted":true}"#.to_vec();
    }
    answer
}

/// Changes the object of the answer, or each object of its array.
fn reshape(answer: Answer, change: impl Fn(Map<String, Value>) -> Map<String, Value>) -> Answer {
    let mut answer = with_body(answer);
    let body = match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(item)) => Value::Object(change(item)),
        Ok(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Object(item) => Value::Object(change(item)),
                other => other,
            })
            .collect(),
        _ => return answer,
    };
    answer.body = body.to_string().into_bytes();
    answer
}

fn with_numbers(mut answer: Answer, number: fn(f64) -> String) -> Answer {
    if let Ok(value) = serde_json::from_slice(&answer.body) {
        let mut text = String::with_capacity(answer.body.len() + 64);
        write(&value, number, &mut text);
        answer.body = text.into_bytes();
    }
    answer
}

/// Writes JSON with numbers in a form of one's own.
fn write(value: &Value, number: fn(f64) -> String, out: &mut String) {
    match value {
        Value::Number(n) => match n.as_f64() {
            Some(n) => out.push_str(&number(n)),
            None => out.push_str(&n.to_string()),
        },
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, number, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (n, (name, value)) in fields.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(value, number, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// A page as proxies and login walls make them.
pub(crate) fn html_page(status: u16) -> Answer {
    let page = "<!DOCTYPE html>\n<html><head><title>Please sign in</title></head>\n<body><h1>Please sign in</h1>\
        <p>Your session has ended.</p></body></html>\n";
    Answer::bytes(status, "text/html; charset=utf-8", page.as_bytes().to_vec())
}

/// A text that quotes each secret plain, percent-encoded (both cases of hex), JSON-escaped, and escaped to ASCII.
pub(crate) fn echo<'s>(secrets: impl IntoIterator<Item = &'s str>) -> String {
    let mut text = String::from("Request was not understood:");
    for secret in secrets {
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let json = Value::from(secret).to_string();
        let ascii: String = json
            .encode_utf16()
            .map(|unit| match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
                _ => format!("\\u{unit:04x}"),
            })
            .collect();
        let lower = percent_lowercase(&percent);
        text.push_str(&format!(
            " [{secret}] [{percent}] [{lower}] [{json}] [{ascii}]"
        ));
    }
    text
}

/// `%2F` becomes `%2f`; what is not an escape stays.
fn percent_lowercase(text: &str) -> String {
    let mut escape = 0;
    text.chars()
        .map(|c| {
            if c == '%' {
                escape = 2;
                return c;
            }
            if escape > 0 {
                escape -= 1;
                return c.to_ascii_lowercase();
            }
            c
        })
        .collect()
}

/// A response that promises the whole body and ends in its middle.
pub(crate) fn truncated(answer: Answer) -> Response<Body> {
    let answer = with_body(answer);
    let whole = answer.body.len();
    let half = Bytes::copy_from_slice(&answer.body[..whole / 2]);
    let mut response = answer.into_response_with(Body::new(Truncated::Half(half)));
    response.headers_mut().insert(CONTENT_LENGTH, whole.into());
    response
}

/// A body that yields what it has, lets it be flushed, and then fails.
enum Truncated {
    Half(Bytes),
    Flush,
    Cut,
}

impl hyper::body::Body for Truncated {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match std::mem::replace(&mut *self, Truncated::Cut) {
            Truncated::Half(half) => {
                *self = Truncated::Flush;
                Poll::Ready(Some(Ok(Frame::data(half))))
            }
            Truncated::Flush => {
                // While the body is pending, hyper writes out what it has.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Truncated::Cut => Poll::Ready(Some(Err("cut on purpose".into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(answer: &Answer) -> &str {
        std::str::from_utf8(&answer.body).unwrap()
    }

    fn webhook() -> Answer {
        Answer::json(
            200,
            &json!({ "id": "i", "url": "https://h/", "verifyTls": true }),
        )
    }

    #[test]
    fn bodies_are_corrupted_as_named() {
        let cases = [
            (
                FaultKind::MissingId,
                r#"{"url":"https://h/","verifyTls":true}"#,
            ),
            (
                FaultKind::UnreadableButId,
                r#"{"id":"i","url":17,"verifyTls":"perhaps"}"#,
            ),
            (FaultKind::EmptyBody, ""),
        ];
        for (kind, expected) in cases {
            assert_eq!(text(&corrupt(&kind, webhook())), expected, "{kind:?}");
        }
        let malformed = corrupt(&FaultKind::MalformedJson, webhook());
        assert!(serde_json::from_slice::<Value>(&malformed.body).is_err());
        let large = corrupt(&FaultKind::Oversized(5000), webhook());
        assert_eq!(large.body.len(), 5000);
        let read: Value = serde_json::from_slice(&large.body).unwrap();
        assert_eq!(read["id"], "i");
    }

    #[test]
    fn each_item_of_a_list_is_corrupted() {
        let list = Answer::json(
            200,
            &json!([{ "id": "a", "url": "u" }, { "id": "b", "url": "u" }]),
        );
        assert_eq!(
            text(&corrupt(&FaultKind::MissingId, list)),
            r#"[{"url":"u"},{"url":"u"}]"#
        );
    }

    #[test]
    fn numbers_and_status() {
        let result = || Answer::json(200, &json!({ "httpStatusCode": 200, "status": "FAILED" }));
        let cases = [
            (
                FaultKind::FloatNumbers,
                r#"{"httpStatusCode":200.0,"status":"FAILED"}"#,
            ),
            (
                FaultKind::ExponentNumbers,
                r#"{"httpStatusCode":2e2,"status":"FAILED"}"#,
            ),
            (
                FaultKind::IntegerStatus,
                r#"{"httpStatusCode":200,"status":2}"#,
            ),
        ];
        for (kind, expected) in cases {
            assert_eq!(text(&corrupt(&kind, result())), expected, "{kind:?}");
        }
    }

    #[test]
    fn the_answer_to_a_delete_can_be_corrupted_too() {
        let corrupted = corrupt(&FaultKind::MalformedJson, Answer::no_content());
        assert_eq!(corrupted.status, 200);
        assert!(!corrupted.body.is_empty());
    }

    #[test]
    fn every_form_of_a_secret_is_echoed() {
        let text = echo(["a\"/é"]);
        for form in [
            "a\"/é",
            "a%22%2F%C3%A9",
            "a%22%2f%c3%a9",
            r#"a\"/é"#,
            r#"a\"/\u00e9"#,
        ] {
            assert!(text.contains(form), "{form} in {text}");
        }
    }
}
