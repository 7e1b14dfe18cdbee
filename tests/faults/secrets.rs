//! Looks for secrets where none may be.

use std::sync::LazyLock;

use serde_json::Value as Json;
use tfplugin_host::Value;
use tfplugin_host::state::State;

use crate::rig::{KEY, OTHER_KEY, QUERY, TOKEN};

/// Every secret of the tests.
pub(crate) const ALL: [&str; 4] = [TOKEN, KEY, OTHER_KEY, QUERY];

/// The forms in which a secret can be shown: as it is, escaped in JSON (once, in ASCII, in a string
/// in a string), percent-encoded (with capitals or without, also of the harmless characters), with
/// a blank as a plus, and in base64.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    let escape = |text: &str| {
        let json = Json::from(text).to_string();
        json.trim_matches('"').to_owned()
    };
    let ascii: String = escape(secret)
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let percent = |keep: fn(u8) -> bool, capitals: bool| -> String {
        let bytes = secret.bytes();
        bytes
            .map(|byte| match (keep(byte), capitals) {
                (true, _) => char::from(byte).to_string(),
                (false, true) => format!("%{byte:02X}"),
                (false, false) => format!("%{byte:02x}"),
            })
            .collect()
    };
    let alphanumeric: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric();
    let unreserved: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut forms = vec![
        secret.to_owned(),
        escape(secret),
        escape(&escape(secret)),
        ascii,
        percent(alphanumeric, true),
        percent(alphanumeric, false),
        percent(unreserved, true),
        percent(unreserved, false),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        base64::prelude::BASE64_STANDARD.encode(secret),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// The line that shows one of the secrets, with the secret masked.
pub(crate) fn shown_in(text: &str, secrets: &[&str]) -> Option<String> {
    static FORMS: LazyLock<Vec<(&str, Vec<String>)>> =
        LazyLock::new(|| ALL.iter().map(|secret| (*secret, forms(secret))).collect());
    let forms: Vec<&String> = FORMS
        .iter()
        .filter(|(secret, _)| secrets.contains(secret))
        .flat_map(|(_, forms)| forms)
        .collect();
    let shown = forms.iter().find(|form| text.contains(form.as_str()))?;
    let line = text.lines().find(|line| line.contains(shown.as_str()))?;
    let masked = forms.iter().fold(line.to_owned(), |line, form| {
        line.replace(form.as_str(), "<SECRET>")
    });
    Some(masked)
}

pub(crate) fn assert_none(place: &str, text: &str) {
    if let Some(line) = shown_in(text, &ALL) {
        panic!("a secret in {place}: {line}");
    }
}

/// State keeps the url and, by design, `signing_key`; nothing else of it holds a secret. What is
/// kept beside the attributes never holds a key or the token; of a url that Immuta respelt it keeps
/// both spellings.
pub(crate) fn assert_none_at_rest(state: &State) {
    let bare = state
        .value
        .clone()
        .with("url", Value::Null)
        .with("signing_key", Value::Null);
    assert_none("state", &bare.to_state_json());
    assert_none("the identity", &state.identity.to_state_json());
    let private = String::from_utf8_lossy(&state.private);
    if let Some(line) = shown_in(&private, &[TOKEN, KEY, OTHER_KEY]) {
        panic!("a secret in the private data: {line}");
    }
}
