use std::collections::BTreeSet;

use immuta_simulator::{Fault, FaultKind, Reply, Route, StoredWebhook};
use tfplugin_host::session::PlanRequest;
use tfplugin_host::workspace::PlanOptions;
use tfplugin_host::{Phase, Profile, Value};

use crate::rig::{A, KEY, Pace, Scene, config, url};

pub(super) fn a_webhook_with_the_planned_url_is_named_at_plan() {
    let mut scene = Scene::new(Pace::default());
    let id = scene.api.insert(StoredWebhook::new(url("a")));
    scene.webhook(&url("a"), None);
    let output = scene.plan();
    assert!(!output.failed);
    assert_eq!(output.warnings.len(), 1, "{}", output.text);
    let warning = &output.warnings[0];
    assert!(warning.contains(&format!("Webhook {id} already has this url")));
    assert!(warning.contains(&format!(
        "Immuta already holds the webhook {id} with this url"
    )));
    assert!(warning.contains(&format!("terraform import ADDRESS {id}")));
    assert_eq!(scene.count(Route::List), 1, "one list for all of it");
    let result = scene.ws.import(A, &id);
    scene.check(result);
    scene.no_changes();
    assert_eq!(scene.api.count(), 1);
    scene.finish();
}

/// Not after a read, nor without one.
pub(super) fn what_is_in_state_is_no_duplicate() {
    let mut scene = Scene::new(Pace::default());
    scene.webhook(&url("a"), Some(KEY));
    scene.apply_ok();
    for no_refresh in [false, true] {
        let result = scene.ws.plan_with(&PlanOptions {
            replace: BTreeSet::from([A.to_owned()]),
            no_refresh,
        });
        let output = scene.check(result);
        assert!(
            !output.is_noop && output.warnings.is_empty(),
            "{}",
            output.text
        );
    }
    // The key is taken out, which replaces.
    scene.webhook(&url("a"), None);
    scene.ws.create_before_destroy(A);
    let output = scene.apply_ok();
    assert!(output.warnings.is_empty(), "{}", output.text);
    scene.no_changes();
    assert_eq!(scene.ids_in_state(), scene.ids_in_api());
    scene.finish();
}

pub(super) fn the_apply_phase_of_newer_clis_asks_for_no_duplicates() {
    for (profile, asks) in [
        (Profile::T1_11, false),
        (Profile::T1_15, false),
        (Profile::T1_16, false),
        // Of an older CLI and of OpenTofu the phase cannot be known.
        (Profile::T1_5, true),
        (Profile::O1_12, true),
    ] {
        let scene = Scene::with(profile, Pace::default());
        scene.api.insert(StoredWebhook::new(url("a")));
        let session = scene.ws.cli.configured(Phase::Apply).expect("a process");
        let block = &session.resource("immuta_webhook").block;
        let config = block.object(&config(&url("a"), None)).expect("a block");
        let answer = session.plan(PlanRequest {
            address: A,
            type_name: "immuta_webhook",
            prior: &Value::Null,
            private: &[],
            planned_private: &[],
            identity: &Value::Null,
            config: &config,
        });
        assert!(!answer.is_err(), "{}", answer.failure(A));
        assert_eq!(!answer.diagnostics.is_empty(), asks);
        assert_eq!(scene.count(Route::List) > 0, asks);
        drop(session);
        scene.finish();
    }
}

pub(super) fn without_a_list_the_plan_says_that_nothing_was_checked() {
    let mut scene = Scene::new(Pace::default());
    scene.api.insert(StoredWebhook::new(url("a")));
    scene.webhook(&url("a"), None);
    scene.api.fault(Fault::always(
        Route::List,
        FaultKind::Status(Reply::error(500)),
    ));
    let output = scene.plan();
    assert!(!output.failed);
    assert_eq!(output.warnings.len(), 1, "{}", output.text);
    assert!(output.warnings[0].contains("Unable to check for existing webhooks"));
    assert_eq!(scene.count(Route::List), 1, "one attempt");
    scene.finish();
}
