//! What the provider answers, called as each CLI calls it. The real CLIs are in `tests/acceptance`;
//! here is what needs a CLI that may not be at hand: another release's calls, identities, moves,
//! lists, actions, deferral.

use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Receiver, Reply, Route, Simulator, StoredWebhook};
use rustix::process::Signal;
use serde_json::{Value as Json, json};
use tfplugin_host::proto::deferred::Reason;
use tfplugin_host::session::{ImportBy, MoveSource};
use tfplugin_host::state::State;
use tfplugin_host::value::{ValueExt as _, unknown, with_id};
use tfplugin_host::workspace::{Action, PlanOptions};
use tfplugin_host::{Cli, Phase, Process, Profile, Session, Value, Workspace};

use crate::world::{A, World, under_each};

const URL: &str = "https://hooks.example.com/immuta";

#[test]
fn a_whole_life() {
    under_each(
        |_| true,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL, "signing_key": "one"}));
            folder.validate().unwrap();
            assert_eq!(*folder.plan().unwrap().action(A), Action::Create);
            folder.apply().unwrap();
            let first = world.simulator.webhooks().remove(0).id;
            assert_eq!(folder.attribute(A, "id"), first.as_str().into());
            assert!(folder.plan().unwrap().is_noop());

            // In place, and nothing that is known becomes "(known after apply)".
            let changed = json!({"url": URL, "verify_tls": false, "signing_key": "two"});
            folder.set(A, changed);
            let plan = folder.plan().unwrap();
            assert_eq!(*plan.action(A), Action::Update);
            assert!(plan.changes[A].planned.is_wholly_known(), "{plan}");
            folder.apply().unwrap();
            let held = world.simulator.webhook(&first).unwrap();
            assert_eq!(
                (held.verify_tls, held.signing_key.as_deref()),
                (false, Some("two"))
            );

            // A key that is taken away replaces, here by a webhook that is created first.
            folder.set(A, json!({"url": URL})).create_before_destroy(A);
            let because = vec!["signing_key".to_owned()];
            let plan = folder.plan().unwrap();
            assert_eq!(*plan.action(A), Action::Replace(because));
            folder.apply().unwrap();
            let second = world.simulator.webhooks();
            assert_eq!((second.len(), second[0].signing_key.as_deref()), (1, None));
            assert_ne!(second[0].id, first);

            // Removed outside, so it is recreated; imported; destroyed.
            world.simulator.remove(&second[0].id);
            assert_eq!(*folder.plan().unwrap().action(A), Action::Create);
            folder.apply().unwrap();
            let third = world.simulator.webhooks().remove(0).id;
            folder.forget(A).import(A, &third).unwrap();
            assert!(folder.plan().unwrap().is_noop());
            folder.destroy().unwrap();
            assert_eq!(world.simulator.count(), 0);
            assert!(folder.states().is_empty());
        },
    );
}

#[test]
fn values_known_only_in_apply() {
    under_each(
        |_| true,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            for key in [json!("k"), Json::Null] {
                let planned = json!({"url": unknown(), "signing_key": unknown()});
                let known = json!({"url": URL, "signing_key": key});
                folder.set_unknown_at_plan(A, planned, known.clone());
                folder.apply().unwrap();
                assert_eq!(folder.attribute(A, "signing_key").to_test_json(), key);
                folder.set(A, known);
                assert!(folder.plan().unwrap().is_noop());
                folder.destroy().unwrap();
            }
        },
    );
}

#[test]
fn an_update_of_what_is_gone_says_so() {
    let mut world = World::new(Profile::T1_11);
    let folder = &mut world.workspace;
    folder.set(A, json!({"url": URL}));
    folder.apply().unwrap();
    folder.set(A, json!({"url": URL, "verify_tls": false}));
    let plan = folder.plan().unwrap();
    let id = world.simulator.webhooks().remove(0).id;
    world.simulator.remove(&id);
    let report = folder.apply_plan(plan).unwrap_err();
    assert!(report.violations().is_empty(), "{report}");
    assert!(report.to_string().contains("no longer exists"), "{report}");
    assert!(folder.state(A).is_some());
    folder.apply().unwrap();
    assert_eq!(world.simulator.count(), 1);
}

/// Within a replacement core sends no identity with the deletion.
#[test]
fn a_failed_deletion_keeps_the_identity() {
    under_each(
        |profile| profile.identity,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL, "signing_key": "k"}));
            folder.apply().unwrap();
            let first = world.simulator.webhooks().remove(0).id;
            let refused = world.simulator.fault(Fault::always(
                Route::Delete,
                FaultKind::Status(Reply::error(400)),
            ));
            folder.set(A, json!({"url": URL}));
            let report = folder.apply().unwrap_err();
            assert!(report.violations().is_empty(), "{report}");
            assert_eq!(folder.state(A).unwrap().identity, with_id(&first));
            world.simulator.clear_fault(refused);
            // The new object of a replacement has its own.
            folder.apply().unwrap();
            let second = world.simulator.webhooks().remove(0).id;
            assert_ne!(first, second);
            assert_eq!(folder.state(A).unwrap().identity, with_id(&second));
        },
    );
}

#[test]
fn imported_by_identity() {
    under_each(
        |profile| profile.identity,
        |profile| {
            let mut world = World::new(profile);
            let id = world.simulator.insert(StoredWebhook::new(URL));
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL}));
            folder.import_block(A, ImportBy::Identity(with_id(&id)));
            folder.apply().unwrap();
            assert_eq!(folder.attribute(A, "id"), id.as_str().into());
            assert_eq!(folder.state(A).unwrap().identity, with_id(&id));
            assert!(folder.plan().unwrap().is_noop());
        },
    );
}

/// A state as somebody else left it in the file.
fn left(raw: &Json) -> State {
    State {
        value: Value::Null,
        private: Vec::new(),
        identity: Value::Null,
        version: 0,
        identity_version: 0,
        tainted: false,
        raw: Some(raw.to_string()),
    }
}

#[test]
fn a_state_of_another_release_is_upgraded() {
    under_each(
        |_| true,
        |profile| {
            let identity = profile.identity;
            let mut world = World::new(profile);
            let id = world.simulator.insert(StoredWebhook::new(URL));
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL}));
            let nested = json!({"a": [1, 2.5, null]});
            let old =
                json!({"id": id, "url": URL, "verify_tls": true, "colour": "red", "of": nested});
            folder.put_state(A, left(&old));
            let plan = folder.plan().unwrap();
            assert!(plan.is_noop(), "{plan}");
            if identity {
                assert_eq!(plan.found(A).unwrap().identity, with_id(&id));
            }
            // What cannot be read is an error, and no loss.
            folder.put_state(A, left(&json!({"id": id, "url": 5, "verify_tls": "maybe"})));
            let report = folder.plan().unwrap_err();
            assert_eq!(report.errors().len(), 1, "{report}");
        },
    );
}

#[test]
fn moved_from_the_generic_rest_providers() {
    under_each(
        |profile| profile.moves,
        |profile| {
            let registry = profile.registry;
            for (provider, type_name, state) in [
                (
                    "mastercard/restapi",
                    "restapi_object",
                    json!({
                        "path": "/api/notification/webhook",
                        "data": format!(r#"{{"url":"{URL}","signingKey":"taken-from-the-body"}}"#),
                        "id": "ID", "api_response": "{}", "debug": false,
                    }),
                ),
                (
                    "magodo/restful",
                    "restful_resource",
                    json!({
                        "path": "/api/notification/webhook",
                        "id": "/api/notification/webhook/ID",
                        "body": {"url": URL, "signingKey": "taken-from-the-body"},
                        "output": {"id": "ID"},
                    }),
                ),
            ] {
                let mut world = World::new(profile.clone());
                let webhook = StoredWebhook::new(URL).with_key("k");
                let id = world.simulator.insert(webhook);
                let folder = &mut world.workspace;
                folder.set(A, json!({"url": URL}));
                folder.moved(
                    A,
                    MoveSource {
                        provider: format!("{registry}/{provider}"),
                        type_name: type_name.to_owned(),
                        state: state.to_string().replace("ID", &id),
                        private: b"theirs".to_vec(),
                        ..MoveSource::default()
                    },
                );
                let plan = folder.plan().unwrap();
                assert_eq!(*plan.action(A), Action::NoOp, "{type_name}: {plan}");
                folder.apply().unwrap();
                let state = folder.state(A).unwrap();
                assert_eq!(*state.value.attribute("id"), id.as_str().into());
                assert!(!state.json().contains("taken-from-the-body"));
                assert!(!String::from_utf8_lossy(&state.private).contains("theirs"));
                assert!(folder.plan().unwrap().is_noop());
                assert_eq!(world.simulator.count(), 1);
                assert!(!world.log().contains("taken-from-the-body"));
            }
        },
    );
}

#[test]
fn nothing_is_moved_from_anything_else() {
    under_each(
        |profile| profile.moves,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL}));
            for (type_name, state) in [
                ("terraform_data", json!({"id": "1", "input": null})),
                (
                    "restapi_object",
                    json!({"id": null, "path": "/x", "data": "{}"}),
                ),
                ("restful_resource", json!({"path": "/x"})),
            ] {
                folder.moved(
                    A,
                    MoveSource {
                        provider: "registry.terraform.io/somebody/else".to_owned(),
                        type_name: type_name.to_owned(),
                        state: state.to_string(),
                        ..MoveSource::default()
                    },
                );
                let report = folder.plan().unwrap_err();
                assert!(report.violations().is_empty(), "{type_name}: {report}");
                assert_eq!(report.errors().len(), 1, "{type_name}: {report}");
            }
            assert_eq!(world.simulator.requests().len(), 0);
        },
    );
}

#[test]
fn an_action_tests_a_webhook() {
    under_each(
        |profile| profile.lists_and_actions,
        |profile| {
            let world = World::new(profile);
            let receiver = Receiver::start_http();
            let cli = &world.workspace.cli;
            let action = "immuta_webhook_test";
            let id = world.simulator.insert(StoredWebhook::new(receiver.url()));
            let progress = cli.invoke(action, json!({"webhook_id": id})).unwrap();
            assert!(!progress.value.is_empty());
            let config = json!({"url": receiver.url(), "signing_key": "s3cret"});
            cli.invoke(action, config.clone()).unwrap();
            assert!(receiver.deliveries()[1].is_signed_with("s3cret"));

            receiver.answer_with(503);
            let failure = cli.invoke(action, config.clone()).unwrap_err();
            assert_eq!(failure.rpc, "InvokeAction");
            assert!(failure.violations.is_empty(), "{failure}");
            assert!(failure.to_string().contains("503"), "{failure}");
            let mut allowed = config;
            allowed["allow_failure"] = json!(true);
            let allowed = cli.invoke(action, allowed).unwrap();
            assert_eq!(allowed.warnings.len(), 1, "{allowed:?}");
            let failure = cli.invoke(action, json!({})).unwrap_err();
            assert_eq!(failure.rpc, "ValidateActionConfig");
            assert!(!world.log().contains("s3cret"));
        },
    );
}

#[test]
fn an_action_is_planned_with_unknowns() {
    let world = World::new(Profile::T1_15);
    let session = world.workspace.cli.configured(Phase::Plan).unwrap();
    let action = "immuta_webhook_test";
    for config in [
        json!({"webhook_id": unknown()}),
        json!({"url": unknown(), "signing_key": unknown(), "verify_tls": unknown()}),
    ] {
        let config = session.schemas().actions[action].object(&config).unwrap();
        session.validate_action(action, &config).ok().unwrap();
        session.plan_action(action, &config).ok().unwrap();
    }
    assert_eq!(world.simulator.requests().len(), 0);
    session.wire().end().unwrap();
}

#[test]
fn webhooks_are_listed_with_what_imports_them() {
    under_each(
        |profile| profile.lists_and_actions,
        |profile| {
            let mut world = World::new(profile);
            let webhook = |n: usize| StoredWebhook::new(format!("{URL}/{n}"));
            let plain = world.simulator.insert(webhook(1));
            let other = webhook(2).with_verify_tls(false).with_key("k");
            let other = world.simulator.insert(other);
            for n in 3..=20 {
                world
                    .simulator
                    .insert(StoredWebhook::new(format!("https://many.example/{n}")));
            }
            let cli = world.workspace.cli.clone();
            let list = |config: Json, include, limit, generate| {
                cli.list("immuta_webhook", config, include, limit, generate)
                    .unwrap()
                    .value
            };
            assert_eq!(list(json!({}), true, None, false).len(), 20);
            assert_eq!(list(json!({}), false, Some(7), false).len(), 7);
            assert_eq!(
                list(json!({"suppressed": true}), false, None, false).len(),
                0
            );

            let generated = list(json!({"url_prefix": URL}), false, None, true);
            assert_eq!(generated.len(), 2);
            let minimal = |id: &str| {
                let found = generated
                    .iter()
                    .find(|l| l.identity == with_id(id))
                    .unwrap();
                let mut json = found.generated.as_ref().unwrap().to_test_json();
                json.as_object_mut().unwrap().retain(|_, v| !v.is_null());
                json
            };
            assert_eq!(minimal(&plain), json!({"url": format!("{URL}/1")}));
            let expected = json!({"url": format!("{URL}/2"), "verify_tls": false});
            assert_eq!(minimal(&other), expected);

            // What was generated imports without a change.
            let folder = &mut world.workspace;
            for (id, address) in [(&plain, "immuta_webhook.x"), (&other, "immuta_webhook.y")] {
                folder.set(address, minimal(id));
                folder.import(address, id).unwrap();
            }
            assert!(folder.plan().unwrap().is_noop());
        },
    );
}

fn of_unknown_configuration(world: &World, profile: Profile) -> Cli {
    Cli::new(world.processes.clone(), profile)
        .provider(json!({"endpoint": world.simulator.base_url(), "token": world.simulator.token()}))
        .provider_at_plan(json!({"endpoint": unknown(), "token": unknown()}))
}

#[test]
fn with_an_unknown_provider_block_what_needs_no_api_is_planned() {
    under_each(
        |_| true,
        |profile| {
            let world = World::new(profile.clone());
            let cli = of_unknown_configuration(&world, profile);
            let mut folder = Workspace::new(cli.clone());
            folder.set(A, json!({"url": URL}));
            folder.apply().unwrap();
            // The refresh keeps the state as it is.
            let plan = folder.plan().unwrap();
            assert!(plan.is_noop(), "{plan}");
            folder.destroy().unwrap();
            let failure = cli.data("immuta_webhooks", json!({})).unwrap_err();
            assert!(failure.violations.is_empty(), "{failure}");
            assert!(failure.to_string().contains("depends_on"), "{failure}");
            cli.data_in(Phase::Apply, "immuta_webhooks", json!({}))
                .unwrap();
        },
    );
}

#[test]
fn where_core_allows_it_an_unknown_provider_block_defers() {
    let profile = Profile::T1_15.allowing_deferral();
    let world = World::new(profile.clone());
    let cli = of_unknown_configuration(&world, profile);
    let mut folder = Workspace::new(cli.clone());
    folder.set(A, json!({"url": URL}));
    let plan = folder.plan().unwrap();
    assert_eq!(*plan.action(A), Action::Deferred);
    let read = cli.data("immuta_webhooks", json!({})).unwrap();
    assert!(read.value.is_none());
    let opened = cli
        .ephemeral(Phase::Plan, "immuta_webhook_test", json!({"url": URL}))
        .unwrap();
    assert_eq!(opened.value.deferred, Some(Reason::ProviderConfigUnknown));
    assert_eq!(world.simulator.requests().len(), 0);
}

/// Ctrl-C: core calls `StopProvider` and waits.
#[test]
fn stopped_among_many_each_is_in_state_or_not_begun() {
    stopped_among_many(|_, session| session.stop().ok().unwrap());
}

/// SIGTERM to the process group: core stops too, and saves what it is told.
#[test]
fn terminated_among_many_each_is_in_state_or_not_begun() {
    stopped_among_many(|process, _| process.signal(Signal::TERM).unwrap());
}

fn stopped_among_many(stop: fn(&Process, &Session)) {
    let mut world = World::new(Profile::T1_15);
    for i in 0..40 {
        let url = format!("{URL}/{i}");
        world
            .workspace
            .set(&format!("immuta_webhook.many[{i}]"), json!({"url": url}));
    }
    // The first return at once. The next hold up the rest until long after the stop: twice this
    // long goes by before the last ten are sent.
    let held = world.simulator.fault(Fault::always(
        On::from(Route::Create).nth(11),
        FaultKind::Latency(Duration::from_secs(2)),
    ));
    let simulator: &Simulator = &world.simulator;
    let processes = &world.processes;
    let report = world
        .workspace
        .apply_with(&PlanOptions::default(), |session| {
            assert!(simulator.wait_for(|s| s.count() >= 10 && s.struck(held) > 0));
            stop(&processes.last().unwrap(), session);
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

/// Whoever sends it twice does not want to wait.
#[test]
fn a_second_sigterm_ends_it_at_once() {
    let mut world = World::new(Profile::T1_15);
    world.workspace.set(A, json!({"url": URL}));
    let held = world
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::HangAfter));
    let simulator: &Simulator = &world.simulator;
    let processes = &world.processes;
    let report = world.workspace.apply_with(&PlanOptions::default(), |_| {
        assert!(simulator.wait_for(|s| s.struck(held) > 0));
        let process = processes.last().unwrap();
        process.signal(Signal::TERM).unwrap();
        assert!(process.wait_exit(Duration::from_millis(500)).is_none());
        process.signal(Signal::TERM).unwrap();
        assert!(process.wait_exit(Duration::from_secs(5)).is_some());
    });
    assert!(report.is_err());
}
