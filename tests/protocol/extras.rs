//! Data sources, ephemeral resources, actions, lists and functions, as the CLIs that have them call
//! them.

use immuta_simulator::{Receiver, Route, StoredWebhook};
use serde_json::{Value as Json, json};
use tfplugin_host::proto::deferred::Reason;
use tfplugin_host::session::Called;
use tfplugin_host::value::unknown;
use tfplugin_host::workspace::Action;
use tfplugin_host::{Cli, Phase, Profile, Value, Workspace};

use crate::world::{A, World, under_each, under_each_kind};

const URL: &str = "https://hooks.example.com/immuta";

/// One CLI of each kind, where the provider's part does not differ.
fn newest() -> [Profile; 2] {
    [Profile::T1_15, Profile::O1_12]
}

fn text(value: &Value, name: &str) -> String {
    value
        .attribute(name)
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_test_delivery_is_read_as_data() {
    under_each_kind(|profile| {
        let world = World::new(profile);
        let receiver = Receiver::start_http();
        let cli = &world.workspace.cli;
        let id = world
            .simulator
            .insert(StoredWebhook::new(receiver.url()).with_key("k"));
        let by_id = cli
            .data("immuta_webhook_test", json!({"webhook_id": id}))
            .unwrap();
        let result = by_id.value.unwrap();
        assert_eq!(text(&result, "status"), "SUCCESS");
        assert_eq!(result.attribute("success").as_bool(), Some(true));
        assert_eq!(result.attribute("http_status_code").as_i64(), Some(200));
        assert!(receiver.wait_for(1));
        assert!(receiver.deliveries()[0].is_signed_with("k"));

        // A failed delivery is a result, not an error.
        receiver.answer_with(500);
        let config = json!({"url": receiver.url(), "signing_key": "other"});
        let by_url = cli.data("immuta_webhook_test", config).unwrap();
        let result = by_url.value.unwrap();
        assert_eq!(text(&result, "status"), "FAILED");
        assert_eq!(result.attribute("success").as_bool(), Some(false));

        for (config, attribute) in [
            (json!({}), None),
            (json!({"webhook_id": id, "url": URL}), Some("url")),
            (
                json!({"webhook_id": id, "verify_tls": true}),
                Some("verify_tls"),
            ),
            (
                json!({"webhook_id": id, "signing_key": "k"}),
                Some("signing_key"),
            ),
        ] {
            let failure = cli.data("immuta_webhook_test", config.clone()).unwrap_err();
            assert!(failure.violations.is_empty(), "{config}: {failure}");
            let errors: Vec<_> = failure.errors().collect();
            assert_eq!(errors.len(), 1, "{config}: {failure}");
            assert_eq!(
                errors[0].attribute.as_deref(),
                attribute,
                "{config}: {failure}"
            );
        }
    });
}

#[test]
fn webhooks_are_read_as_data() {
    for profile in newest() {
        let world = World::new(profile);
        let cli = &world.workspace.cli;
        let a = world
            .simulator
            .insert(StoredWebhook::new(format!("{URL}/a")).with_key("k"));
        let b = world
            .simulator
            .insert(StoredWebhook::new(format!("{URL}/b")).with_suppressed(true));
        world
            .simulator
            .insert(StoredWebhook::new("https://other.example/"));

        let one = cli
            .data("immuta_webhook", json!({"id": a}))
            .unwrap()
            .value
            .unwrap();
        assert_eq!(text(&one, "url"), format!("{URL}/a"));
        assert_eq!(one.attribute("signing_key_set").as_bool(), Some(true));
        let one = cli
            .data("immuta_webhook", json!({"url": format!("{URL}/b")}))
            .unwrap();
        assert_eq!(text(&one.value.unwrap(), "id"), b);
        for nowhere in [
            json!({"url": "https://nowhere.example/"}),
            json!({"id": "nothing"}),
        ] {
            let failure = cli.data("immuta_webhook", nowhere).unwrap_err();
            assert!(failure.violations.is_empty(), "{failure}");
            assert_eq!(failure.errors().count(), 1, "{failure}");
        }
        world
            .simulator
            .insert(StoredWebhook::new(format!("{URL}/b")));
        let failure = cli
            .data("immuta_webhook", json!({"url": format!("{URL}/b")}))
            .unwrap_err();
        assert!(failure.to_string().contains(&b), "{failure}");

        let count = |config: Json| {
            let all = cli.data("immuta_webhooks", config).unwrap().value.unwrap();
            all.attribute("webhooks").as_slice().unwrap().len()
        };
        assert_eq!(count(json!({})), 4);
        assert_eq!(count(json!({"url_prefix": URL})), 3);
        assert_eq!(count(json!({"url_prefix": URL, "suppressed": true})), 1);
        assert_eq!(count(json!({"url_prefix": "https://nowhere"})), 0);
    }
}

#[test]
fn deliveries_and_the_user_are_read_as_data() {
    for profile in newest() {
        let world = World::new(profile);
        let cli = &world.workspace.cli;
        let id = world.simulator.insert(StoredWebhook::new(URL));
        let none = cli
            .data("immuta_webhook_deliveries", json!({"webhook_id": id}))
            .unwrap();
        assert_eq!(
            none.value.unwrap().attribute("deliveries").as_slice(),
            Some(&[][..])
        );
        let user = cli
            .data("immuta_current_user", json!({}))
            .unwrap()
            .value
            .unwrap();
        assert!(!text(&user, "username").is_empty());
        assert!(user.attribute("permissions").as_slice().is_some());
        let failure = cli
            .data(
                "immuta_webhook_deliveries",
                json!({"webhook_id": id, "limit": 0}),
            )
            .unwrap_err();
        assert!(failure.violations.is_empty(), "{failure}");
    }
}

#[test]
fn an_ephemeral_test_delivery() {
    under_each(
        |profile| profile.ephemeral.is_some(),
        |profile| {
            let world = World::new(profile);
            let receiver = Receiver::start_http();
            let cli = &world.workspace.cli;
            for phase in [Phase::Plan, Phase::Apply] {
                let config = json!({"url": receiver.url(), "signing_key": "s3cret"});
                let opened = cli
                    .ephemeral(phase, "immuta_webhook_test", config, 0, |_| {})
                    .unwrap()
                    .value;
                assert_eq!(text(&opened.value, "status"), "SUCCESS");
                assert!(opened.renew_at.is_none());
            }
            assert!(receiver.wait_for(2));
            assert!(
                receiver
                    .deliveries()
                    .iter()
                    .all(|d| d.is_signed_with("s3cret"))
            );
            receiver.answer_with(500);
            let config = json!({"url": receiver.url()});
            let opened = cli
                .ephemeral(Phase::Plan, "immuta_webhook_test", config, 0, |_| {})
                .unwrap();
            assert_eq!(text(&opened.value.value, "status"), "FAILED");
            assert!(!world.log().contains("s3cret"));
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
            let id = world.simulator.insert(StoredWebhook::new(receiver.url()));
            let told = cli
                .invoke("immuta_webhook_test", json!({"webhook_id": id}))
                .unwrap();
            assert!(!told.value.is_empty());
            assert!(receiver.wait_for(1));
            let config = json!({"url": receiver.url(), "signing_key": "s3cret"});
            cli.invoke("immuta_webhook_test", config.clone()).unwrap();
            assert!(receiver.deliveries()[1].is_signed_with("s3cret"));

            receiver.answer_with(503);
            let failure = cli
                .invoke("immuta_webhook_test", config.clone())
                .unwrap_err();
            assert_eq!(failure.rpc, "InvokeAction");
            assert!(failure.violations.is_empty(), "{failure}");
            assert!(failure.to_string().contains("503"), "{failure}");
            let mut allowed = config;
            allowed["allow_failure"] = json!(true);
            let told = cli.invoke("immuta_webhook_test", allowed).unwrap();
            assert_eq!(told.warnings.len(), 1, "{told:?}");

            let failure = cli.invoke("immuta_webhook_test", json!({})).unwrap_err();
            assert_eq!(failure.rpc, "ValidateActionConfig");
            assert!(failure.violations.is_empty(), "{failure}");
            assert!(!world.log().contains("s3cret"));
        },
    );
}

#[test]
fn an_action_is_planned_with_unknowns() {
    let world = World::new(Profile::T1_15);
    let session = world.workspace.cli.configured(Phase::Plan).unwrap();
    let block = &session.schemas().actions["immuta_webhook_test"];
    for config in [
        json!({"webhook_id": unknown()}),
        json!({"url": unknown(), "signing_key": unknown(), "verify_tls": unknown()}),
    ] {
        let config = block.object(&config).unwrap();
        session
            .validate_action("immuta_webhook_test", &config)
            .ok()
            .unwrap();
        session
            .plan_action("immuta_webhook_test", &config)
            .ok()
            .unwrap();
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
            let plain = world
                .simulator
                .insert(StoredWebhook::new(format!("{URL}/1")));
            let other = world.simulator.insert(
                StoredWebhook::new(format!("{URL}/2"))
                    .with_verify_tls(false)
                    .with_key("k"),
            );
            for i in 3..=20 {
                world
                    .simulator
                    .insert(StoredWebhook::new(format!("https://many.example/{i}")));
            }
            let cli = world.workspace.cli.clone();
            let list = |config: Json, include, limit| {
                cli.list("immuta_webhook", config, include, limit, false)
                    .unwrap()
                    .value
            };
            assert_eq!(list(json!({}), false, None).len(), 20);
            assert_eq!(list(json!({}), false, Some(7)).len(), 7);
            assert_eq!(list(json!({"url_prefix": URL}), false, None).len(), 2);
            assert_eq!(list(json!({"suppressed": true}), false, None).len(), 0);
            let names: std::collections::BTreeSet<_> = list(json!({}), true, None)
                .into_iter()
                .map(|l| l.display_name)
                .collect();
            assert_eq!(names.len(), 20);

            let prefixed = json!({"url_prefix": URL});
            let generated = cli
                .list("immuta_webhook", prefixed, false, None, true)
                .unwrap()
                .value;
            let minimal = |id: &str| {
                let found = generated
                    .iter()
                    .find(|l| text(&l.identity, "id") == id)
                    .unwrap();
                let config = found.generated.clone().unwrap();
                let mut json = config.to_json();
                json.as_object_mut().unwrap().retain(|_, v| !v.is_null());
                json
            };
            assert_eq!(minimal(&plain), json!({"url": format!("{URL}/1")}));
            assert_eq!(
                minimal(&other),
                json!({"url": format!("{URL}/2"), "verify_tls": false})
            );

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

#[test]
fn a_list_that_fails_says_so() {
    let world = World::new(Profile::T1_15);
    world.simulator.behave(|b| b.absent = vec![Route::List]);
    let failure = world
        .workspace
        .cli
        .list("immuta_webhook", json!({}), false, None, false)
        .unwrap_err();
    assert!(failure.violations.is_empty(), "{failure}");
    assert_eq!(failure.errors().count(), 1, "{failure}");
}

#[test]
fn functions_are_called_in_an_unconfigured_process() {
    under_each(
        |profile| profile.functions,
        |profile| {
            let world = World::new(profile);
            let cli = &world.workspace.cli;
            let call = |name: &str, arguments: &[&str]| {
                let arguments = arguments.iter().map(|a| Value::string(*a)).collect();
                cli.call(name, arguments).unwrap()
            };
            assert_eq!(
                call("endpoint", &["na"]),
                Called::Result(Value::string("https://na.api.immutacloud.com/marketplace"))
            );
            assert_eq!(
                call("signature", &["what do ya want for nothing?", "Jefe"]),
                Called::Result(Value::string(
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
                ))
            );
            for (name, arguments, at) in [
                ("endpoint", &["mars"][..], 0),
                ("signature", &["body", ""], 1),
            ] {
                match call(name, arguments) {
                    Called::Error { text, argument } => {
                        assert_eq!(argument, Some(at), "{text}");
                        // Core puts a sentence before it and a full stop after it.
                        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
                    }
                    Called::Result(value) => panic!("{name}: {value:?}"),
                }
            }
            assert_eq!(world.simulator.requests().len(), 0);
        },
    );
}

fn of_unknown_configuration(world: &World, profile: Profile) -> Cli {
    Cli::new(world.processes.clone(), profile)
        .provider(json!({"endpoint": world.simulator.base_url(), "token": world.simulator.token()}))
        .provider_at_plan(json!({"endpoint": unknown(), "token": unknown()}))
}

#[test]
fn with_an_unknown_provider_block_data_cannot_be_read_yet() {
    under_each_kind(|profile| {
        let world = World::new(profile.clone());
        let cli = of_unknown_configuration(&world, profile);
        let failure = cli.data("immuta_webhooks", json!({})).unwrap_err();
        assert!(failure.violations.is_empty(), "{failure}");
        assert!(failure.to_string().contains("depends_on"), "{failure}");
        cli.data_in(Phase::Apply, "immuta_webhooks", json!({}))
            .unwrap();
    });
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
    assert!(
        cli.data("immuta_webhooks", json!({}))
            .unwrap()
            .value
            .is_none()
    );
    let opened = cli
        .ephemeral(
            Phase::Plan,
            "immuta_webhook_test",
            json!({"url": URL}),
            0,
            |_| {},
        )
        .unwrap();
    assert_eq!(opened.value.deferred, Some(Reason::ProviderConfigUnknown));
    assert_eq!(world.simulator.requests().len(), 0);
}

/// Every ordinary apply of a newer CLI says `deferral_allowed`. It is not meant.
#[test]
fn nothing_is_deferred_in_apply() {
    let mut world = World::new(Profile::T1_15);
    world.workspace.set(A, json!({"url": URL}));
    world.workspace.apply().unwrap();
    world
        .workspace
        .cli
        .data_in(Phase::Apply, "immuta_webhooks", json!({}))
        .unwrap();
}
