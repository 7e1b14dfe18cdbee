//! What only the newest CLIs can do: import by identity, queries, actions.

use immuta_simulator::{Receiver, StoredWebhook};
use terraform_cli::{Workspace, unwrapped};

use super::{IDENTITY, QUERY_AND_ACTIONS};

scenarios! {
    IDENTITY => [import_by_identity],
    QUERY_AND_ACTIONS => [
        a_query_finds_webhooks,
        a_query_generates_configuration,
        an_action_is_invoked,
        an_action_proves_every_new_webhook,
        an_action_whose_delivery_fails,
    ],
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
    w.config(&format!(
        r#"
resource "immuta_webhook" "a" {{
  url = "{}"

  lifecycle {{
    action_trigger {{
      events  = [after_create, after_update]
      actions = [action.immuta_webhook_test.prove]
    }}
  }}
}}

action "immuta_webhook_test" "prove" {{
  config {{
    url = "{}"
    {further}
  }}
}}
"#,
        receiver.url(),
        receiver.url(),
    ));
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
    assert!(
        text.contains("Warning:") && text.contains("Test delivery failed"),
        "{text}"
    );
}
