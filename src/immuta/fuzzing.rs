//! What the fuzz targets call, beside what is public anyway. Built by `cargo fuzz` only.

use secrecy::SecretString;

use super::body::{self, ErrorBody};
use super::http::Answer;
use super::scrub::Scrubber;

/// What an error says of an answer with this status and body: the API's message without the secret, or the name of a
/// foreign body.
pub fn error_text(status: u16, body: &[u8], secret: &str) -> String {
    let answer = Answer {
        status,
        body: body.to_vec().into(),
        ..Answer::default()
    };
    let body = body::read(&answer);
    let _ = body::missing(status, &body);
    match body {
        ErrorBody::Message { text, .. } => clean(&text, secret, false),
        ErrorBody::Foreign(name) => name.to_owned(),
    }
}

/// A text as messages and the log show it; `breaks_off` says that it may end within the secret.
pub fn clean(text: &str, secret: &str, breaks_off: bool) -> String {
    let scrubber = Scrubber::new([SecretString::from(secret)]);
    match breaks_off {
        true => scrubber.clean_broken_off(text, usize::MAX),
        false => scrubber.clean(text, usize::MAX),
    }
}
