use std::time::{Duration, Instant};

use immuta_simulator::{Fault, FaultKind, Reply, Route};
use tfplugin_host::session::{ApplyRequest, PlanRequest};
use tfplugin_host::workspace::PlanOptions;
use tfplugin_host::{Phase, Value};

use crate::rig::{A, HANGS_AFTER, KEY, Pace, Scene, config, url};

const B: &str = "immuta_webhook.b";

/// Waits that nothing but a stop ends.
fn long_waits() -> Pace {
    Pace {
        max_backoff: 10 * HANGS_AFTER,
        operation: 20 * HANGS_AFTER,
        ..Pace::default()
    }
}

/// One create is on its way and made, an update waits for its next attempt: the stop ends the wait at
/// once, and the create is waited for and saved.
pub(super) fn a_stop_ends_waits_and_lets_what_was_sent_finish() {
    let mut scene = Scene::new(long_waits());
    scene.ws.set(B, config(&url("b"), None));
    scene.apply_ok();
    scene.webhook(&url("a"), Some(KEY));
    scene.ws.set(B, config(&url("b2"), None));
    let sent = scene.api.fault(Fault::once(
        Route::Create,
        FaultKind::AnsweredLate(Duration::from_secs(2)),
    ));
    let waiting = scene.api.fault(Fault::always(
        Route::Update,
        FaultKind::Status(Reply::error(503).retry_after_seconds(3600)),
    ));
    let mut stopped = None;
    let api = &scene.api;
    let result = scene.ws.apply_with(&PlanOptions::default(), |session| {
        let both = api.wait_for(|api| {
            api.struck(sent) == 1
                && api.struck(waiting) == 1
                && api.requests().iter().any(|r| r.status == Some(503))
        });
        assert!(both, "the calls never came");
        let answer = session.stop();
        assert!(!answer.is_err(), "{}", answer.failure("stop"));
        stopped = Some(Instant::now());
    });
    let stopped = stopped.expect("it was stopped");
    assert!(stopped.elapsed() < HANGS_AFTER, "the wait was not ended");
    let output = scene.check(result);
    assert!(output.failed);
    assert_eq!(
        output.errors,
        ["Webhook may have been updated"],
        "{}",
        output.text
    );
    assert!(
        output.text.contains("since Terraform asked to stop"),
        "{}",
        output.text
    );
    let made = scene.ws.state(A).expect("the create is saved");
    assert!(!made.tainted);
    assert_eq!(
        scene.ws.attribute(B, "url").as_str(),
        Some(url("b").as_str()),
        "the prior state stays"
    );
    assert_eq!(scene.ids_in_state(), scene.ids_in_api());
    scene.api.clear_faults();
    // The next command is configured again.
    scene.apply_ok();
    scene.no_changes();
    scene.finish();
}

pub(super) fn what_begins_after_a_stop_fails_at_once() {
    let scene = Scene::new(Pace::default());
    let session = scene.ws.cli.configured(Phase::Apply).expect("a process");
    assert!(!session.stop().is_err());
    let user = session.schemas().data_sources["immuta_current_user"].clone();
    let asked = user.object(&serde_json::json!({})).expect("a block");
    let answer = session.read_data("immuta_current_user", &asked);
    assert!(answer.has_errors());
    let said = answer.failure("user").to_string();
    assert!(said.contains("Terraform asked to stop"), "{said}");

    let block = &session.resource("immuta_webhook").block;
    let config = block
        .object(&config(&url("a"), Some(KEY)))
        .expect("a block");
    let planned = session
        .plan(PlanRequest {
            address: A,
            type_name: "immuta_webhook",
            prior: &Value::Null,
            private: &[],
            planned_private: &[],
            identity: &Value::Null,
            config: &config,
        })
        .ok()
        .expect("a plan needs no call");
    let applied = session.apply(ApplyRequest {
        address: A,
        type_name: "immuta_webhook",
        prior: &Value::Null,
        planned: &planned.value,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &Value::Null,
        config: &config,
    });
    assert!(applied.has_errors() && applied.violations.is_empty());
    let said = applied.failure(A).to_string();
    assert!(said.contains("Nothing was created"), "{said}");
    assert!(applied.value.is_some_and(|state| state.is_gone()));
    assert!(scene.api.requests().is_empty(), "something was sent");
    drop(session);
    scene.finish();
}
