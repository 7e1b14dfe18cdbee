//! Looks for what must never be shown, and for what must never rest anywhere.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

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
pub fn shown_in(text: &str, secrets: &[String]) -> Option<String> {
    for secret in secrets {
        for form in forms(secret) {
            if let Some(line) = text.lines().find(|line| line.contains(&form)) {
                return Some(line.replace(&form, "<the secret>"));
            }
        }
    }
    None
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
    use super::*;

    /// How the provider, Rust and the CLIs put it.
    #[test]
    fn every_form_of_a_crash_is_seen() {
        for crash in [
            r#"{"@level":"error","@message":"a handler panicked","@module":"provider.tfplugin.containment","rpc":"ReadResource","place":"src/a.rs:1:2"}"#,
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
        let source = include_str!("../../../src/tfplugin/containment.rs");
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
