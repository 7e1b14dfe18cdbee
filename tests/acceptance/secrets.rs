//! Looks for what must never be shown.

/// The forms of `secret` in which a program could show it: as it is, escaped in JSON, and
/// percent-encoded.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        percent,
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// Where `text` shows one of `secrets`: the line around the first, with the secret masked.
pub(crate) fn shown_in(text: &str, secrets: &[String]) -> Option<String> {
    for secret in secrets {
        for form in forms(secret) {
            if let Some(line) = text.lines().find(|line| line.contains(&form)) {
                return Some(line.replace(&form, "<the secret>"));
            }
        }
    }
    None
}

/// What a crash of the provider looks like on a user's screen or in a log.
pub(crate) fn backtrace_in(text: &str) -> Option<&str> {
    const SIGNS: [&str; 4] = [
        "panicked at",
        "RUST_BACKTRACE",
        "stack backtrace:",
        "provider plugin crashed",
    ];
    text.lines()
        .find(|line| SIGNS.iter().any(|sign| line.contains(sign)))
}
