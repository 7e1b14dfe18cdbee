//! What nobody could know for certain: a key whose update was not confirmed, a webhook whose create was lost, a value that
//! turned out other than it was planned.

use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Reply, Route, StoredWebhook};
use rustix::process::Signal;
use serde_json::json;
use terraform_cli::{KEY, Needs, OTHER_KEY, Workspace, unwrapped};

use super::{TERRAFORM_DATA, WRITE_ONLY, killed::kill};

scenarios! {
    Needs::ANY => [
        a_key_in_doubt_is_sent_again,
        a_first_key_in_doubt_is_replaced_where_none_is_configured,
        a_key_that_the_response_lacks_is_sent_again,
        a_create_whose_response_was_lost_is_completed,
        a_killed_replacement_is_named_by_the_next_plan,
        a_normalized_url_after_an_import,
        sigterm_lets_what_was_sent_be_saved,
        a_wrong_token_is_told_of_by_the_first_plan,
        messages_show_no_path_of_a_url,
        a_plan_that_did_not_refresh_does_not_remove_a_key,
    ],
    TERRAFORM_DATA => [a_key_that_turns_out_null],
    WRITE_ONLY => [
        a_write_only_key_in_doubt_is_sent_again,
        a_write_only_key_that_turns_out_null,
        a_write_only_key_is_needed_only_where_it_is_sent,
    ],
}

const URL: &str = "https://hooks.example.com/immuta";
const APPLY: [&str; 4] = ["apply", "-no-color", "-input=false", "-auto-approve"];

/// Every update is applied and answered with an error.
fn updates_stay_in_doubt(w: &Workspace) {
    let unavailable = FaultKind::StatusAfter(Reply::error(503));
    w.api.fault(Fault::always(Route::Update, unavailable));
}

fn with_key(w: &Workspace, key: &str) {
    w.key(key);
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
}

/// The key A is replaced by B, which is applied and not confirmed; then A is configured again.
fn a_key_in_doubt_is_sent_again(w: &Workspace) {
    with_key(w, KEY);
    w.apply();
    let before = w.only();
    updates_stay_in_doubt(w);
    with_key(w, OTHER_KEY);
    let text = w.apply_fails();
    assert!(text.contains("Webhook may have been updated"), "{text}");
    assert_eq!(w.only().signing_key.as_deref(), Some(OTHER_KEY));
    w.mend();
    with_key(w, KEY);
    // A refresh does not forget it, and a plan without one sees it too.
    w.ok(&[
        "apply",
        "-refresh-only",
        "-auto-approve",
        "-no-color",
        "-input=false",
    ]);
    let plan = w.plan_with(&["-refresh=false"]);
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    let text = unwrapped(&plan.text);
    assert!(text.contains("Signing key not confirmed"), "{text}");
    w.apply();
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    assert_eq!(w.only().id, before.id);
    w.no_changes();
}

fn a_first_key_in_doubt_is_replaced_where_none_is_configured(w: &Workspace) {
    let without_key = format!("url = \"{URL}\"");
    w.webhook(&without_key);
    w.apply();
    let before = w.only();
    updates_stay_in_doubt(w);
    with_key(w, KEY);
    w.apply_fails();
    w.mend();
    w.webhook(&without_key);
    let plan = w.plan();
    assert!(plan.text.contains("must be replaced"), "{}", plan.text);
    w.ok(&["apply", "-no-color", "-input=false", "tfplan"]);
    assert_eq!(w.only().signing_key, None);
    assert_ne!(w.only().id, before.id);
    w.no_changes();
}

fn a_key_that_the_response_lacks_is_sent_again(w: &Workspace) {
    with_key(w, KEY);
    w.apply();
    w.api
        .behave(|behaviour| behaviour.drop_key_on_update = true);
    with_key(w, OTHER_KEY);
    let text = w.apply_fails();
    assert!(
        text.contains("Immuta did not apply the requested values"),
        "{text}"
    );
    w.api
        .behave(|behaviour| behaviour.drop_key_on_update = false);
    w.apply();
    assert_eq!(w.only().signing_key.as_deref(), Some(OTHER_KEY));
    w.no_changes();
}

fn a_write_only_key_in_doubt_is_sent_again(w: &Workspace) {
    let version = |key: &str, version: u32| {
        w.ephemeral_key(key);
        w.webhook(&format!(
            "url = \"{URL}\"\nsigning_key_wo = var.key\nsigning_key_wo_version = {version}"
        ));
    };
    version(KEY, 1);
    w.apply();
    updates_stay_in_doubt(w);
    version(OTHER_KEY, 2);
    w.apply_fails();
    w.mend();
    version(KEY, 1);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    w.apply();
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    w.no_changes();
}

fn a_create_whose_response_was_lost_is_completed(w: &Workspace) {
    for kind in [
        FaultKind::ResetAfter,
        FaultKind::StatusAfter(Reply::error(502)),
        FaultKind::UnreadableButId,
        FaultKind::TruncatedBody,
    ] {
        with_key(w, KEY);
        w.api.fault(Fault::once(Route::Create, kind.clone()));
        let applied = w.apply();
        let text = unwrapped(&applied.text);
        assert!(
            text.contains("but the response was lost"),
            "{kind:?}: {text}"
        );
        assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
        w.no_changes();
        w.destroy();
    }
}

/// Of another run's webhook, which is not what this one requested, nothing is taken.
fn a_killed_replacement_is_named_by_the_next_plan(w: &Workspace) {
    let lifecycle = "lifecycle {\n  create_before_destroy = true\n}";
    w.key(KEY);
    w.webhook(&format!(
        "url = \"{URL}\"\nsigning_key = var.signing_key\n{lifecycle}"
    ));
    w.apply();
    let first = w.only().id;
    w.webhook(&format!("url = \"{URL}\"\n{lifecycle}"));
    let lost = w
        .api
        .fault(Fault::once(Route::Create, FaultKind::HangAfter));
    let running = w.start(&APPLY);
    assert!(w.api.wait_for(|api| api.struck(lost) == 1));
    kill(running.pid());
    kill(w.last_provider().expect("the log names the provider"));
    w.finish(running, false);
    let orphan = w.api.webhooks().into_iter().find(|held| held.id != first);
    let orphan = orphan.expect("the replacement was created").id;
    let _ = std::fs::remove_file(w.folder().join(".terraform.tfstate.lock.info"));
    let plan = w.plan();
    let text = unwrapped(&plan.text);
    assert!(text.contains("must be replaced"), "{text}");
    assert!(
        text.contains(&format!("Webhook {orphan} already has this url")),
        "{text}"
    );
}

/// The API returns a slash at the end of the path, and so does the import.
fn a_normalized_url_after_an_import(w: &Workspace) {
    let id = w.api.insert(StoredWebhook::new(format!("{URL}/")));
    w.api.behave(|behaviour| behaviour.normalize_url = true);
    w.webhook(&format!("url = \"{URL}\""));
    w.ok(&[
        "import",
        "-no-color",
        "-input=false",
        "immuta_webhook.a",
        &id,
    ]);
    let applied = w.apply();
    let text = unwrapped(&applied.text);
    assert!(text.contains("Immuta normalized the url"), "{text}");
    w.no_changes();
}

/// As `timeout`, systemd and CI runners end a command.
fn sigterm_lets_what_was_sent_be_saved(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    let slow = FaultKind::AnsweredLate(Duration::from_secs(2));
    let slow = w.api.fault(Fault::once(Route::Create, slow));
    let mut running = w.start(&APPLY);
    assert!(w.api.wait_for(|api| api.struck(slow) == 1));
    running.signal_group(Signal::TERM);
    let outcome = w.finish(running, false);
    let state = w.state();
    let saved = state.get("immuta_webhook.a");
    let id = saved.map(|saved| saved["values"]["id"].clone());
    assert_eq!(id, Some(json!(w.only().id)), "{}", outcome.text);
    w.mend();
    w.no_changes();
}

fn a_wrong_token_is_told_of_by_the_first_plan(w: &Workspace) {
    w.config(&format!(
        "resource \"immuta_webhook\" \"many\" {{\n  for_each = toset([\"a\", \"b\", \"c\"])\n  url = \"{URL}/${{each.key}}\"\n}}\n"
    ));
    w.set("IMMUTA_TOKEN", "a-token-of-another-segment");
    let plan = w.plan();
    let text = unwrapped(&plan.text);
    let summary = "Unable to check for existing webhooks";
    assert_eq!(text.matches(summary).count(), 1, "{text}");
    assert!(text.contains("401 Unauthorized"), "{text}");
}

fn messages_show_no_path_of_a_url(w: &Workspace) {
    const SECRET: &str = "T0/B0/s3cr3t-of-a-receiver";
    // It is in plan and state by design, and nowhere else.
    let url = format!("https://hooks.example.com/services/{SECRET}");
    w.webhook(&format!("url = \"{url}\""));
    w.api.insert(StoredWebhook::new(&url));
    for fault in [
        FaultKind::Status(Reply::message(400, &format!("{url} is not accepted"))),
        FaultKind::ResetBefore,
        FaultKind::Status(Reply::error(503)),
    ] {
        let fault = w.api.fault(Fault::always(On::from(Route::Create), fault));
        let text = w.apply_fails();
        let messages = text.rsplit("Error:").next().unwrap_or_default();
        assert!(messages.contains("https://hooks.example.com/…"), "{text}");
        assert!(!messages.contains(SECRET), "{text}");
        w.api.clear_fault(fault);
    }
}

/// The key depends on an id that is known only after the apply.
fn a_key_that_turns_out_null(w: &Workspace) {
    turns_out_null(w, |key| format!("signing_key = {key}"));
}

fn a_write_only_key_that_turns_out_null(w: &Workspace) {
    turns_out_null(w, |key| {
        format!("signing_key_wo = {key}\n  signing_key_wo_version = {key} == null ? null : 1")
    });
}

fn turns_out_null(w: &Workspace, key: fn(&str) -> String) {
    let config = |replaced: u32, value: &str| {
        w.config(&format!(
            "resource \"terraform_data\" \"key\" {{\n  triggers_replace = [{replaced}]\n}}\n\nresource \"immuta_webhook\" \"a\" {{\n  url = \"{URL}\"\n  {}\n}}\n",
            key(value)
        ));
    };
    let null = "(terraform_data.key.id == \"\" ? \"never\" : null)";
    // A create does without.
    config(1, null);
    w.apply();
    assert_eq!(w.only().signing_key, None);
    config(1, "\"first\"");
    w.apply();
    let before = w.only();
    assert_eq!(before.signing_key.as_deref(), Some("first"));
    config(2, null);
    let text = w.apply_fails();
    assert!(text.contains("Signing key is null"), "{text}");
    assert!(!text.contains("bug in the provider"), "{text}");
    assert_eq!(w.only(), before);
    w.apply();
    assert_eq!(w.only().signing_key, None);
    w.no_changes();
}

fn a_plan_that_did_not_refresh_does_not_remove_a_key(w: &Workspace) {
    with_key(w, KEY);
    w.apply();
    w.webhook(&format!("url = \"{URL}\""));
    let text = w.fails(&["plan", "-no-color", "-input=false", "-refresh=false"]);
    assert!(text.contains("Apply again, with a refresh"), "{text}");
    let plan = w.plan();
    assert!(plan.text.contains("must be replaced"), "{}", plan.text);
}

fn a_write_only_key_is_needed_only_where_it_is_sent(w: &Workspace) {
    let webhook = |url: &str, version: u32| {
        w.config(&format!(
            "variable \"key\" {{\n  type      = string\n  ephemeral = true\n  default   = null\n}}\n\nresource \"immuta_webhook\" \"a\" {{\n  url                    = \"{url}\"\n  signing_key_wo         = var.key\n  signing_key_wo_version = {version}\n}}\n"
        ));
    };
    webhook(URL, 1);
    let text = w.plan_fails();
    assert!(text.contains("Missing signing_key_wo"), "{text}");
    w.ephemeral_key(KEY);
    w.apply();
    w.unset("TF_VAR_key");
    w.no_changes();
    w.ok(&["plan", "-refresh-only", "-no-color", "-input=false"]);
    for (url, version) in [(URL.to_owned(), 2), (format!("{URL}/2"), 1)] {
        webhook(&url, version);
        let text = w.plan_fails();
        assert!(text.contains("Missing signing_key_wo"), "{text}");
    }
    webhook(URL, 1);
    w.destroy();
    assert_eq!(w.api.count(), 0);
}
