//! What breaks on the way: the CLI says so in time, without a backtrace, and state tells the truth.

use immuta_simulator::{Fault, FaultKind, Route, Simulator};
use terraform_cli::{KEY, Needs, Workspace, unwrapped};

use super::killed::kill;

scenarios! {
    Needs::ANY => [
        the_api_is_down,
        the_api_redirects,
        the_api_answers_with_a_web_page,
        the_api_never_answers,
        the_api_dies_in_the_middle_of_an_apply,
        a_create_that_the_api_refuses,
        an_update_that_the_api_refuses,
        a_delete_that_the_api_refuses,
        the_provider_is_killed_in_the_middle_of_an_apply,
    ],
}

const URL: &str = "https://hooks.example.com/immuta";

/// Lets retries come soon, for what fails however often it is tried.
fn without_patience(w: &Workspace) {
    w.write(
        "provider.tf",
        "provider \"immuta\" {\n  retry = {\n    max_attempts = 2\n    min_backoff  = \"10ms\"\n    max_backoff  = \"20ms\"\n  }\n}\n",
    );
}

fn the_api_is_down(w: &Workspace) {
    without_patience(w);
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    let gone = Simulator::start();
    w.set("IMMUTA_ENDPOINT", &gone.base_url());
    drop(gone);
    let text = w.plan_fails();
    assert!(text.contains("connect"), "{text}");
    assert_eq!(w.state().len(), 1);
    assert!(
        w.fails(&["destroy", "-no-color", "-auto-approve", "-refresh=false"])
            .contains("connect")
    );
    assert_eq!(w.state().len(), 1, "what is still there stays in state");
    w.set("IMMUTA_ENDPOINT", &w.api.base_url());
    w.no_changes();
}

fn the_api_redirects(w: &Workspace) {
    let elsewhere = Simulator::start();
    w.breaks(FaultKind::Redirect {
        status: 307,
        location: format!("{}?next=s3cret-of-a-query", elsewhere.base_url()),
    });
    w.guard("s3cret-of-a-query");
    w.webhook(&format!("url = \"{URL}\""));
    let text = w.apply_fails();
    let host = elsewhere
        .base_url()
        .split('/')
        .nth(2)
        .expect("a URL has a host")
        .to_owned();
    assert!(text.contains(&host), "the error names where it led: {text}");
    assert_eq!(elsewhere.requests().len(), 0);
    assert!(w.state().is_empty());
}

fn the_api_answers_with_a_web_page(w: &Workspace) {
    w.breaks(FaultKind::HtmlPage {
        status: 502,
        effect: false,
    });
    w.webhook(&format!("url = \"{URL}\""));
    let text = w.apply_fails();
    assert!(text.contains("502"), "{text}");
    assert!(
        !text.contains("<h1>"),
        "a page is named, not pasted: {text}"
    );
    assert!(w.state().is_empty());
}

fn the_api_never_answers(w: &Workspace) {
    without_patience(w);
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.set("IMMUTA_REQUEST_TIMEOUT", "1s");
    w.breaks(FaultKind::Hang);
    let text = w.plan_fails();
    assert!(text.to_lowercase().contains("time"), "{text}");
    assert_eq!(w.state().len(), 1);
}

fn the_api_dies_in_the_middle_of_an_apply(w: &Workspace) {
    without_patience(w);
    let api = Simulator::start();
    w.guard(&api.token());
    w.set("IMMUTA_ENDPOINT", &api.base_url());
    w.set("IMMUTA_TOKEN", &api.token());
    let unanswered = api.fault(Fault::once(Route::Create, FaultKind::HangAfter));
    w.webhook(&format!("url = \"{URL}\""));
    let running = w.start(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    assert!(
        api.wait_for(|api| api.struck(unanswered) == 1),
        "the create never came"
    );
    drop(api);
    let outcome = w.finish(running, false);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let text = unwrapped(&outcome.text);
    assert!(
        text.contains("may have been created") && text.contains("import"),
        "{text}"
    );
    assert!(w.state().is_empty());
}

fn a_create_that_the_api_refuses(w: &Workspace) {
    w.key(KEY);
    w.refuses_writes(400, &format!("signingKey {KEY} is too short"));
    w.webhook(&format!("url = \"{URL}\"\nsigning_key = var.signing_key"));
    let text = w.apply_fails();
    assert!(
        text.contains("400") && text.contains("is too short"),
        "{text}"
    );
    assert!(w.state().is_empty());
    w.mend();
    w.apply();
    assert_eq!(w.api.webhooks().len(), 1);
}

fn an_update_that_the_api_refuses(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.refuses_writes(400, "url must be reachable");
    w.webhook(&format!("url = \"{URL}/2\""));
    let text = w.apply_fails();
    assert!(text.contains("url must be reachable"), "{text}");
    assert_eq!(
        w.values("immuta_webhook.a")["url"],
        URL,
        "state holds what the API holds"
    );
    w.mend();
    assert_eq!(w.plan().action("immuta_webhook.a"), "update");
    w.apply();
    w.no_changes();
}

fn a_delete_that_the_api_refuses(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    w.apply();
    w.refuses_writes(403, "Forbidden resource");
    let text = w.fails(&["destroy", "-no-color", "-auto-approve"]);
    assert!(text.contains("Forbidden resource"), "{text}");
    assert_eq!(w.state().len(), 1);
    w.mend();
    w.destroy();
    assert_eq!(w.api.webhooks().len(), 0);
}

fn the_provider_is_killed_in_the_middle_of_an_apply(w: &Workspace) {
    w.webhook(&format!("url = \"{URL}\""));
    let unanswered = w
        .api
        .fault(Fault::once(Route::Create, FaultKind::HangAfter));
    let running = w.start(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    assert!(
        w.api.wait_for(|api| api.struck(unanswered) == 1),
        "the create never came"
    );
    kill(w.last_provider().expect("the log names the provider"));
    let outcome = w.finish(running, false);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let text = unwrapped(&outcome.text);
    assert!(
        text.contains("Plugin did not respond") || text.contains("Request cancelled"),
        "{text}"
    );
    assert!(w.state().is_empty());
    // The next apply comes off; what the killed process may have left is named by the plan.
    w.apply();
    assert_eq!(w.state().len(), 1);
}
