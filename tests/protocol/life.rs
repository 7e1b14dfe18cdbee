//! The whole life of a webhook, under every recorded CLI.

use immuta_simulator::{Route, StoredWebhook};
use serde_json::json;
use tfplugin_host::session::ImportBy;
use tfplugin_host::workspace::{Action, PlanOptions};
use tfplugin_host::{Profile, Value};

use crate::world::{A, World, under_each, under_every_cli};

const URL: &str = "https://hooks.example.com/immuta";

#[test]
fn from_create_to_destroy() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;

        folder.set(A, json!({"url": URL}));
        folder.validate().unwrap();
        let plan = folder.plan().unwrap();
        assert_eq!(*plan.action(A), Action::Create);
        assert!(plan.warnings().is_empty(), "{plan}");
        assert_eq!(world.simulator.count(), 0);
        folder.apply().unwrap();
        let made = world.simulator.webhooks().remove(0);
        assert_eq!((made.url.as_str(), made.verify_tls), (URL, true));
        assert_eq!(folder.attribute(A, "id"), Value::string(&made.id));
        assert_eq!(folder.attribute(A, "verify_tls"), Value::Bool(true));
        assert_eq!(folder.attribute(A, "signing_key_set"), Value::Bool(false));
        assert_eq!(folder.attribute(A, "suppressed"), Value::Bool(false));
        assert!(folder.plan().unwrap().is_noop());

        // In place, and nothing that is known becomes "(known after apply)".
        folder.set(A, json!({"url": URL, "verify_tls": false}));
        let plan = folder.plan().unwrap();
        assert_eq!(*plan.action(A), Action::Update);
        assert!(plan.changes[A].planned.is_wholly_known(), "{plan}");
        folder.apply().unwrap();
        assert!(!world.simulator.webhook(&made.id).unwrap().verify_tls);
        assert!(folder.plan().unwrap().is_noop());

        folder.set(A, json!({"url": format!("{URL}/2"), "verify_tls": false}));
        folder.apply().unwrap();
        assert_eq!(
            world.simulator.webhook(&made.id).unwrap().url,
            format!("{URL}/2")
        );

        // A key is set and changed in place, and its removal replaces.
        for key in ["one", "two"] {
            folder.set(A, json!({"url": URL, "signing_key": key}));
            assert_eq!(*folder.plan().unwrap().action(A), Action::Update);
            folder.apply().unwrap();
            let key = Some(key.to_owned());
            assert_eq!(world.simulator.webhook(&made.id).unwrap().signing_key, key);
            assert_eq!(folder.attribute(A, "signing_key_set"), Value::Bool(true));
            assert!(folder.plan().unwrap().is_noop());
        }
        folder.set(A, json!({"url": URL}));
        let plan = folder.plan().unwrap();
        assert_eq!(
            *plan.action(A),
            Action::Replace(vec!["signing_key".to_owned()])
        );
        folder.apply().unwrap();
        let new = world.simulator.webhooks();
        assert_eq!(new.len(), 1);
        assert_ne!(new[0].id, made.id);
        assert_eq!(new[0].signing_key, None);
        assert!(folder.plan().unwrap().is_noop());

        folder.destroy().unwrap();
        assert_eq!(world.simulator.count(), 0);
        assert!(folder.states().is_empty());
        folder.destroy().unwrap();
    });
}

#[test]
fn replacements_asked_for_tainted_and_created_first() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        let ids = || {
            world
                .simulator
                .webhooks()
                .into_iter()
                .map(|w| w.id)
                .collect::<Vec<_>>()
        };
        let first = ids();

        let replace = PlanOptions {
            replace: [A.to_owned()].into(),
            ..PlanOptions::default()
        };
        folder.apply_with(&replace, |_| {}).unwrap();
        let second = ids();
        assert_eq!(second.len(), 1);
        assert_ne!(second, first);

        folder.taint(A).apply().unwrap();
        let third = ids();
        assert_eq!(third.len(), 1);
        assert_ne!(third, second);

        folder.create_before_destroy(A);
        folder.apply_with(&replace, |_| {}).unwrap();
        let fourth = ids();
        assert_eq!(fourth.len(), 1);
        assert_ne!(fourth, third);
        assert_eq!(folder.attribute(A, "id"), Value::string(&fourth[0]));
        assert!(folder.plan().unwrap().is_noop());
    });
}

#[test]
fn drift_of_every_attribute_is_seen_and_repaired() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL, "signing_key": "k"}));
        folder.apply().unwrap();
        let id = world.simulator.webhooks().remove(0).id;

        world
            .simulator
            .edit(&id, |w| w.url = "https://else.example/".into());
        assert_eq!(*folder.plan().unwrap().action(A), Action::Update);
        folder.apply().unwrap();
        assert_eq!(world.simulator.webhook(&id).unwrap().url, URL);

        world.simulator.edit(&id, |w| w.verify_tls = false);
        assert_eq!(*folder.plan().unwrap().action(A), Action::Update);
        folder.apply().unwrap();
        assert!(world.simulator.webhook(&id).unwrap().verify_tls);

        world.simulator.edit(&id, |w| w.signing_key = None);
        let plan = folder.plan().unwrap();
        assert_eq!(*plan.action(A), Action::Update);
        assert!(
            plan.found(A)
                .unwrap()
                .value
                .attribute("signing_key")
                .is_null()
        );
        folder.apply().unwrap();
        assert_eq!(
            world.simulator.webhook(&id).unwrap().signing_key.as_deref(),
            Some("k")
        );

        // What no request can set is shown, and never planned.
        world.simulator.edit(&id, |w| w.suppressed = true);
        let plan = folder.plan().unwrap();
        assert!(plan.is_noop());
        assert_eq!(
            *plan.found(A).unwrap().value.attribute("suppressed"),
            Value::Bool(true)
        );
        folder.refresh().unwrap();
        assert_eq!(folder.attribute(A, "suppressed"), Value::Bool(true));
        assert!(folder.plan().unwrap().is_noop());
    });
}

#[test]
fn a_webhook_deleted_outside_is_created_anew() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        let id = world.simulator.webhooks().remove(0).id;
        world.simulator.remove(&id);
        assert_eq!(*folder.plan().unwrap().action(A), Action::Create);
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
        // Gone before it is deleted is gone.
        let id = world.simulator.webhooks().remove(0).id;
        world.simulator.remove(&id);
        folder.destroy_unread().unwrap();
        assert!(folder.states().is_empty());
    });
}

#[test]
fn a_spelling_that_means_the_same_is_no_change() {
    let mut world = World::new(Profile::T1_11);
    let folder = &mut world.workspace;
    folder.set(A, json!({"url": "https://hooks.example.com"}));
    folder.apply().unwrap();
    let id = world.simulator.webhooks().remove(0).id;
    for spelling in [
        "https://hooks.example.com/",
        "HTTPS://hooks.example.com",
        "https://HOOKS.example.com:443",
    ] {
        world.simulator.edit(&id, |w| w.url = spelling.into());
        let plan = folder.plan().unwrap();
        assert!(plan.is_noop(), "{spelling}: {plan}");
    }
}

#[test]
fn a_url_respelt_by_the_api_keeps_the_users_spelling() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        world.simulator.behave(|b| b.respell_url = true);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        let applied = folder.apply().unwrap();
        assert_eq!(applied.warnings().len(), 1, "{applied}");
        assert_eq!(folder.attribute(A, "url"), Value::string(URL));
        for _ in 0..2 {
            let plan = folder.plan().unwrap();
            assert!(plan.is_noop() && plan.warnings().is_empty(), "{plan}");
            folder.refresh().unwrap();
        }
        assert_eq!(folder.attribute(A, "url"), Value::string(URL));
    });
}

#[test]
fn imported_by_command() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let id = world
            .simulator
            .insert(StoredWebhook::new(URL).with_verify_tls(false).with_key("k"));
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL, "verify_tls": false}));
        folder.import(A, &id).unwrap();
        assert_eq!(folder.attribute(A, "url"), Value::string(URL));
        assert_eq!(folder.attribute(A, "verify_tls"), Value::Bool(false));
        assert_eq!(folder.attribute(A, "signing_key_set"), Value::Bool(true));
        assert!(folder.attribute(A, "signing_key").is_null());
        // The key that Terraform never managed is left alone.
        assert!(folder.plan().unwrap().is_noop());
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        assert_eq!(
            world.simulator.webhook(&id).unwrap().signing_key.as_deref(),
            Some("k")
        );
        folder.forget(A);

        let report = folder
            .import(A, "0d9cb2a8-0000-4000-8000-00000000dead")
            .unwrap_err();
        assert!(
            report
                .to_string()
                .contains("Cannot import non-existent remote object")
        );
        for wrong in ["", " ", "a/b", "https://hooks.example.com"] {
            let report = folder.import(A, wrong).unwrap_err();
            assert_eq!(report.errors().len(), 1, "{wrong}: {report}");
            assert!(report.violations().is_empty(), "{wrong}: {report}");
        }
        assert!(folder.state(A).is_none());
    });
}

#[test]
fn imported_by_block_and_changed_in_one_apply() {
    under_each(
        |profile| profile.import_blocks,
        |profile| {
            let mut world = World::new(profile);
            let id = world.simulator.insert(StoredWebhook::new(URL));
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL, "verify_tls": false}));
            folder.import_block(A, ImportBy::Id(id.clone()));
            assert_eq!(*folder.plan().unwrap().action(A), Action::Update);
            folder.apply().unwrap();
            assert_eq!(folder.attribute(A, "id"), Value::string(&id));
            assert!(!world.simulator.webhook(&id).unwrap().verify_tls);
            assert!(folder.plan().unwrap().is_noop());
        },
    );
}

#[test]
fn values_known_only_in_apply() {
    under_every_cli(|profile| {
        let mut world = World::new(profile.clone());
        let folder = &mut world.workspace;
        let mut unknowns = vec![tfplugin_host::value::unknown()];
        if profile.refined_unknowns {
            unknowns.push(tfplugin_host::value::unknown_prefix("https://hooks."));
        }
        for unknown in unknowns {
            folder.set_unknown_at_plan(
                A,
                json!({"url": unknown, "signing_key": tfplugin_host::value::unknown()}),
                json!({"url": URL, "signing_key": "k"}),
            );
            folder.apply().unwrap();
            assert_eq!(folder.attribute(A, "url"), Value::string(URL));
            assert!(folder.plan().is_ok());
            folder.set(A, json!({"url": URL, "signing_key": "k"}));
            assert!(folder.plan().unwrap().is_noop());
            folder.destroy().unwrap();
        }
        // A key that turns out to be null.
        folder.set_unknown_at_plan(
            A,
            json!({"url": URL, "signing_key": tfplugin_host::value::unknown()}),
            json!({"url": URL}),
        );
        folder.apply().unwrap();
        assert_eq!(folder.attribute(A, "signing_key_set"), Value::Bool(false));
    });
}

#[test]
fn bad_configuration_is_an_error_on_its_attribute() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;
        for (config, attribute) in [
            (json!({"url": "hooks.example.com"}), "url"),
            (json!({"url": "ftp://hooks.example.com"}), "url"),
            (json!({"url": "https://"}), "url"),
            (json!({"url": "https://a b.example"}), "url"),
            (json!({"url": "https://a.example:99999"}), "url"),
            (json!({"url": "https://a.example/#part"}), "url"),
            (json!({"url": ""}), "url"),
            (json!({"url": URL, "signing_key": ""}), "signing_key"),
        ] {
            folder.set(A, config.clone());
            let report = folder.validate().unwrap_err();
            assert!(report.violations().is_empty(), "{report}");
            let errors = report.errors();
            assert_eq!(errors.len(), 1, "{config}: {report}");
            assert_eq!(errors[0].attribute.as_deref(), Some(attribute), "{report}");
        }
        assert_eq!(world.simulator.requests().len(), 0);
    });
}

#[test]
fn the_provider_block_is_checked() {
    let profile = Profile::T1_11;
    let block = |provider: serde_json::Value| {
        let mut world = World::with(
            profile.clone(),
            immuta_simulator::Simulator::start(),
            provider,
        );
        world.workspace.set(A, json!({"url": URL}));
        world
    };
    for (provider, attribute) in [
        (json!({"segment": "na"}), None),
        (json!({"segment": "xx", "endpoint": null}), Some("segment")),
        (
            json!({"endpoint": "http://immuta.example"}),
            Some("endpoint"),
        ),
        (json!({"endpoint": "no url"}), Some("endpoint")),
        (json!({"request_timeout": "soon"}), Some("request_timeout")),
        (json!({"request_timeout": "0s"}), Some("request_timeout")),
        (json!({"ca_cert_pem": "no pem"}), Some("ca_cert_pem")),
        (
            json!({"max_concurrent_requests": 0}),
            Some("max_concurrent_requests"),
        ),
        (
            json!({"retry": {"max_attempts": 0}}),
            Some("retry.max_attempts"),
        ),
        (
            json!({"retry": {"min_backoff": "10s", "max_backoff": "1s"}}),
            None,
        ),
    ] {
        let world = block(provider.clone());
        let report = world.workspace.validate().unwrap_err();
        assert!(report.violations().is_empty(), "{provider}: {report}");
        let errors = report.errors();
        assert_eq!(errors.len(), 1, "{provider}: {report}");
        if let Some(attribute) = attribute {
            assert_eq!(errors[0].attribute.as_deref(), Some(attribute), "{report}");
        }
    }
    // What is missing is an error only when it is needed.
    let world = block(json!({"token": null}));
    world.workspace.validate().unwrap();
    let report = world.workspace.plan().unwrap_err();
    assert!(report.violations().is_empty(), "{report}");
    assert_eq!(
        report.errors()[0].attribute.as_deref(),
        Some("token"),
        "{report}"
    );
    assert!(report.to_string().contains("IMMUTA_TOKEN"), "{report}");
}

#[test]
fn an_unknown_provider_block_still_plans() {
    under_every_cli(|profile| {
        let world = World::new(profile.clone());
        let known =
            json!({"endpoint": world.simulator.base_url(), "token": world.simulator.token()});
        let unknown = json!({
            "endpoint": tfplugin_host::value::unknown(),
            "token": tfplugin_host::value::unknown(),
        });
        let cli = tfplugin_host::Cli::new(world.processes.clone(), profile)
            .provider(known)
            .provider_at_plan(unknown);
        let mut folder = tfplugin_host::Workspace::new(cli);
        folder.set(A, json!({"url": URL}));
        folder.apply().unwrap();
        assert_eq!(world.simulator.count(), 1);
        // The refresh keeps the state as it is.
        let plan = folder.plan().unwrap();
        assert!(plan.is_noop(), "{plan}");
        folder.destroy().unwrap();
        assert_eq!(world.simulator.count(), 0);
    });
}

#[test]
fn a_refresh_of_many_costs_one_list() {
    let mut world = World::new(Profile::T1_15);
    let folder = &mut world.workspace;
    for i in 0..25 {
        folder.set(
            &format!("immuta_webhook.many[{i}]"),
            json!({"url": format!("{URL}/{i}")}),
        );
    }
    folder.apply().unwrap();
    assert_eq!(world.simulator.count(), 25);
    world.simulator.clear_requests();
    assert!(folder.plan().unwrap().is_noop());
    let requests = world.simulator.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].route, Route::List);
    folder.destroy().unwrap();
    assert_eq!(world.simulator.count(), 0);
}
