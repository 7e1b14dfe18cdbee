//! Ctrl-C: core calls `StopProvider` and waits. What was sent is finished and saved, what waits
//! ends at once, and what comes after fails.

use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Reply, Route, Simulator};
use serde_json::json;
use tfplugin_host::session::ApplyRequest;
use tfplugin_host::workspace::PlanOptions;
use tfplugin_host::{Phase, Profile, Value};

use crate::world::{A, World, under_each_kind};

const URL: &str = "https://hooks.example.com/immuta";

#[test]
fn a_write_that_was_sent_is_finished_and_saved() {
    under_each_kind(|profile| {
        let mut world = World::new(profile);
        world.workspace.set(A, json!({"url": URL}));
        world.simulator.fault(Fault::once(
            Route::Create,
            FaultKind::Latency(Duration::from_millis(500)),
        ));
        let simulator = &world.simulator;
        let report = world
            .workspace
            .apply_with(&PlanOptions::default(), |session| {
                let sent = |s: &Simulator| s.requests().iter().any(|r| r.route == Route::Create);
                assert!(simulator.wait_for(sent));
                session.stop().ok().unwrap();
            });
        let report = report.unwrap_or_else(|report| *report);
        assert!(report.violations().is_empty(), "{report}");
        let id = world.simulator.webhooks().remove(0).id;
        assert_eq!(world.workspace.attribute(A, "id"), Value::string(&id));
        world.workspace.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
    });
}

/// The backoff is far beyond any patience: only the stop can end it.
#[test]
fn a_wait_for_a_retry_ends_at_once() {
    let mut world = World::with(
        Profile::T1_15,
        Simulator::start(),
        json!({
            "retry": {"max_attempts": 5, "min_backoff": "20m", "max_backoff": "20m"},
            "operation_timeout": "2h",
        }),
    );
    world.workspace.set(A, json!({"url": URL}));
    world.workspace.apply().unwrap();
    world
        .workspace
        .set(A, json!({"url": URL, "verify_tls": false}));
    world.simulator.fault(Fault::always(
        Route::Update,
        FaultKind::Status(Reply::error(503)),
    ));
    let simulator = &world.simulator;
    let report = world
        .workspace
        .apply_with(&PlanOptions::default(), |session| {
            let refused = |s: &Simulator| s.requests().iter().any(|r| r.status == Some(503));
            assert!(simulator.wait_for(refused));
            session.stop().ok().unwrap();
        })
        .unwrap_err();
    assert!(report.violations().is_empty(), "{report}");
    assert_eq!(report.lost_calls(), 0, "{report}");
    assert_eq!(
        world.workspace.attribute(A, "verify_tls"),
        Value::Bool(true)
    );
}

#[test]
fn what_comes_after_the_stop_fails_without_a_request() {
    let world = World::new(Profile::T1_15);
    let session = world.workspace.cli.configured(Phase::Apply).unwrap();
    session.stop().ok().unwrap();
    let block = &session.resource("immuta_webhook").block;
    let config = block.object(&json!({"url": URL})).unwrap();
    let planned = block
        .object(&json!({
            "url": URL, "verify_tls": true, "signing_key_set": false,
            "id": tfplugin_host::value::unknown(), "suppressed": tfplugin_host::value::unknown(),
        }))
        .unwrap();
    let answer = session.apply(ApplyRequest {
        address: A,
        type_name: "immuta_webhook",
        prior: &Value::Null,
        planned: &planned,
        private: &[],
        identity: &Value::Null,
        prior_identity: &Value::Null,
        config: &config,
    });
    assert!(answer.has_errors());
    assert!(answer.violations.is_empty(), "{:?}", answer.violations);
    assert!(answer.value.unwrap().value.is_null());
    let answer = session.stop();
    assert!(!answer.is_err());
    assert_eq!(world.simulator.count(), 0);
    assert!(
        world
            .simulator
            .requests()
            .iter()
            .all(|r| r.route != Route::Create)
    );
    session.wire().end().unwrap();
}

#[test]
fn stopped_among_many_each_is_in_state_or_not_begun() {
    let mut world = World::new(Profile::T1_15);
    for i in 0..40 {
        let url = format!("{URL}/{i}");
        world
            .workspace
            .set(&format!("immuta_webhook.many[{i}]"), json!({"url": url}));
    }
    // The first are answered at once. The next hold up the rest until long after the stop: twice
    // this long goes by before the last ten are sent.
    let held = world.simulator.fault(Fault::always(
        On::from(Route::Create).nth(11),
        FaultKind::Latency(Duration::from_secs(2)),
    ));
    let simulator = &world.simulator;
    let report = world
        .workspace
        .apply_with(&PlanOptions::default(), |session| {
            assert!(simulator.wait_for(|s| s.count() >= 10 && s.struck(held) > 0));
            session.stop().ok().unwrap();
        });
    let report = report.unwrap_or_else(|report| *report);
    assert!(report.violations().is_empty(), "{report}");
    assert!(world.simulator.clear_fault(held));
    let made = world.simulator.count();
    assert!((11..40).contains(&made), "{made}");
    assert_eq!(world.workspace.states().len(), made);
    world.workspace.apply().unwrap();
    assert_eq!(world.simulator.count(), 40);
    assert_eq!(world.workspace.states().len(), 40);
}

/// Core is killed: the connection drops in the middle of a create, and nothing ends the provider
/// but itself.
#[test]
fn when_core_is_killed_the_provider_ends_by_itself() {
    let mut world = World::new(Profile::T1_15);
    world.workspace.set(A, json!({"url": URL}));
    world
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::Hang));
    let simulator = &world.simulator;
    let processes = world.processes.clone();
    let report = world
        .workspace
        .apply_with(&PlanOptions::default(), |_| {
            assert!(simulator.wait_for(|s| s.requests().iter().any(|r| r.route == Route::Create)));
            processes.last().unwrap().disconnect();
        })
        .unwrap_err();
    assert!(report.lost_calls() > 0);
    let process = processes.last().unwrap();
    assert!(process.wait_exit(Duration::from_secs(5)).is_some());
    assert!(process.left_behind().is_empty());
}
