use immuta_simulator::{Fault, FaultKind, Reply, Route, StoredWebhook};
use serde_json::json;
use tfplugin_host::value::ValueExt as _;
use tfplugin_host::{Phase, Value};

use crate::rig::{A, KEY, OTHER_KEY, Pace, Scene, url};
use crate::secrets;

fn only(scene: &Scene) -> StoredWebhook {
    let mut held = scene.api.webhooks();
    assert_eq!(held.len(), 1, "not exactly one: {held:?}");
    held.remove(0)
}

pub(super) fn a_dropped_key_is_reported_and_state_is_what_immuta_holds() {
    let mut scene = Scene::new(Pace::default());
    scene.api.behave(|b| b.drop_key_on_create = true);
    scene.webhook(&url("a"), Some(KEY));
    let output = scene.apply();
    assert!(
        output.says("Immuta did not apply the requested values"),
        "{}",
        output.text
    );
    assert_eq!(scene.id().as_deref(), Some(only(&scene).id.as_str()));
    assert!(scene.ws.attribute(A, "signing_key").is_null());
    let set = scene.ws.attribute(A, "signing_key_set").as_bool();
    assert_eq!(set, Some(false));
    scene.api.behave(|b| b.drop_key_on_create = false);
    scene.apply_ok();
    scene.no_changes();
    assert!(only(&scene).signing_key.as_deref() == Some(KEY));
    scene.finish();
}

pub(super) fn an_ignored_verify_tls_is_reported_and_state_is_what_immuta_holds() {
    let mut scene = Scene::new(Pace::default());
    scene.api.behave(|b| b.ignore_verify_tls = true);
    scene
        .ws
        .set(A, json!({ "url": url("a"), "verify_tls": false }));
    // On create, and on the update that the next apply tries.
    for _ in 0..2 {
        let output = scene.apply();
        assert!(
            output.says("Immuta did not apply the requested values"),
            "{}",
            output.text
        );
        assert_eq!(scene.ws.attribute(A, "verify_tls").as_bool(), Some(true));
        assert!(only(&scene).verify_tls);
        scene.ws.untaint(A);
    }
    scene.api.behave(|b| b.ignore_verify_tls = false);
    scene.apply_ok();
    scene.no_changes();
    assert!(!only(&scene).verify_tls);
    scene.finish();
}

pub(super) fn a_key_that_an_update_drops_is_reported() {
    let mut scene = Scene::new(Pace::default());
    scene.webhook(&url("a"), Some(KEY));
    scene.apply_ok();
    scene.api.behave(|b| b.drop_key_on_update = true);
    scene.webhook(&url("a"), Some(OTHER_KEY));
    let output = scene.apply();
    assert!(
        output.says("Immuta did not apply the requested values"),
        "{}",
        output.text
    );
    assert!(scene.ws.attribute(A, "signing_key").is_null());
    scene.api.behave(|b| b.drop_key_on_update = false);
    scene.apply_ok();
    scene.no_changes();
    assert!(only(&scene).signing_key.as_deref() == Some(OTHER_KEY));

    // A key that was set by hand, too.
    scene.ws.forget(A);
    let id = only(&scene).id;
    scene.webhook(&url("b"), None);
    let result = scene.ws.import(A, &id);
    scene.check(result);
    scene.api.behave(|b| b.drop_key_on_update = true);
    let output = scene.apply();
    assert!(output.says("Signing key lost"), "{}", output.text);
    assert_eq!(only(&scene).url, url("b"));
    scene.no_changes();
    scene.finish();
}

pub(super) fn a_url_that_immuta_normalizes_is_one_warning_and_no_difference() {
    let mut scene = Scene::new(Pace::default());
    scene.api.behave(|b| b.normalize_url = true);
    scene.webhook(&url("a"), None);
    let output = scene.apply_ok();
    assert_eq!(output.warnings.len(), 1, "{:?}", output.warnings);
    assert!(output.warnings[0].contains("Immuta normalized the url"));
    let kept = scene.ws.attribute(A, "url");
    assert_eq!(kept.as_str(), Some(url("a").as_str()));
    scene.no_changes();
    let result = scene.ws.refresh();
    let output = scene.check(result);
    assert!(
        output.warnings.is_empty() && !output.failed,
        "{}",
        output.text
    );
    scene.no_changes();
    // What is changed by hand is drift all the same.
    let id = scene.id().expect("an id");
    scene.api.edit(&id, |webhook| webhook.url = url("by-hand"));
    let output = scene.plan();
    assert!(!output.is_noop, "{}", output.text);
    scene.apply_ok();
    scene.no_changes();
    assert_eq!(only(&scene).url, url("a"));
    scene.finish();
}

/// The answer to an update shows the url that there was before.
pub(super) fn a_url_that_immuta_does_not_take_is_reported() {
    let mut scene = Scene::new(Pace::default());
    scene.webhook(&url("a"), None);
    scene.apply_ok();
    let id = scene.id().expect("an id");
    let unchanged = json!({ "id": id, "url": url("a"), "verifyTls": true, "signingKey": false });
    let fault = scene.api.fault(Fault::always(
        Route::Update,
        FaultKind::Status(Reply::with_body(200, unchanged)),
    ));
    scene.webhook(&url("b"), None);
    let output = scene.apply();
    assert!(
        output.says("Immuta did not apply the requested values"),
        "{}",
        output.text
    );
    let held = scene.ws.attribute(A, "url");
    assert_eq!(held.as_str(), Some(url("a").as_str()));
    assert!(!scene.plan().is_noop, "the difference is forgotten");
    scene.api.clear_fault(fault);
    scene.apply_ok();
    scene.no_changes();
    assert_eq!(only(&scene).url, url("b"));
    scene.finish();
}

pub(super) fn a_test_that_quotes_secrets_shows_none() {
    let mut scene = Scene::new(Pace::default());
    scene.api.fault(Fault::always(
        Route::TestConfig,
        FaultKind::EchoSecrets(200),
    ));
    let asked = json!({ "url": url("tested"), "signing_key": KEY });
    let cli = scene.ws.cli.clone();
    let read = cli
        .data("immuta_webhook_test", asked.clone())
        .expect("a failed delivery is a result")
        .value
        .expect("it was read");
    let opened = cli
        .ephemeral(Phase::Plan, "immuta_webhook_test", asked.clone())
        .expect("a failed delivery is a result");
    for result in [&read, &opened.value.value] {
        assert_eq!(result.attribute("success").as_bool(), Some(false));
        let message = result.attribute("error_message");
        assert!(matches!(message, Value::String(_)));
        secrets::assert_none("a test's result", &message.to_test_json().to_string());
    }
    let failed = cli
        .invoke("immuta_webhook_test", asked)
        .expect_err("a failed delivery fails the action");
    scene.show(failed.to_string());
    scene.finish();
}
