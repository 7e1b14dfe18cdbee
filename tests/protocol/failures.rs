//! What is saved, and what is said, when the API fails: core keeps what it is given, so the answer
//! beside an error must be right.

use immuta_simulator::{Fault, FaultKind, Reply, Route, Simulator, StoredWebhook};
use serde_json::json;
use tfplugin_host::workspace::Action;
use tfplugin_host::{Profile, Value};

use crate::world::{A, World, under_each_kind};

const URL: &str = "https://hooks.example.com/immuta";

/// A world whose retries do not make the tests wait.
fn world(profile: Profile) -> World {
    let retry = json!({"max_attempts": 2, "min_backoff": "1ms", "max_backoff": "5ms"});
    World::with(
        profile,
        Simulator::start(),
        json!({"retry": retry, "request_timeout": "5s"}),
    )
}

#[test]
fn a_create_that_was_refused_leaves_nothing() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        world.simulator.fault(Fault::once(
            Route::Create,
            FaultKind::Status(Reply::message(400, "url is not allowed")),
        ));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        assert!(
            report.to_string().contains("url is not allowed"),
            "{report}"
        );
        assert!(folder.states().is_empty());
        assert_eq!(world.simulator.count(), 0);
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
    });
}

#[test]
fn a_create_whose_answer_is_lost_is_adopted_tainted_and_converges() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        world
            .simulator
            .fault(Fault::once(Route::Create, FaultKind::ResetAfter));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        let state = folder.state(A).expect("the webhook is not lost");
        assert!(state.tainted);
        let id = world.simulator.webhooks().remove(0).id;
        assert_eq!(*state.value.attribute("id"), Value::string(&id));
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
        assert!(folder.plan().unwrap().is_noop());
    });
}

#[test]
fn a_create_with_an_unreadable_answer_keeps_the_id() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL, "signing_key": "k"}));
        world
            .simulator
            .fault(Fault::once(Route::Create, FaultKind::UnreadableButId));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        assert!(folder.state(A).unwrap().tainted);
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
    });
}

#[test]
fn a_failed_update_keeps_the_prior_state() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        let before = folder.state(A).unwrap().clone();
        folder.set(A, json!({"url": URL, "verify_tls": false}));
        let fault = world.simulator.fault(Fault::always(
            Route::Update,
            FaultKind::Status(Reply::error(500)),
        ));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        let after = folder.state(A).unwrap();
        assert_eq!(after.value, before.value);
        assert_eq!(after.private, before.private);
        assert!(!after.tainted);
        world.simulator.clear_fault(fault);
        folder.apply().unwrap();
        assert!(!world.simulator.webhooks()[0].verify_tls);
    });
}

#[test]
fn an_update_of_what_is_gone_says_so() {
    let mut world = world(Profile::T1_11);
    let folder = &mut world.workspace;
    folder.set(A, json!({"url": URL}));
    folder.apply().unwrap();
    folder.set(A, json!({"url": URL, "verify_tls": false}));
    let plan = folder.plan().unwrap();
    let id = world.simulator.webhooks().remove(0).id;
    world.simulator.remove(&id);
    let report = folder.apply_plan(plan).unwrap_err();
    assert!(report.violations().is_empty(), "{report}");
    assert!(report.to_string().contains("gone"), "{report}");
    assert!(folder.state(A).is_some());
    folder.apply().unwrap();
    assert_eq!(world.simulator.count(), 1);
}

#[test]
fn a_failed_delete_keeps_the_webhook() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        let fault = world.simulator.fault(Fault::always(
            Route::Delete,
            FaultKind::Status(Reply::error(503)),
        ));
        let before = folder.state(A).unwrap().clone();
        let report = folder.destroy().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        let after = folder.state(A).unwrap();
        assert_eq!(after.value, before.value);
        assert_eq!(after.identity, before.identity);
        // Within a replacement core sends no identity with the deletion.
        folder.taint(A).set(A, json!({"url": URL}));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        assert_eq!(folder.state(A).unwrap().identity, before.identity);
        assert_eq!(world.simulator.count(), 1);
        world.simulator.clear_fault(fault);
        folder.destroy().unwrap();
        assert_eq!(world.simulator.count(), 0);
    });
}

#[test]
fn a_failed_read_is_an_error_never_no_changes() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        for kind in [
            FaultKind::Status(Reply::error(500)),
            FaultKind::Status(Reply::error(403)),
            FaultKind::MalformedJson,
        ] {
            let faults = [Route::List, Route::Get]
                .map(|route| world.simulator.fault(Fault::always(route, kind.clone())));
            let report = folder.plan().unwrap_err();
            assert!(report.violations().is_empty(), "{report}");
            assert_eq!(report.errors().len(), 1, "{report}");
            assert!(folder.state(A).is_some());
            faults.into_iter().for_each(|f| {
                world.simulator.clear_fault(f);
            });
        }
        assert!(folder.plan().unwrap().is_noop());
    });
}

#[test]
fn a_deployment_that_cannot_be_read_is_said_once_and_served() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        for i in 0..3 {
            folder.set(
                &format!("immuta_webhook.w[{i}]"),
                json!({"url": format!("{URL}/{i}")}),
            );
        }
        world
            .simulator
            .behave(|b| b.absent = vec![Route::List, Route::Get, Route::History]);
        folder.apply().unwrap();
        let plan = folder.plan().unwrap();
        assert!(plan.is_noop(), "{plan}");
        assert_eq!(plan.warnings().len(), 1, "{plan}");
        folder.set(
            "immuta_webhook.w[0]",
            json!({"url": format!("{URL}/0"), "verify_tls": false}),
        );
        folder.apply().unwrap();
        let id = world.simulator.insert(StoredWebhook::new(URL));
        let report = folder.import(A, &id).unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        assert_eq!(report.errors().len(), 1, "{report}");
        assert!(folder.state(A).is_none());
        world.simulator.remove(&id);
        folder.destroy().unwrap();
        assert_eq!(world.simulator.count(), 0);
    });
}

#[test]
fn a_key_that_the_api_drops_is_told() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let folder = &mut world.workspace;
        world.simulator.behave(|b| b.drop_key_on_create = true);
        folder.set(A, json!({"url": URL, "signing_key": "k"}));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        let state = folder.state(A).unwrap();
        assert!(state.tainted);
        assert_eq!(
            *state.value.attribute("signing_key_set"),
            Value::Bool(false)
        );
        world.simulator.behave(|b| b.drop_key_on_create = false);
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
        assert_eq!(
            world.simulator.webhooks()[0].signing_key.as_deref(),
            Some("k")
        );
    });
}

#[test]
fn a_wrong_token_is_an_error_that_does_not_quote_it() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let wrong = world.simulator.token();
        world.simulator.set_token("another-token");
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        let report = folder.apply().unwrap_err();
        assert!(report.violations().is_empty(), "{report}");
        assert!(report.to_string().contains("401"), "{report}");
        assert!(!report.to_string().contains(&wrong));
        assert!(folder.states().is_empty());
        assert!(!world.log().contains(&wrong));
    });
}

#[test]
fn a_twin_is_warned_about_at_plan() {
    under_each_kind(|profile| {
        let mut world = world(profile);
        let id = world.simulator.insert(StoredWebhook::new(URL));
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        let plan = folder.plan().unwrap();
        assert_eq!(*plan.action(A), Action::Create);
        assert_eq!(plan.warnings().len(), 1, "{plan}");
        assert!(plan.to_string().contains(&id), "{plan}");
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 2);
        let plan = folder.plan().unwrap();
        assert!(plan.is_noop() && plan.warnings().is_empty(), "{plan}");
    });
}
