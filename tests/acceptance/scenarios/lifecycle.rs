//! A webhook's life: created, changed in place, replaced, destroyed.

use std::collections::BTreeSet;

use immuta_simulator::Route;
use serde_json::json;
use terraform_cli::{KEY, Needs, OTHER_KEY, Workspace};

use super::TERRAFORM_DATA;

scenarios! {
    Needs::ANY => [
        create,
        create_with_everything,
        a_second_plan_has_nothing_to_do,
        update_of_url,
        update_of_verify_tls,
        update_of_signing_key,
        a_key_can_be_added_in_place,
        removing_the_key_replaces,
        replace_with_create_before_destroy,
        destroy,
        twenty_five_webhooks_in_a_module,
        a_saved_plan_is_applied,
    ],
    TERRAFORM_DATA => [a_url_that_is_not_known_yet],
}

const URL: &str = "https://hooks.example.com/immuta";

fn create(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "create");
    assert_eq!(plan.after("immuta_webhook.a")["url"], URL);
    assert_eq!(
        plan.after("immuta_webhook.a")["verify_tls"],
        true,
        "the default is known in the plan"
    );
    assert!(plan.unknown("immuta_webhook.a").contains(&"id".to_owned()));
    assert_eq!(w.api.webhooks().len(), 0, "a plan creates nothing");

    w.apply();
    let held = w.only();
    assert_eq!(
        (
            held.url.as_str(),
            held.verify_tls,
            held.signing_key.is_some()
        ),
        (URL, true, false)
    );
    let values = w.values("immuta_webhook.a");
    assert_eq!(values["id"], held.id.as_str());
    assert_eq!(values["url"], URL);
    assert_eq!(values["verify_tls"], true);
    assert_eq!(values["signing_key"], json!(null));
    assert_eq!(values["signing_key_set"], false);
    assert_eq!(values["suppressed"], false);
    assert_eq!(w.requests(Route::Create), 1);
}

fn create_with_everything(w: &Workspace) {
    w.key(KEY);
    w.webhook(&format!(
        "url = \"{URL}?a=1\"\nverify_tls = false\nsigning_key = var.signing_key"
    ));
    w.apply();
    let held = w.only();
    assert_eq!(held.url, format!("{URL}?a=1"));
    assert!(!held.verify_tls);
    assert_eq!(held.signing_key.as_deref(), Some(KEY));
    let values = w.values("immuta_webhook.a");
    assert_eq!(values["signing_key"], KEY);
    assert_eq!(values["signing_key_set"], true);
    w.no_changes();
}

fn a_second_plan_has_nothing_to_do(w: &Workspace) {
    w.key(KEY);
    for arguments in [
        "",
        "verify_tls = true",
        "verify_tls = false",
        "signing_key = var.signing_key",
        "signing_key = null",
    ] {
        w.webhook(&format!("url = \"{URL}\"\n{arguments}"));
        w.apply();
        w.no_changes();
        let applied = w.apply();
        assert!(
            applied.text.contains("0 added, 0 changed, 0 destroyed"),
            "{}",
            applied.text
        );
        w.destroy();
    }
}

/// Applies `from`, then `to`, which must be a change in place that leaves nothing unknown.
fn updates_in_place(w: &Workspace, from: &str, to: &str) {
    w.webhook(from);
    w.apply();
    let before = w.only();
    w.webhook(to);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    assert_eq!(
        plan.unknown("immuta_webhook.a"),
        Vec::<String>::new(),
        "{}",
        plan.text
    );
    assert!(!plan.text.contains("known after apply"), "{}", plan.text);
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(w.requests(Route::Create), 1, "nothing is created again");
    w.no_changes();
}

fn update_of_url(w: &Workspace) {
    w.key(KEY);
    let rest = "verify_tls = false\nsigning_key = var.signing_key";
    updates_in_place(
        w,
        &format!("url = \"{URL}\"\n{rest}"),
        &format!("url = \"{URL}/2\"\n{rest}"),
    );
    let held = w.only();
    assert_eq!(held.url, format!("{URL}/2"));
    assert!(
        !held.verify_tls,
        "a change of the url leaves verify_tls alone"
    );
    assert_eq!(
        held.signing_key.as_deref(),
        Some(KEY),
        "a change of the url leaves the key alone"
    );
}

fn update_of_verify_tls(w: &Workspace) {
    updates_in_place(
        w,
        &format!("url = \"{URL}\""),
        &format!("url = \"{URL}\"\nverify_tls = false"),
    );
    assert!(!w.only().verify_tls);
    w.webhook(&format!("url = \"{URL}\""));
    assert_eq!(
        w.plan().after("immuta_webhook.a")["verify_tls"],
        true,
        "left out is the default again"
    );
    w.apply();
    assert!(w.only().verify_tls);
}

fn update_of_signing_key(w: &Workspace) {
    let arguments = format!("url = \"{URL}\"\nsigning_key = var.signing_key");
    w.key(KEY);
    w.webhook(&arguments);
    w.apply();
    let before = w.only();
    w.key(OTHER_KEY);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    assert_eq!(plan.unknown("immuta_webhook.a"), Vec::<String>::new());
    w.apply();
    assert_eq!(w.only().id, before.id);
    assert_eq!(w.only().signing_key.as_deref(), Some(OTHER_KEY));
    w.no_changes();
}

fn a_key_can_be_added_in_place(w: &Workspace) {
    w.key(KEY);
    updates_in_place(
        w,
        &format!("url = \"{URL}\""),
        &format!("url = \"{URL}\"\nsigning_key = var.signing_key"),
    );
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    assert_eq!(w.values("immuta_webhook.a")["signing_key_set"], true);
}

fn removing_the_key_replaces(w: &Workspace) {
    w.key(KEY);
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
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
        json!([["signing_key"]])
    );
    assert!(plan.text.contains("forces replacement"), "{}", plan.text);
    assert!(plan.unknown("immuta_webhook.a").contains(&"id".to_owned()));
    w.apply();
    let after = w.only();
    assert_ne!(after.id, before.id);
    assert_eq!(after.signing_key, None);
    w.no_changes();
}

fn replace_with_create_before_destroy(w: &Workspace) {
    let lifecycle = "lifecycle {\n  create_before_destroy = true\n}";
    w.key(KEY);
    w.webhook(&format!(
        "url = \"{URL}\"\nsigning_key = var.signing_key\n{lifecycle}"
    ));
    w.apply();
    let before = w.only();
    w.webhook(&format!("url = \"{URL}\"\n{lifecycle}"));
    assert_eq!(w.plan().action("immuta_webhook.a"), "create delete");
    w.apply();
    let after = w.only();
    assert_ne!(after.id, before.id);
    assert_eq!(w.values("immuta_webhook.a")["id"], after.id.as_str());
    w.no_changes();
}

fn destroy(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.destroy();
    assert_eq!(w.api.webhooks().len(), 0);
    assert_eq!(w.requests(Route::Delete), 1);
    assert!(w.state().is_empty());
    w.destroy();
}

fn twenty_five_webhooks_in_a_module(w: &Workspace) {
    w.write(
        "receivers/main.tf",
        r#"
terraform {
  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}

variable "names" {
  type = set(string)
}

resource "immuta_webhook" "each" {
  for_each = var.names
  url      = "https://${each.key}.example.com/immuta"
}
"#,
    );
    w.config(
        r#"
module "receivers" {
  source = "./receivers"
  names  = [for n in range(25) : format("team-%02d", n)]
}
"#,
    );
    w.ok(&["get", "-no-color"]);
    w.apply();
    let urls: BTreeSet<String> = w.api.webhooks().into_iter().map(|held| held.url).collect();
    assert_eq!(urls.len(), 25);
    let state = w.state();
    assert_eq!(state.len(), 25);
    assert!(state.contains_key(r#"module.receivers.immuta_webhook.each["team-07"]"#));

    let lists = w.requests(Route::List);
    let reads = w.requests(Route::Get);
    w.ok(&["plan", "-no-color", "-detailed-exitcode"]);
    assert_eq!(
        w.requests(Route::List) - lists,
        1,
        "a refresh of 25 costs one list"
    );
    assert_eq!(
        w.requests(Route::Get) - reads,
        0,
        "a refresh of 25 reads none by itself"
    );
    w.destroy();
    assert_eq!(w.api.webhooks().len(), 0);
}

fn a_saved_plan_is_applied(w: &Workspace) {
    w.key(KEY);
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
    w.plan();
    w.ok(&["apply", "-no-color", "-input=false", "tfplan"]);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
}

fn a_url_that_is_not_known_yet(w: &Workspace) {
    w.config(
        r#"
resource "terraform_data" "host" {
  input = "late.example.com"
}

resource "immuta_webhook" "a" {
  url = "https://${terraform_data.host.output}/immuta"
}
"#,
    );
    let plan = w.plan();
    assert!(
        plan.unknown("immuta_webhook.a").contains(&"url".to_owned()),
        "{}",
        plan.text
    );
    w.apply();
    assert_eq!(w.only().url, "https://late.example.com/immuta");
    w.no_changes();
}
