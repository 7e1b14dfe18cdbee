//! A webhook's whole life with keys that must be found nowhere. After every command of a workspace the
//! output, the log at TRACE, the state and its backup with the private data decoded, and the saved
//! plan unpacked are searched for them; the plan's JSON is part of the output.

use std::fs;

use immuta_simulator::{Fault, FaultKind, Route};
use terraform_cli::{EPHEMERAL_VARIABLE, KEY_VARIABLE, Workspace, secrets};

use super::WRITE_ONLY;
use super::killed::kill;

scenarios! {
    WRITE_ONLY => [a_whole_life_leaves_no_key_anywhere],
}

const URL: &str = "https://hooks.example.com/immuta?code=c0de-in-a-query";
/// One for each time that a key is sent. Escaping changes them all.
const KEYS: [&str; 5] = [
    "wr1te-\"only%1",
    "wr1te-\"only%2",
    "wr1te-\"only%3",
    "wr1te-\"only%4",
    "wr1te-\"only%5",
];
/// What is kept in state, while it is: by design.
const KEPT: &str = "k3pt-\"in%state";

const APPLY: [&str; 4] = ["apply", "-no-color", "-input=false", "-auto-approve"];

fn write_only(w: &Workspace, version: usize) {
    let key = KEYS
        .get(version - 1)
        .expect("there is a key for each version");
    w.ephemeral_key(key);
    w.config(&format!(
        r#"{EPHEMERAL_VARIABLE}
resource "immuta_webhook" "a" {{
  url                    = "{URL}"
  signing_key_wo         = var.key
  signing_key_wo_version = {version}
}}
"#
    ));
}

fn a_whole_life_leaves_no_key_anywhere(w: &Workspace) {
    // Create, and rotate.
    write_only(w, 1);
    w.plan();
    w.ok(&["apply", "-no-color", "-input=false", "tfplan"]);
    assert!(w.only().signing_key.as_deref() == Some(KEYS[0]));
    let id = w.only().id;
    write_only(w, 2);
    w.plan();
    w.apply();
    assert!(w.only().signing_key.as_deref() == Some(KEYS[1]));

    // To the key that is kept, and back.
    w.key(KEPT);
    w.config(&format!(
        "{KEY_VARIABLE}\nresource \"immuta_webhook\" \"a\" {{\n  url = \"{URL}\"\n  signing_key = var.signing_key\n}}\n"
    ));
    w.plan();
    w.apply();
    assert!(w.only().signing_key.as_deref() == Some(KEPT));
    write_only(w, 3);
    w.plan();
    w.apply();
    w.no_changes();
    assert!(w.only().signing_key.as_deref() == Some(KEYS[2]));
    assert_eq!(w.only().id, id, "moved without a replacement");
    // The backup is the state before; the next write takes it away too.
    let state = fs::read_to_string(w.folder().join("terraform.tfstate")).expect("a state");
    let kept = [KEPT.to_owned()];
    assert_eq!(secrets::shown_in(&state, &kept), None);

    // Failure: an API that quotes what it was sent, in every escape, and a provider that dies.
    write_only(w, 4);
    let quoting = Fault::always(Route::Update, FaultKind::EchoSecrets(400));
    let quoting = w.api.fault(quoting);
    let text = w.apply_fails();
    assert!(text.contains("Unable to update webhook"), "{text}");
    w.api.clear_fault(quoting);
    let unanswered = w
        .api
        .fault(Fault::once(Route::Update, FaultKind::HangAfter));
    let running = w.start(&APPLY);
    assert!(w.api.wait_for(|api| api.struck(unanswered) == 1));
    kill(w.last_provider().expect("the log names the provider"));
    let outcome = w.finish(running, false);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    w.apply();
    w.no_changes();
    assert!(w.only().signing_key.as_deref() == Some(KEYS[3]));

    // Import, and a key for what was imported.
    w.ok(&["state", "rm", "immuta_webhook.a"]);
    write_only(w, 5);
    w.ok(&[
        "import",
        "-no-color",
        "-input=false",
        "immuta_webhook.a",
        &id,
    ]);
    w.plan();
    w.apply();
    w.no_changes();
    assert!(w.only().signing_key.as_deref() == Some(KEYS[4]));
    w.destroy();
    assert_eq!(w.api.count(), 0);
}
