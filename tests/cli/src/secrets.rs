//! Looks for what must never be shown, and for what must never rest anywhere.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// The forms in which a secret can be shown: as it is, escaped in JSON (once, in ASCII, in a string
/// in a string), percent-encoded (with capitals or without, also of the harmless characters), with
/// a space as a plus, and in base64.
fn forms(secret: &str) -> Vec<String> {
    let escape = |text: &str| {
        let json = Value::from(text).to_string();
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
        BASE64_STANDARD.encode(secret),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// The line of `text` that shows one of `secrets` in any form, with the secrets masked.
pub fn shown_in<S: AsRef<str>>(text: &str, secrets: &[S]) -> Option<String> {
    const MASK: &str = "<the secret>";
    let forms: Vec<String> = secrets
        .iter()
        .flat_map(|secret| forms(secret.as_ref()))
        .collect();
    if !forms.iter().any(|form| text.contains(form.as_str())) {
        return None;
    }
    let masked = forms.iter().fold(text.to_owned(), |text, form| {
        text.replace(form.as_str(), MASK)
    });
    let line = masked.lines().find(|line| line.contains(MASK));
    line.map(str::to_owned)
}

/// What a crash of the provider looks like on a user's screen or in a log. Not the bare word `panic`:
/// Terraform 1.0 has it in the name of a variable, `TF_PANICWRAP_STDERR`.
pub fn backtrace_in(text: &str) -> Option<&str> {
    const SIGNS: [&str; 6] = [
        // What the provider logs: a panic that an RPC or the runtime contains.
        "handler panicked",
        "task panicked",
        // What its diagnostics say of such a panic, and Rust's own message.
        "panicked at",
        // What it writes when it ends of one, and what CLIs make of that.
        "panic: at",
        "plugin crashed",
        "stack backtrace:",
    ];
    text.lines()
        .find(|line| SIGNS.iter().any(|sign| line.contains(sign)))
}

/// Everything that lies in `folder` but the configuration itself, each file as text with a name for
/// it: states with the providers' private data decoded, saved plans unpacked, logs of crashes.
pub fn at_rest(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".tf") || name.ends_with(".hcl") {
            continue;
        }
        if let Ok(bytes) = fs::read(entry.path()) {
            unfold(&name, bytes, &mut found);
        }
    }
    found
}

/// One file, and what is packed into it.
fn unfold(name: &str, bytes: Vec<u8>, found: &mut Vec<(String, String)>) {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if let Ok(state) = serde_json::from_str::<Value>(&text) {
        let private = private_data(&state).into_iter();
        found.extend(private.map(|text| (format!("{name}, private data"), text)));
    }
    found.push((name.to_owned(), text));
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return;
    };
    for n in 0..archive.len() {
        let mut packed = archive
            .by_index(n)
            .expect("a plan's archive holds what it lists");
        let member = packed
            .name()
            .expect("a plan's archive names what it holds")
            .into_owned();
        let mut bytes = Vec::new();
        packed
            .read_to_end(&mut bytes)
            .expect("a plan's archive can be unpacked");
        drop(packed);
        unfold(&format!("{name}, {member}"), bytes, found);
    }
}

/// What providers keep beside the attributes, in base64, in the instances of a state.
fn private_data(state: &Value) -> Vec<String> {
    let resources = state["resources"].as_array().into_iter().flatten();
    let instances =
        resources.flat_map(|resource| resource["instances"].as_array().into_iter().flatten());
    let private = instances.filter_map(|instance| instance["private"].as_str());
    let decoded = private.filter_map(|text| BASE64_STANDARD.decode(text).ok());
    decoded
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpStream;

    use immuta_simulator::{BASE_PATH, Fault, FaultKind, Route, Simulator};
    use serde_json::json;

    use super::*;

    /// Escaping changes each, and each in another way.
    const TOKEN: &str = "imm-t0k\"en%/secret";
    const KEY: &str = "k3y \"of%the/first+k\u{ef}nd\\";
    const URL: &str = "https://hooks.example.com/a?code=c0de-in-a-query~";

    /// What the simulator of the API answers when it quotes what it was sent.
    fn quoted_by_the_api() -> String {
        let api = Simulator::builder()
            .token(TOKEN)
            .start()
            .expect("it starts");
        api.fault(Fault::always(Route::Create, FaultKind::EchoSecrets(400)));
        let body = json!({ "url": URL, "signingKey": KEY }).to_string();
        let request = format!(
            "POST {BASE_PATH}/api/notification/webhook HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", api.port())).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        body["message"].as_str().expect("a message").to_owned()
    }

    #[test]
    fn whatever_the_simulated_api_quotes_is_found() {
        let message = quoted_by_the_api();
        let mut quotes = message.split(" [").skip(1);
        for secret in [TOKEN, KEY, URL] {
            // As it is, percent-encoded in capitals and without, as JSON, and as JSON in ASCII.
            for quote in quotes.by_ref().take(5) {
                let shown = shown_in(&format!("before\nat {quote}\nafter"), &[secret]);
                let line = shown.unwrap_or_else(|| panic!("{quote} is not found"));
                assert!(
                    line.starts_with("at ") && line.contains("<the secret>"),
                    "{line}"
                );
                assert!(!line.contains(secret), "{line}");
                assert_eq!(shown_in(quote, &["an0ther"]), None);
            }
        }
        assert_eq!(quotes.next(), None);
        assert_eq!(message.matches(" [").count(), 15);
    }

    #[test]
    fn a_secret_of_several_lines_is_found() {
        let shown = shown_in("a\nfirst\nsecond b\nc", &["first\nsecond"]);
        assert_eq!(shown.as_deref(), Some("<the secret> b"));
        assert_eq!(shown_in("first\nthird", &["first\nsecond"]), None);
    }

    /// How the provider, Rust and the CLIs put it.
    #[test]
    fn every_form_of_a_crash_is_seen() {
        for crash in [
            r#"{"@level":"error","@message":"a handler panicked","@module":"provider.tfplugin.panic","rpc":"ReadResource","place":"src/a.rs:1:2"}"#,
            "2026-01-02T03:04:05.678Z [ERROR] provider.terraform-provider-immuta: a task panicked: place=src/a.rs:1:2",
            "│ This is a bug in the provider: ReadResource panicked at src/a.rs:1:2.",
            "thread 'main' panicked at src/a.rs:1:2:",
            "panic: at src/a.rs:1:2",
            "Error: The terraform-provider-immuta plugin crashed!",
            "stack backtrace:",
        ] {
            assert_eq!(
                backtrace_in(&format!("before\n{crash}\nafter")),
                Some(crash)
            );
        }
    }

    #[test]
    fn the_provider_writes_what_is_looked_for() {
        let source = include_str!("../../../src/tfplugin/panic.rs");
        for text in [
            "\"a handler panicked\"",
            "\"a task panicked\"",
            "\"panic: at {place}\"",
            "\"{rpc} panicked at {place}.\"",
        ] {
            assert!(source.contains(text), "{text} is not what it writes");
        }
    }

    #[test]
    fn an_ordinary_log_is_no_crash() {
        let log =
            "[TRACE] TF_PANICWRAP_STDERR=/tmp/x RUST_BACKTRACE=1\n[ERROR] plugin process exited";
        assert_eq!(backtrace_in(log), None);
    }
}
