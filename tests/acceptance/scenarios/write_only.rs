//! `signing_key_wo`: a key that is sent and never kept. That it rests nowhere is looked for after
//! every command, since it comes in by an ephemeral variable.

use immuta_simulator::Route;
use serde_json::json;
use terraform_cli::{KEY, Needs, OTHER_KEY, Workspace};

use super::WRITE_ONLY;

scenarios! {
    WRITE_ONLY => [
        a_write_only_key_is_sent_and_not_kept,
        a_write_only_key_is_rotated_by_its_version,
        a_version_may_have_many_digits,
        a_write_only_key_goes_with_every_update,
        drift_of_a_write_only_key,
        removing_a_write_only_key_replaces,
        a_key_moves_between_its_forms_in_place,
        a_write_only_key_survives_failures_unseen,
        bad_write_only_keys,
    ],
    Needs::ANY => [a_cli_that_would_store_a_write_only_key_is_refused],
}

const URL: &str = "https://hooks.example.com/immuta";

fn with_version(w: &Workspace, url: &str, version: u32) {
    w.webhook(&format!(
        "url = \"{url}\"\nsigning_key_wo = var.key\nsigning_key_wo_version = {version}"
    ));
}

/// Whether every change that was sent carried a key.
fn every_update_had_a_key(w: &Workspace) -> bool {
    let requests = w.api.requests();
    let mut updates = requests.iter().filter(|seen| seen.route == Route::Update);
    updates.all(|seen| {
        seen.json()
            .is_some_and(|body| body["signingKey"].is_string())
    })
}

/// Such as a hash makes: a float would be another number.
fn a_version_may_have_many_digits(w: &Workspace) {
    w.ephemeral_key(KEY);
    w.webhook(&format!(
        "url = \"{URL}\"\nsigning_key_wo = var.key\nsigning_key_wo_version = parseint(md5(\"1\"), 16)"
    ));
    w.apply();
    w.no_changes();
    w.apply();
    assert_eq!(w.requests(Route::Update), 0);
}

fn a_write_only_key_is_sent_and_not_kept(w: &Workspace) {
    w.ephemeral_key(KEY);
    with_version(w, URL, 1);
    let plan = w.plan();
    assert_eq!(
        plan.after("immuta_webhook.a")["signing_key_wo"],
        json!(null)
    );
    assert_eq!(plan.after("immuta_webhook.a")["signing_key_set"], true);
    w.ok(&["apply", "-no-color", "-input=false", "tfplan"]);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    let values = w.values("immuta_webhook.a");
    assert_eq!(values["signing_key_wo"], json!(null));
    assert_eq!(values["signing_key"], json!(null));
    assert_eq!(values["signing_key_wo_version"], 1);
    assert_eq!(values["signing_key_set"], true);
    w.no_changes();
    w.destroy();
}

fn a_write_only_key_is_rotated_by_its_version(w: &Workspace) {
    w.ephemeral_key(KEY);
    with_version(w, URL, 1);
    w.apply();
    let before = w.only();
    w.ephemeral_key(OTHER_KEY);
    w.no_changes();
    with_version(w, URL, 2);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    assert_eq!(plan.unknown("immuta_webhook.a"), Vec::<String>::new());
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(w.only().signing_key.as_deref(), Some(OTHER_KEY));
    w.no_changes();
}

fn a_write_only_key_goes_with_every_update(w: &Workspace) {
    w.ephemeral_key(KEY);
    with_version(w, URL, 1);
    w.apply();
    w.api
        .behave(|behaviour| behaviour.put = immuta_simulator::PutStyle::Full);
    with_version(w, &format!("{URL}/2"), 1);
    w.apply();
    assert!(every_update_had_a_key(w));
    assert_eq!(
        w.only().signing_key.as_deref(),
        Some(KEY),
        "a PUT that is full has not dropped the key"
    );
    w.no_changes();
}

fn drift_of_a_write_only_key(w: &Workspace) {
    w.ephemeral_key(KEY);
    with_version(w, URL, 1);
    w.apply();
    let before = w.only();
    w.api.edit(&before.id, |held| held.signing_key = None);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    assert!(
        plan.text.contains("signing_key_wo_version"),
        "{}",
        plan.text
    );
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    w.no_changes();
}

fn removing_a_write_only_key_replaces(w: &Workspace) {
    w.ephemeral_key(KEY);
    with_version(w, URL, 1);
    w.apply();
    let before = w.only();
    w.webhook(&format!("url = \"{URL}\""));
    let plan = w.plan();
    assert_eq!(
        plan.action("immuta_webhook.a"),
        "delete create",
        "{}",
        plan.text
    );
    assert_eq!(
        plan.replaces_for("immuta_webhook.a"),
        json!([["signing_key_wo_version"]])
    );
    w.apply();
    assert_ne!(w.only().id, before.id);
    assert_eq!(w.only().signing_key, None);
    w.no_changes();
}

fn a_key_moves_between_its_forms_in_place(w: &Workspace) {
    w.key("k3y-that-state-may-keep");
    w.ephemeral_key(KEY);
    let kept = format!("url = \"{URL}\"\nsigning_key = var.signing_key");
    w.webhook(&kept);
    w.apply();
    let before = w.only();

    with_version(w, URL, 1);
    assert_eq!(w.plan().action("immuta_webhook.a"), "update");
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    assert_eq!(w.values("immuta_webhook.a")["signing_key"], json!(null));
    w.no_changes();

    w.webhook(&kept);
    assert_eq!(w.plan().action("immuta_webhook.a"), "update");
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(
        w.only().signing_key.as_deref(),
        Some("k3y-that-state-may-keep")
    );
    assert!(every_update_had_a_key(w), "there is no time without a key");
    w.no_changes();
}

fn a_write_only_key_survives_failures_unseen(w: &Workspace) {
    w.ephemeral_key(KEY);
    w.refuses_writes(422, &format!("cannot take {KEY}"));
    with_version(w, URL, 1);
    w.apply_fails();
    w.mend();
    w.apply();
    w.refuses_writes(422, &format!("cannot take {KEY}"));
    with_version(w, URL, 2);
    w.apply_fails();
    assert_eq!(
        w.values("immuta_webhook.a")["signing_key_wo_version"],
        1,
        "what failed is tried again"
    );
    w.mend();
    w.apply();
    w.no_changes();
    let id = w.only().id;
    w.ok(&["state", "rm", "immuta_webhook.a"]);
    w.ok(&["import", "-no-color", "immuta_webhook.a", &id]);
    w.apply();
    w.no_changes();
    w.destroy();
}

fn bad_write_only_keys(w: &Workspace) {
    w.key(KEY);
    w.ephemeral_key(OTHER_KEY);
    let cases = [
        (
            "signing_key_wo",
            "signing_key = var.signing_key\nsigning_key_wo = var.key\nsigning_key_wo_version = 1",
        ),
        ("signing_key_wo_version", "signing_key_wo = var.key"),
        ("signing_key_wo", "signing_key_wo_version = 1"),
        (
            "signing_key_wo",
            "signing_key_wo = \"\"\nsigning_key_wo_version = 1",
        ),
    ];
    for (attribute, arguments) in cases {
        w.webhook(&format!("url = \"{URL}\"\n{arguments}"));
        let text = w.plan_fails();
        assert!(text.contains(attribute), "{arguments}: {text}");
    }
    assert_eq!(w.requests(Route::Create), 0);
}

/// Older CLIs take a write-only attribute for an ordinary one and would put its value into state.
fn a_cli_that_would_store_a_write_only_key_is_refused(w: &Workspace) {
    w.webhook(&format!(
        "url = \"{URL}\"\nsigning_key_wo = \"of a test\"\nsigning_key_wo_version = 1"
    ));
    if w.cli().too_old_for(WRITE_ONLY).is_none() {
        w.ok(&["validate", "-no-color"]);
        return;
    }
    let text = w.fails(&["validate", "-no-color"]);
    assert!(
        text.contains("signing_key_wo") && text.contains("1.11"),
        "{text}"
    );
    w.apply_fails();
    assert!(w.state().is_empty());
    assert_eq!(w.api.webhooks().len(), 0);
}
