//! What the fuzz targets call, beside what is public anyway. Built by `cargo fuzz` only.

use secrecy::SecretString;

use super::redact::Redactor;
use super::transport::error_body::{self, ErrorBody};
use super::transport::response::Response;
use super::webhook_id::WebhookId;
use super::webhooks;

/// What an error says of a response with this status and body: the API's message without the secret, or what a
/// body that is not the API's is called.
pub fn error_text(status: u16, body: &[u8], secret: &str) -> String {
    let response = Response {
        status,
        body: body.to_vec().into(),
        ..Response::default()
    };
    let body = error_body::parse(&response);
    let _ = error_body::not_found_kind(status, &body);
    match body {
        ErrorBody::Message { text, .. } => redact(&text, secret, false),
        ErrorBody::Unrecognized(name) => name.to_owned(),
    }
}

/// A text as messages and the log show it; `truncated` says that it may end within the secret.
pub fn redact(text: &str, secret: &str, truncated: bool) -> String {
    let redactor = Redactor::new([SecretString::from(secret)]);
    match truncated {
        true => redactor.redact_truncated(text, usize::MAX),
        false => redactor.redact(text, usize::MAX),
    }
}

/// The id of a webhook in a response of which nothing else may be parsable.
pub fn recover_id(body: &[u8]) -> Option<WebhookId> {
    webhooks::partial_response::recover_id(body)
}
