//! Identities, states of other times, and objects of other providers.

use std::collections::BTreeMap;

use immuta_simulator::StoredWebhook;
use serde_json::json;
use tfplugin_host::session::{ImportBy, MoveSource};
use tfplugin_host::state::State;
use tfplugin_host::workspace::Action;
use tfplugin_host::{Phase, Value};

use crate::world::{A, World, under_each, under_every_cli};

const URL: &str = "https://hooks.example.com/immuta";

fn identity(id: &str) -> Value {
    Value::Mapping(BTreeMap::from([("id".to_owned(), Value::string(id))]))
}

/// A state as somebody else left it in the file.
fn left(raw: serde_json::Value) -> State {
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
fn every_object_has_its_identity() {
    under_each(
        |profile| profile.identity,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL, "signing_key": "k"}));
            folder.apply().unwrap();
            let first = world.simulator.webhooks().remove(0).id;
            assert_eq!(folder.state(A).unwrap().identity, identity(&first));
            assert_eq!(folder.state(A).unwrap().identity_version, 0);
            // The new object of a replacement has its own.
            folder.set(A, json!({"url": URL}));
            folder.apply().unwrap();
            let second = world.simulator.webhooks().remove(0).id;
            assert_ne!(first, second);
            assert_eq!(folder.state(A).unwrap().identity, identity(&second));
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
            folder.import_block(A, ImportBy::Identity(identity(&id)));
            folder.apply().unwrap();
            assert_eq!(folder.attribute(A, "id"), Value::string(&id));
            assert_eq!(folder.state(A).unwrap().identity, identity(&id));
            assert!(folder.plan().unwrap().is_noop());
            folder.forget(A).import_block(
                A,
                ImportBy::Identity(identity("0d9cb2a8-0000-4000-8000-00000000dead")),
            );
            let report = folder.plan().unwrap_err();
            assert!(
                report
                    .to_string()
                    .contains("Cannot import non-existent remote object")
            );
        },
    );
}

#[test]
fn a_state_of_an_older_cli_gets_an_identity() {
    under_each(
        |profile| profile.identity,
        |profile| {
            let mut world = World::new(profile);
            let id = world.simulator.insert(StoredWebhook::new(URL));
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL}));
            folder.put_state(
                A,
                left(json!({
                    "id": id, "url": URL, "verify_tls": true, "signing_key": null,
                    "signing_key_set": false, "suppressed": false,
                })),
            );
            let plan = folder.plan().unwrap();
            assert!(plan.is_noop(), "{plan}");
            assert_eq!(plan.found(A).unwrap().identity, identity(&id));
            folder.refresh().unwrap();
            assert_eq!(folder.state(A).unwrap().identity, identity(&id));
        },
    );
}

#[test]
fn a_state_with_unknown_extra_attributes_is_upgraded() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let id = world.simulator.insert(StoredWebhook::new(URL));
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        let raw = json!({
            "id": id, "url": URL, "verify_tls": true, "colour": "red", "nested": {"a": [1, 2.5, null]},
        });
        folder.put_state(A, left(raw));
        assert!(folder.plan().unwrap().is_noop());
        folder.refresh().unwrap();
        assert_eq!(folder.attribute(A, "id"), Value::string(&id));
        folder.destroy().unwrap();
        assert_eq!(world.simulator.count(), 0);
    });
}

#[test]
fn a_state_that_cannot_be_read_is_an_error_not_a_loss() {
    under_every_cli(|profile| {
        let mut world = World::new(profile);
        let folder = &mut world.workspace;
        folder.set(A, json!({"url": URL}));
        folder.put_state(A, left(json!({"id": "x", "url": 5, "verify_tls": "maybe"})));
        let report = folder.plan().unwrap_err();
        assert_eq!(report.errors().len(), 1, "{report}");
        assert!(folder.state(A).is_some());
        assert_eq!(world.simulator.requests().len(), 0);
    });
}

/// An empty identity is upgraded to none, and the version stays 0 so that core does not ask.
#[test]
fn an_identity_is_upgraded_without_invention() {
    let world = World::new(tfplugin_host::Profile::T1_15);
    let session = world.workspace.cli.session(Phase::Plan).unwrap();
    let request = |json: &str| tfplugin_host::proto::upgrade_resource_identity::Request {
        type_name: "immuta_webhook".to_owned(),
        version: 0,
        raw_identity: Some(tfplugin_host::proto::RawState {
            json: json.as_bytes().to_vec(),
            flatmap: Default::default(),
        }),
    };
    let upgrade = |json: &str| {
        let answer: tfplugin_host::proto::upgrade_resource_identity::Response =
            tfplugin_host::wire::call(
                session.wire().as_ref(),
                "UpgradeResourceIdentity",
                &request(json),
            )
            .unwrap();
        assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
        let schema = session
            .resource("immuta_webhook")
            .identity
            .as_ref()
            .unwrap();
        let data = answer.upgraded_identity.and_then(|i| i.identity_data);
        tfplugin_host::schema::decode(data.as_ref(), &schema.ty).unwrap()
    };
    assert!(upgrade("").is_null());
    assert_eq!(upgrade(r#"{"id":"1"}"#), identity("1"));
    session.wire().end().unwrap();
}

#[test]
fn taken_over_from_the_generic_rest_providers() {
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
                let id = world
                    .simulator
                    .insert(StoredWebhook::new(URL).with_key("k"));
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
                assert_eq!(*state.value.attribute("id"), Value::string(&id));
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
fn anything_else_is_not_taken_over() {
    under_each(
        |profile| profile.moves,
        |profile| {
            let mut world = World::new(profile);
            let folder = &mut world.workspace;
            folder.set(A, json!({"url": URL}));
            for (type_name, state) in [
                ("null_resource", json!({"id": "1"})),
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
