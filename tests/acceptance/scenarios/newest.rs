//! What only the newest CLIs can do: import by identity, queries, actions.

use immuta_simulator::{Receiver, StoredWebhook};
use terraform_cli::{Kind, REQUIRED, Workspace, unwrapped};

use super::{IDENTITY, LIFECYCLE_DESTROY, QUERY_AND_ACTIONS, TERRAFORM_1_16};

scenarios! {
    IDENTITY => [import_by_identity],
    QUERY_AND_ACTIONS => [
        a_query_finds_webhooks,
        a_query_generates_configuration,
        an_action_is_invoked,
        an_action_proves_every_new_webhook,
        an_action_whose_delivery_fails,
    ],
    TERRAFORM_1_16 => [
        an_action_runs_before_and_after_a_destroy,
        an_action_tests_whichever_webhook_calls_it,
        what_a_failed_action_does_is_configured,
        import_by_a_block_in_a_module,
    ],
    LIFECYCLE_DESTROY => [a_webhook_is_left_alone_by_a_destroy, one_state_is_shown_as_json],
}

const URL: &str = "https://hooks.example.com/by-hand";

fn import_by_identity(w: &Workspace) {
    let id = w.api.insert(StoredWebhook::new(URL));
    w.webhook(&format!("url = \"{URL}\""));
    w.write(
        "import.tf",
        &format!(
            "import {{\n  to = immuta_webhook.a\n  identity = {{\n    id = \"{id}\"\n  }}\n}}\n"
        ),
    );
    assert_eq!(w.plan().action("immuta_webhook.a"), "no-op");
    w.apply();
    assert_eq!(w.values("immuta_webhook.a")["id"], id.as_str());
    w.no_changes();
}

/// Three webhooks of `a` and one of `b`, and a query for those of `a`.
fn query(w: &Workspace) {
    for n in 0..3 {
        w.api
            .insert(StoredWebhook::new(format!("https://a.example.com/{n}")).with_key("k"));
    }
    w.api.insert(StoredWebhook::new("https://b.example.com/"));
    w.config("provider \"immuta\" {}\n");
    w.write(
        "find.tfquery.hcl",
        "list \"immuta_webhook\" \"of_a\" {\n  provider = immuta\n\n  config {\n    url_prefix = \"https://a.example.com/\"\n  }\n}\n",
    );
}

fn a_query_finds_webhooks(w: &Workspace) {
    query(w);
    w.ok(&["validate", "-no-color", "-query"]);
    let text = w.ok(&["query", "-no-color"]).text;
    for held in w.api.webhooks() {
        assert_eq!(
            text.contains(&held.id),
            held.url.starts_with("https://a."),
            "{text}"
        );
    }
}

fn a_query_generates_configuration(w: &Workspace) {
    query(w);
    w.ok(&["query", "-no-color", "-generate-config-out=generated.tf"]);
    let generated = std::fs::read_to_string(w.folder().join("generated.tf"))
        .expect("a configuration is generated");
    for unwanted in ["verify_tls", "signing_key_set", "suppressed"] {
        assert!(!generated.contains(unwanted), "{generated}");
    }
    // The generated import blocks name the provider, which a plan refuses beside a resource block.
    let importing = generated
        .split("import {")
        .map(|part| part.replacen("  provider = immuta\n", "", 1));
    w.write(
        "generated.tf",
        &importing.collect::<Vec<_>>().join("import {"),
    );
    w.apply();
    assert_eq!(w.state().len(), 3);
    w.no_changes();
}

/// An action that tests what `receiver` has, and a webhook that triggers it.
fn actions(w: &Workspace, receiver: &Receiver, further: &str) {
    let arguments = format!("url = \"{}\"\n    {further}", receiver.url());
    triggered(
        w,
        receiver,
        "events = [after_create, after_update]",
        &arguments,
    );
}

fn an_action_is_invoked(w: &Workspace) {
    let receiver = Receiver::start_http();
    w.config(&format!(
        "action \"immuta_webhook_test\" \"prove\" {{\n  config {{\n    url = \"{}\"\n  }}\n}}\n",
        receiver.url()
    ));
    let applied = w.ok(&[
        "apply",
        "-no-color",
        "-auto-approve",
        "-invoke=action.immuta_webhook_test.prove",
    ]);
    assert!(applied.text.contains("1 invoked"), "{}", applied.text);
    assert_eq!(receiver.deliveries().len(), 1);
}

fn an_action_proves_every_new_webhook(w: &Workspace) {
    let receiver = Receiver::start_http();
    actions(w, &receiver, "");
    w.apply();
    assert_eq!(receiver.deliveries().len(), 1);
    w.no_changes();
    assert_eq!(receiver.deliveries().len(), 1, "a plan sends nothing");
}

fn an_action_whose_delivery_fails(w: &Workspace) {
    let receiver = Receiver::start_http();
    receiver.answer_with(500);
    actions(w, &receiver, "");
    let text = w.apply_fails();
    assert!(text.contains("Test delivery failed"), "{text}");
    assert_eq!(w.state().len(), 1, "the webhook that was created stays");
    w.destroy();

    actions(w, &receiver, "allow_failure = true");
    let applied = w.apply();
    let text = unwrapped(&applied.text);
    assert!(text.contains("Test delivery failed: "), "{text}");
    // Terraform 1.16.0 does not show the warnings of an action that completes.
    let shows_warnings = w.cli().too_old_for(TERRAFORM_1_16).is_some();
    assert!(!shows_warnings || text.contains("Warning:"), "{text}");
}

/// A webhook, and an action with these arguments that it triggers in this way.
fn triggered(w: &Workspace, receiver: &Receiver, trigger: &str, arguments: &str) {
    w.config(&format!(
        r#"
resource "immuta_webhook" "a" {{
  url = "{}"

  lifecycle {{
    action_trigger {{
      actions = [action.immuta_webhook_test.prove]
      {trigger}
    }}
  }}
}}

action "immuta_webhook_test" "prove" {{
  config {{
    {arguments}
  }}
}}
"#,
        receiver.url()
    ));
}

fn an_action_runs_before_and_after_a_destroy(w: &Workspace) {
    let receiver = Receiver::start_http();
    let url = format!("url = \"{}\"", receiver.url());
    triggered(
        w,
        &receiver,
        "events = [before_destroy, after_destroy]",
        &url,
    );
    w.apply();
    assert_eq!(receiver.deliveries().len(), 0);
    let text = w.destroy().text;
    assert_eq!(receiver.deliveries().len(), 2, "{text}");
    assert_eq!(w.api.webhooks().len(), 0);
}

fn an_action_tests_whichever_webhook_calls_it(w: &Workspace) {
    let receivers = [Receiver::start_http(), Receiver::start_http()];
    let [one, other] = [receivers[0].url(), receivers[1].url()];
    triggered(
        w,
        &receivers[0],
        "events = [after_create]",
        "webhook_id = caller.id",
    );
    let text = std::fs::read_to_string(w.folder().join("main.tf")).expect("it was written");
    w.config(&text.replace(
        &format!("url = \"{one}\""),
        &format!("for_each = toset([\"{one}\", \"{other}\"])\n  url      = each.key"),
    ));
    w.apply();
    for receiver in &receivers {
        assert_eq!(receiver.deliveries().len(), 1);
    }
    w.no_changes();
}

fn what_a_failed_action_does_is_configured(w: &Workspace) {
    let receiver = Receiver::start_http();
    receiver.answer_with(500);
    for (on_failure, next) in [
        ("halt", "no-op"),
        ("taint", "delete create"),
        ("continue", "no-op"),
    ] {
        let trigger = format!("events = [after_create]\n      on_failure = {on_failure}");
        triggered(w, &receiver, &trigger, "webhook_id = caller.id");
        match on_failure {
            "continue" => drop(w.apply()),
            _ => {
                let text = w.apply_fails();
                assert!(
                    text.contains("Test delivery failed"),
                    "{on_failure}: {text}"
                );
            }
        }
        assert_eq!(
            w.api.webhooks().len(),
            1,
            "{on_failure}: the webhook exists"
        );
        let planned = w.plan().action("immuta_webhook.a");
        assert_eq!(planned, next, "{on_failure}");
        w.destroy();
    }
}

fn import_by_a_block_in_a_module(w: &Workspace) {
    let id = w.api.insert(StoredWebhook::new(URL));
    w.config(&format!(
        "module \"hooks\" {{\n  source = \"./hooks\"\n  id     = \"{id}\"\n}}\n"
    ));
    w.write("hooks/versions.tf", REQUIRED);
    w.write(
        "hooks/main.tf",
        &format!(
            "variable \"id\" {{\n  type = string\n}}\n\nimport {{\n  to = immuta_webhook.a\n  id = var.id\n}}\n\nresource \"immuta_webhook\" \"a\" {{\n  url = \"{URL}\"\n}}\n"
        ),
    );
    w.ok(&["get", "-no-color"]);
    let address = "module.hooks.immuta_webhook.a";
    let plan = w.plan();
    assert!(plan.text.contains("1 to import"), "{}", plan.text);
    assert_eq!(plan.action(address), "no-op", "{}", plan.text);
    w.apply();
    assert_eq!(w.values(address)["id"], id.as_str());
    w.no_changes();
}

fn a_webhook_is_left_alone_by_a_destroy(w: &Workspace) {
    w.webhook(&format!(
        "url = \"{URL}\"\nlifecycle {{\n  destroy = false\n}}"
    ));
    w.apply();
    let mut destroy = vec!["destroy", "-no-color", "-auto-approve"];
    if w.cli().kind == Kind::OpenTofu {
        // Otherwise it ends with an error that names what is left.
        destroy.push("-suppress-forget-errors");
    }
    w.ok(&destroy);
    assert!(w.state().is_empty(), "it is forgotten");
    assert_eq!(w.only().url, URL, "and stays in Immuta");
}

fn one_state_is_shown_as_json(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    let shown = w.ok(&["state", "show", "-json", "immuta_webhook.a"]).stdout;
    // OpenTofu prints one value a line.
    let values = serde_json::Deserializer::from_str(&shown).into_iter::<serde_json::Value>();
    for value in values {
        assert!(value.expect("it is JSON").is_object(), "{shown}");
    }
    for part in [URL, w.only().id.as_str()] {
        assert!(shown.contains(part), "{shown}");
    }
}
