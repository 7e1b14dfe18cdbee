//! Where the provider gets its settings from.

use immuta_simulator::Simulator;
use terraform_cli::{Needs, Workspace};

use super::TERRAFORM_DATA;

scenarios! {
    Needs::ANY => [
        configured_by_the_environment_alone,
        the_configuration_beats_the_environment,
        validates_without_credentials,
        two_accounts_at_once,
        the_user_agent_names_both_versions,
        a_wrong_token,
    ],
    TERRAFORM_DATA => [settings_that_are_not_known_yet],
}

const WEBHOOK: &str =
    "resource \"immuta_webhook\" \"a\" {\n  url = \"https://hooks.example.com/immuta\"\n}\n";
const TOKEN_VARIABLE: &str = "variable \"token\" {\n  type      = string\n  sensitive = true\n}\n";

/// Takes the settings out of the environment and gives them to variables of the configuration.
fn by_variables(w: &Workspace) {
    w.set("TF_VAR_endpoint", &w.api.base_url());
    w.set("TF_VAR_token", &w.api.token());
    w.unset("IMMUTA_ENDPOINT");
    w.unset("IMMUTA_TOKEN");
}

fn configured_by_the_environment_alone(w: &Workspace) {
    w.set("IMMUTA_REQUEST_TIMEOUT", "20s");
    w.config(WEBHOOK);
    w.apply();
    assert_eq!(w.api.webhooks().len(), 1);
    w.config(&format!("provider \"immuta\" {{}}\n{WEBHOOK}"));
    w.ok(&["plan", "-no-color", "-detailed-exitcode"]);
}

fn the_configuration_beats_the_environment(w: &Workspace) {
    by_variables(w);
    w.set("IMMUTA_SEGMENT", "eu");
    w.set("IMMUTA_TOKEN", "env-t0ken-that-is-wrong");
    w.guard("env-t0ken-that-is-wrong");
    w.config(&format!(
        "{TOKEN_VARIABLE}variable \"endpoint\" {{}}\nprovider \"immuta\" {{\n  endpoint = var.endpoint\n  token    = var.token\n}}\n{WEBHOOK}"
    ));
    w.apply();
    assert_eq!(w.api.webhooks().len(), 1);
}

fn validates_without_credentials(w: &Workspace) {
    w.unset("IMMUTA_ENDPOINT");
    w.unset("IMMUTA_TOKEN");
    w.config(&format!("provider \"immuta\" {{}}\n{WEBHOOK}"));
    w.ok(&["validate", "-no-color"]);
    let text = w.plan_fails();
    for word in [
        "IMMUTA_TOKEN",
        "IMMUTA_ENDPOINT",
        "IMMUTA_SEGMENT",
        "provider \"immuta\"",
    ] {
        assert!(text.contains(word), "{word} is not in: {text}");
    }
    w.set("IMMUTA_ENDPOINT", &w.api.base_url());
    let text = w.plan_fails();
    assert!(text.contains("IMMUTA_TOKEN"), "{text}");
}

fn two_accounts_at_once(w: &Workspace) {
    let other = Simulator::start();
    w.guard(&other.token());
    w.set("TF_VAR_token", &other.token());
    w.config(&format!(
        "{TOKEN_VARIABLE}\nprovider \"immuta\" {{}}\nprovider \"immuta\" {{\n  alias    = \"other\"\n  endpoint = \"{}\"\n  token    = var.token\n}}\n{WEBHOOK}\nresource \"immuta_webhook\" \"b\" {{\n  provider = immuta.other\n  url      = \"https://hooks.example.com/other\"\n}}\n",
        other.base_url(),
    ));
    w.apply();
    assert_eq!(w.only().url, "https://hooks.example.com/immuta");
    let held = other.webhooks();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].url, "https://hooks.example.com/other");
    w.ok(&["plan", "-no-color", "-detailed-exitcode"]);
    w.destroy();
    assert_eq!(other.webhooks().len(), 0);
}

fn the_user_agent_names_both_versions(w: &Workspace) {
    w.set("TF_APPEND_USER_AGENT", "audit/7");
    w.config(WEBHOOK);
    w.apply();
    let requests = w.api.requests();
    let agent = requests[0]
        .user_agent
        .as_deref()
        .expect("a request names its agent");
    assert!(
        agent.contains(concat!(
            "terraform-provider-immuta/",
            env!("CARGO_PKG_VERSION")
        )),
        "{agent}"
    );
    assert!(agent.contains("Terraform/"), "{agent}");
    assert!(agent.ends_with("audit/7"), "{agent}");
}

fn a_wrong_token(w: &Workspace) {
    w.config(WEBHOOK);
    w.apply();
    w.guard("wr0ng-token-of-a-test");
    w.set("IMMUTA_TOKEN", "wr0ng-token-of-a-test");
    let text = w.plan_fails();
    assert!(
        text.contains("401") && text.contains("Not authenticated"),
        "{text}"
    );
    assert!(text.contains("token"), "what to do next: {text}");
    assert_eq!(w.state().len(), 1, "the state is kept");
    w.config(&format!("{WEBHOOK}resource \"immuta_webhook\" \"b\" {{\n  url = \"https://hooks.example.com/b\"\n}}\n"));
    w.fails(&["apply", "-no-color", "-auto-approve", "-refresh=false"]);
    assert_eq!(w.api.webhooks().len(), 1);
    assert_eq!(w.state().len(), 1, "nothing that was not made is in state");
}

fn settings_that_are_not_known_yet(w: &Workspace) {
    w.unset("IMMUTA_ENDPOINT");
    w.config(&format!(
        r#"
resource "terraform_data" "endpoint" {{
  input = "{}"
}}

provider "immuta" {{
  endpoint = terraform_data.endpoint.output
}}

{WEBHOOK}"#,
        w.api.base_url(),
    ));
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "create", "{}", plan.text);
    w.apply();
    assert_eq!(w.api.webhooks().len(), 1);
    w.no_changes();
}
