//! Webhooks that were made by hand come under management.

use immuta_simulator::{Route, StoredWebhook};
use terraform_cli::{KEY, Needs, OTHER_KEY, Workspace};

use super::{BLOCKS, TERRAFORM_1_16};

scenarios! {
    Needs::ANY => [
        import_by_command,
        import_of_a_webhook_with_a_key,
        import_of_an_id_that_is_not_there,
        import_where_the_deployment_cannot_read,
    ],
    BLOCKS => [
        import_by_block,
        import_by_block_with_a_change,
        import_by_block_with_generated_configuration,
        import_by_block_where_the_deployment_cannot_read,
    ],
}

const URL: &str = "https://hooks.example.com/by-hand";
const NOBODY: &str = "00000000-1111-4222-8333-444444444444";

/// Puts a webhook into Immuta and gives its id.
fn made_outside(w: &Workspace, webhook: StoredWebhook) -> String {
    let id = webhook.id.clone();
    w.api.insert(webhook);
    id
}

fn import_block(w: &Workspace, id: &str) {
    w.write(
        "import.tf",
        &format!("import {{\n  to = immuta_webhook.a\n  id = \"{id}\"\n}}\n"),
    );
}

fn import_by_command(w: &Workspace) {
    let id = made_outside(w, StoredWebhook::new(URL).with_verify_tls(false));
    w.webhook(&format!("url = \"{URL}\"\nverify_tls = false"));
    w.ok(&["import", "-no-color", "immuta_webhook.a", &id]);
    let values = w.values("immuta_webhook.a");
    assert_eq!(values["id"], id.as_str());
    assert_eq!(values["url"], URL);
    assert_eq!(values["verify_tls"], false);
    assert_eq!(values["signing_key_set"], false);
    w.no_changes();
    w.destroy();
    assert_eq!(w.api.webhooks().len(), 0);
}

fn import_of_a_webhook_with_a_key(w: &Workspace) {
    w.guard(OTHER_KEY);
    let id = made_outside(w, StoredWebhook::new(URL).with_key(OTHER_KEY));
    w.webhook(&format!("url = \"{URL}\""));
    w.ok(&["import", "-no-color", "immuta_webhook.a", &id]);
    assert_eq!(w.values("immuta_webhook.a")["signing_key_set"], true);
    w.no_changes();
    assert_eq!(
        w.only().signing_key.as_deref(),
        Some(OTHER_KEY),
        "a key that is not managed stays"
    );

    // Only now does the configuration take the key over, in place.
    w.key(KEY);
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
    assert_eq!(w.plan().action("immuta_webhook.a"), "update");
    w.apply();
    assert_eq!(w.only().id, id);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
    w.no_changes();
}

fn import_of_an_id_that_is_not_there(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    for id in [NOBODY, "no-uuid"] {
        let text = w.fails(&["import", "-no-color", "immuta_webhook.a", id]);
        assert!(text.contains("Unable to import webhook"), "{text}");
        assert!(text.contains(id), "{text}");
        assert!(w.state().is_empty());
    }
}

fn import_where_the_deployment_cannot_read(w: &Workspace) {
    let id = made_outside(w, StoredWebhook::new(URL));
    w.webhook(&format!("url = \"{URL}\""));
    w.without(&[Route::List, Route::Get]);
    let text = w.fails(&["import", "-no-color", "immuta_webhook.a", &id]);
    assert!(text.contains(&id), "{text}");
    assert!(w.state().is_empty(), "nothing is imported");
}

fn import_by_block(w: &Workspace) {
    let id = made_outside(w, StoredWebhook::new(URL));
    w.webhook(&format!("url = \"{URL}\""));
    import_block(w, &id);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "no-op", "{}", plan.text);
    assert!(plan.text.contains("1 to import"), "{}", plan.text);
    w.apply();
    assert_eq!(w.values("immuta_webhook.a")["id"], id.as_str());
    w.no_changes();
}

fn import_by_block_with_a_change(w: &Workspace) {
    let id = made_outside(w, StoredWebhook::new(URL));
    w.webhook("url = \"https://hooks.example.com/managed\"");
    import_block(w, &id);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    w.apply();
    assert_eq!(w.only().id, id);
    assert_eq!(w.only().url, "https://hooks.example.com/managed");
    w.no_changes();
}

fn import_by_block_with_generated_configuration(w: &Workspace) {
    let plain = made_outside(w, StoredWebhook::new(URL));
    w.guard(OTHER_KEY);
    let special = made_outside(
        w,
        StoredWebhook::new("https://hooks.example.com/special?a=1&b=%20")
            .with_verify_tls(false)
            .with_key(OTHER_KEY),
    );
    let imports = |further: &str| {
        let block = |name: &str, id: &str| {
            format!("import {{\n  to = immuta_webhook.{name}\n  id = \"{id}\"\n{further}}}\n")
        };
        let blocks = [block("plain", &plain), block("special", &special)].concat();
        w.write("import.tf", &format!("provider \"immuta\" {{}}\n{blocks}"));
    };
    let generate = [
        "plan",
        "-no-color",
        "-generate-config-out=generated.tf",
        "-out=tfplan",
    ];
    imports("");
    let planned = w.run(&generate);
    if planned.code != 0 {
        // Terraform 1.16.0 to 1.16.2 look for another provider here, unless the block names this one.
        assert!(
            w.cli().too_old_for(TERRAFORM_1_16).is_none()
                && planned.text.contains("hashicorp/immuta"),
            "{}",
            planned.text
        );
        imports("  provider = immuta\n");
        w.ok(&generate);
    }
    let generated = std::fs::read_to_string(w.folder().join("generated.tf"))
        .expect("a configuration is generated");
    assert!(generated.contains(URL), "{generated}");
    for computed in ["signing_key_set", "suppressed", " id "] {
        assert!(
            !generated.contains(computed),
            "{computed} is not to be configured:\n{generated}"
        );
    }
    // The CLIs refuse `provider` in an import block once the resource is there.
    imports("");
    w.apply();
    assert_eq!(w.state().len(), 2);
    w.no_changes();
}

fn import_by_block_where_the_deployment_cannot_read(w: &Workspace) {
    let id = made_outside(w, StoredWebhook::new(URL));
    w.webhook(&format!("url = \"{URL}\""));
    import_block(w, &id);
    w.without(&[Route::List, Route::Get]);
    let text = w.plan_fails();
    assert!(text.contains(&id), "{text}");
    w.apply_fails();
    assert!(w.state().is_empty(), "nothing is imported");
}
