//! What was changed in Immuta and not in the configuration, and what only looks like it.

use immuta_simulator::{Fault, FaultKind, On, Route};
use terraform_cli::{KEY, Needs, OTHER_KEY, Workspace};

scenarios! {
    Needs::ANY => [
        drift_of_url,
        drift_of_verify_tls,
        drift_of_signing_key,
        drift_of_suppressed_is_shown_and_not_acted_on,
        a_key_that_was_never_managed_is_left_alone,
        disappears,
        another_form_of_the_url_is_no_drift,
        without_read_routes_drift_cannot_be_seen,
        an_answer_that_cannot_be_read_is_an_error,
    ],
}

const URL: &str = "https://hooks.example.com/immuta";

/// The plan after a change outside must repair it in place, and the apply does.
fn is_repaired(w: &Workspace) {
    let before = w.only();
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "update", "{}", plan.text);
    assert!(
        plan.drift("immuta_webhook.a").is_some(),
        "the plan names what changed outside:\n{}",
        plan.text
    );
    w.apply();
    assert_eq!(w.only().id, before.id);
    w.no_changes();
}

fn drift_of_url(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.api.edit(&w.only().id, |held| {
        held.url = "https://elsewhere.example.com/".to_owned()
    });
    is_repaired(w);
    assert_eq!(w.only().url, URL);
}

fn drift_of_verify_tls(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.api.edit(&w.only().id, |held| held.verify_tls = false);
    is_repaired(w);
    assert!(w.only().verify_tls);
}

fn drift_of_signing_key(w: &Workspace) {
    w.key(KEY);
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
    w.apply();
    w.api.edit(&w.only().id, |held| held.signing_key = None);
    is_repaired(w);
    assert_eq!(w.only().signing_key.as_deref(), Some(KEY));
}

fn drift_of_suppressed_is_shown_and_not_acted_on(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.api.edit(&w.only().id, |held| held.suppressed = true);
    let plan = w.no_changes();
    let (before, after) = plan
        .drift("immuta_webhook.a")
        .expect("the change outside is in the plan");
    assert_eq!(
        (&before["suppressed"], &after["suppressed"]),
        (&false.into(), &true.into())
    );
    let shown = w.ok(&["plan", "-no-color", "-refresh-only"]);
    assert!(shown.text.contains("suppressed"), "{}", shown.text);
    w.ok(&["apply", "-no-color", "-refresh-only", "-auto-approve"]);
    assert_eq!(w.values("immuta_webhook.a")["suppressed"], true);

    // A change of something else leaves it as it is, and leaves nothing unknown.
    w.webhook(&format!("url = \"{URL}/2\""));
    let plan = w.plan();
    assert_eq!(plan.after("immuta_webhook.a")["suppressed"], true);
    w.apply();
    w.no_changes();
}

fn a_key_that_was_never_managed_is_left_alone(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.guard(OTHER_KEY);
    w.api.edit(&w.only().id, |held| {
        held.signing_key = Some(OTHER_KEY.to_owned())
    });
    let plan = w.no_changes();
    let (_, after) = plan
        .drift("immuta_webhook.a")
        .expect("the change outside is in the plan");
    assert_eq!(after["signing_key_set"], true);
    w.webhook(&format!("url = \"{URL}/2\""));
    assert_eq!(w.plan().action("immuta_webhook.a"), "update");
    w.apply();
    assert_eq!(w.only().signing_key.as_deref(), Some(OTHER_KEY));
}

fn disappears(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    let gone = w.only().id;
    w.api.remove(&gone);
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "create", "{}", plan.text);
    w.apply();
    assert_ne!(w.only().id, gone);
    w.no_changes();

    // Destroying what is gone already is no error.
    w.api.remove(&w.only().id);
    w.destroy();
}

fn another_form_of_the_url_is_no_drift(w: &Workspace) {
    w.webhook("url = \"HTTPS://Hooks.Example.com:443\"");
    w.apply();
    w.api.edit(&w.only().id, |held| {
        held.url = "https://hooks.example.com/".to_owned()
    });
    w.no_changes();
    assert_eq!(
        w.values("immuta_webhook.a")["url"],
        "HTTPS://Hooks.Example.com:443"
    );
}

fn without_read_routes_drift_cannot_be_seen(w: &Workspace) {
    w.config(&format!("resource \"immuta_webhook\" \"a\" {{\n  count = 3\n  url = \"{URL}/${{count.index}}\"\n}}\n"));
    w.apply();
    w.without(&[Route::List, Route::Get]);
    let plan = w.no_changes();
    let text = terraform_cli::unwrapped(&plan.text);
    assert_eq!(
        text.matches("Warning:").count() - dev_warnings(&text),
        1,
        "one warning for three webhooks: {text}"
    );
    assert!(text.contains("Drift detection is unavailable"), "{text}");
    assert_eq!(w.state().len(), 3, "nothing is dropped");
    w.destroy();
    assert_eq!(w.api.webhooks().len(), 0);
}

/// The CLI's own warning of a provider that was not installed.
fn dev_warnings(text: &str) -> usize {
    text.matches("Provider development overrides are in effect")
        .count()
}

fn an_answer_that_cannot_be_read_is_an_error(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.api
        .fault(Fault::always(On::method("GET"), FaultKind::MalformedJson));
    let text = w.plan_fails();
    assert!(!text.contains("No changes"), "{text}");
    w.mend();
    assert_eq!(w.state().len(), 1, "nothing is dropped");
    w.no_changes();
}
