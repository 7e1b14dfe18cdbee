//! The reader of error bodies, and what cuts secrets out of them: nothing may panic, and no secret
//! may be left, as it is or in an escape.

#![no_main]

use libfuzzer_sys::fuzz_target;
use terraform_provider_immuta::immuta::fuzzing;

/// Characters of every kind that escapes change.
const SECRET: &str = "k\"/%é&+ z";
/// Its forms: percent-encoded, in JSON, in HTML.
const FORMS: [&str; 5] = [
    SECRET,
    "k%22%2F%25%C3%A9%26%2B%20z",
    r#"k\"/%é&+ z"#,
    r#"k\"\/%\u00e9&+ z"#,
    "k&quot;/%é&amp;+ z",
];

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = data.split_first() else {
        return;
    };
    let status = 400 + u16::from(*status);
    check(&fuzzing::error_text(status, body, SECRET));
    let text = String::from_utf8_lossy(body);
    check(&fuzzing::redact(&text, SECRET, false));
    check(&fuzzing::redact(&text, SECRET, true));
    // A form of the secret in the middle of anything.
    if let Some(form) = FORMS.get(usize::from(status) % FORMS.len()) {
        let middle = (0..=text.len() / 2)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or_default();
        let (before, after) = text.split_at(middle);
        let quoted = format!("{before}{form}{after}");
        check(&fuzzing::redact(&quoted, SECRET, false));
        let json = serde_json::json!({ "message": quoted, "error": "E", "statusCode": status });
        check(&fuzzing::error_text(
            status,
            json.to_string().as_bytes(),
            SECRET,
        ));
    }
});

fn check(shown: &str) {
    for form in FORMS {
        assert!(
            !shown.contains(form),
            "a secret is shown as {form}: {shown}"
        );
    }
    assert!(
        !shown.chars().any(|c| c.is_control()),
        "a control character is shown"
    );
}
