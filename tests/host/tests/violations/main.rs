//! Hand-made answers that break a rule: the harness must complain about each of them, and about
//! none that keeps the rules.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod scripted;

use prost::Message as _;
use serde_json::{Value as Json, json};
use tfplugin_host::session::{ApplyRequest, ImportBy, MoveSource, PlanRequest};
use tfplugin_host::state::State;
use tfplugin_host::value::{unknown, with_id};
use tfplugin_host::{Answer, Cli, Phase, Profile, Session, Value, Workspace, proto};

use scripted::{Scripted, dynamic, identity, named, object};

const A: &str = "immuta_webhook.a";
const T: &str = "immuta_webhook";

fn complaints<T>(answer: &Answer<T>) -> String {
    assert!(answer.status.is_none(), "{:?}", answer.status);
    let texts: Vec<_> = answer.violations.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

fn state(json: Json) -> State {
    State {
        value: object(&json),
        private: b"{}".to_vec(),
        identity: with_id("1"),
        version: 0,
        identity_version: 0,
        tainted: false,
        raw: None,
    }
}

fn plan_with(
    phase: Phase,
    prior: Json,
    config: Json,
    answer: proto::plan_resource_change::Response,
) -> String {
    let session = Scripted::answering("PlanResourceChange", &answer).session(Profile::T1_15, phase);
    let prior = object(&prior);
    let config = object(&config);
    let old = state(json!({}));
    let update = !prior.is_null();
    complaints(&session.plan(PlanRequest {
        address: A,
        type_name: T,
        prior: &prior,
        private: b"{}",
        planned_private: &[],
        identity: if update { &old.identity } else { &Value::Null },
        config: &config,
    }))
}

fn planned(json: Json) -> proto::plan_resource_change::Response {
    proto::plan_resource_change::Response {
        planned_state: dynamic(&json),
        ..Default::default()
    }
}

#[test]
fn plans() {
    let config = json!({"url": "u"});
    let good = json!({"url": "u", "id": unknown(), "verify_tls": true});
    let create = |answer| plan_with(Phase::Plan, Json::Null, config.clone(), answer);
    assert_eq!(create(planned(good.clone())), "");
    assert!(create(planned(json!({"url": "v"}))).contains("does not match config value"));
    assert!(create(planned(Json::Null)).contains("planned for absence"));
    assert!(
        create(planned(json!({"url": "u", "signing_key_wo": "s"}))).contains("during planning")
    );
    let raw = |msgpack: &[u8]| proto::plan_resource_change::Response {
        planned_state: Some(proto::DynamicValue {
            msgpack: msgpack.to_vec(),
            json: Vec::new(),
        }),
        ..Default::default()
    };
    assert!(create(raw(b"\x05")).contains("object"));
    assert!(create(raw(b"\x81\xa2id\xc0")).contains("attribute"));
    let legacy = proto::plan_resource_change::Response {
        legacy_type_system: true,
        ..planned(good.clone())
    };
    assert!(create(legacy).contains("Legacy type system"));
    let unknown_identity = proto::plan_resource_change::Response {
        planned_identity: identity(&unknown()),
        ..planned(good.clone())
    };
    assert!(create(unknown_identity).contains("unknown values"));
    let deferred = proto::plan_resource_change::Response {
        deferred: Some(proto::Deferred { reason: 2 }),
        ..planned(good.clone())
    };
    assert!(create(deferred.clone()).contains("did not allow deferrals"));
    let in_apply = plan_with(Phase::Apply, Json::Null, config.clone(), deferred);
    assert!(in_apply.contains("Deferred in apply"), "{in_apply}");

    let prior = json!({"url": "t", "id": "1", "verify_tls": true});
    let update = |answer| plan_with(Phase::Plan, prior.clone(), config.clone(), answer);
    let kept = proto::plan_resource_change::Response {
        planned_identity: identity(&json!("1")),
        ..planned(json!({"url": "u", "id": "1", "verify_tls": true}))
    };
    assert_eq!(update(kept.clone()), "");
    let nowhere = proto::plan_resource_change::Response {
        requires_replace: vec![named("nowhere")],
        ..kept.clone()
    };
    assert!(update(nowhere).contains("non-existent attribute path nowhere"));
    let forgotten = proto::plan_resource_change::Response {
        planned_identity: None,
        ..kept
    };
    assert!(update(forgotten).contains("does not keep its identity"));

    // A destroy plan is null.
    let session = Scripted::answering("PlanResourceChange", &planned(good))
        .session(Profile::T1_15, Phase::Plan);
    let prior = state(prior);
    let answer = session.plan(PlanRequest {
        address: A,
        type_name: T,
        prior: &prior.value,
        private: &prior.private,
        planned_private: &[],
        identity: &prior.identity,
        config: &Value::Null,
    });
    assert!(complaints(&answer).contains("non-null destroy value"));
}

fn apply_with(
    prior: Json,
    planned: Json,
    answer: proto::apply_resource_change::Response,
) -> String {
    let session =
        Scripted::answering("ApplyResourceChange", &answer).session(Profile::T1_15, Phase::Apply);
    let config = planned.clone();
    complaints(&session.apply(ApplyRequest {
        address: A,
        type_name: T,
        prior: &object(&prior),
        planned: &object(&planned),
        private: b"{}",
        identity: &Value::Null,
        prior_identity: &Value::Null,
        config: &object(&config),
    }))
}

#[test]
fn applies() {
    let plan = json!({"url": "u", "id": unknown()});
    let made = |json: Json| proto::apply_resource_change::Response {
        new_state: dynamic(&json),
        new_identity: identity(&json!("1")),
        ..Default::default()
    };
    let good = made(json!({"url": "u", "id": "1"}));
    let create = |answer| apply_with(Json::Null, plan.clone(), answer);
    assert_eq!(create(good.clone()), "");
    assert!(create(made(json!({"url": "v", "id": "1"}))).contains("unexpected new value"));
    assert!(
        create(made(json!({"url": "u", "id": unknown()}))).contains("still indicated an unknown")
    );
    assert!(create(made(Json::Null)).contains("was present, but now absent"));
    assert!(
        create(made(json!({"url": "u", "id": "1", "signing_key_wo": "s"}))).contains("after apply")
    );
    let nameless = proto::apply_resource_change::Response {
        new_identity: None,
        ..good.clone()
    };
    assert!(create(nameless).contains("Identity missing"));
    let legacy = proto::apply_resource_change::Response {
        legacy_type_system: true,
        ..good.clone()
    };
    assert!(create(legacy).contains("Legacy type system"));
    let absent = proto::apply_resource_change::Response::default();
    assert!(create(absent).contains("was present, but now absent"));
    let prior = json!({"url": "u", "id": "1"});
    assert!(apply_with(prior.clone(), Json::Null, good).contains("After applying a Delete plan"));
    assert_eq!(apply_with(prior, Json::Null, made(Json::Null)), "");
}

#[test]
fn diagnostics_out_of_form() {
    let answer = proto::validate_resource_config::Response {
        diagnostics: vec![proto::Diagnostic {
            severity: 1,
            summary: "Ends with a full stop.".to_owned(),
            detail: "There is one.".to_owned(),
            attribute: Some(named("nowhere")),
        }],
    };
    let session =
        Scripted::answering("ValidateResourceConfig", &answer).session(Profile::T1_15, Phase::Plan);
    let answer = session.validate_resource(T, &object(&json!({"url": "u"})));
    assert_eq!(answer.violations.len(), 2, "{}", complaints(&answer));
    assert!(answer.has_errors());
}

#[test]
fn reads_and_upgrades() {
    let before = state(json!({"url": "u", "id": "1"}));
    let read = |answer: &proto::read_resource::Response| {
        let session =
            Scripted::answering("ReadResource", answer).session(Profile::T1_15, Phase::Plan);
        complaints(&session.read(A, T, &before))
    };
    let good = proto::read_resource::Response {
        new_state: dynamic(&json!({"url": "u", "id": "1"})),
        private: b"{}".to_vec(),
        new_identity: identity(&json!("1")),
        ..Default::default()
    };
    assert_eq!(read(&good), "");
    let change = |f: &dyn Fn(&mut proto::read_resource::Response)| {
        let mut answer = good.clone();
        f(&mut answer);
        read(&answer)
    };
    assert!(change(&|a| a.private.clear()).contains("Private data dropped"));
    assert!(change(&|a| a.new_identity = None).contains("Identity missing"));
    assert!(change(&|a| a.new_identity = identity(&json!("2"))).contains("Identity changed"));
    assert!(
        change(&|a| a.new_state = dynamic(&json!({"url": unknown()}))).contains("unknown values")
    );
    assert!(
        change(&|a| a.new_state = dynamic(&json!({"url": "u", "signing_key_wo": "s"})))
            .contains("during refresh")
    );
    let deferred = change(&|a| a.deferred = Some(proto::Deferred { reason: 1 }));
    assert!(deferred.contains("did not allow deferrals"));

    let upgrade = |json: &Json| {
        let answer = proto::upgrade_resource_state::Response {
            upgraded_state: dynamic(json),
            diagnostics: Vec::new(),
        };
        let session = Scripted::answering("UpgradeResourceState", &answer)
            .session(Profile::T1_15, Phase::Plan);
        complaints(&session.upgrade(A, T, &before))
    };
    assert_eq!(upgrade(&json!({"url": "u"})), "");
    assert!(upgrade(&Json::Null).contains("nothing was returned"));
    assert!(upgrade(&json!({"url": unknown()})).contains("contains unknown values"));
    assert!(upgrade(&json!({"signing_key_wo": "s"})).contains("during upgrade"));
}

#[test]
fn imports_and_moves() {
    let object_of = |json: Json| proto::import_resource_state::ImportedResource {
        type_name: T.to_owned(),
        state: dynamic(&json),
        private: Vec::new(),
        identity: None,
    };
    let import = |objects: &[proto::import_resource_state::ImportedResource], by: &ImportBy| {
        let answer = proto::import_resource_state::Response {
            imported_resources: objects.to_vec(),
            ..Default::default()
        };
        let session = Scripted::answering("ImportResourceState", &answer)
            .session(Profile::T1_15, Phase::Plan);
        complaints(&session.import(A, T, by))
    };
    let good = object_of(json!({"id": "1"}));
    let id = ImportBy::Id("1".to_owned());
    assert_eq!(import(std::slice::from_ref(&good), &id), "");
    assert!(import(&[], &id).contains("Import returned no resources"));
    assert!(import(&[good.clone(), good.clone()], &id).contains("Multiple import states"));
    assert!(import(&[object_of(Json::Null)], &id).contains("null resource"));
    let by_identity = ImportBy::Identity(state(json!({})).identity);
    assert!(
        import(std::slice::from_ref(&good), &by_identity).contains("didn't return an identity")
    );
    let mut other = good;
    other.type_name = "other".to_owned();
    assert!(import(&[other], &id).contains("unknown resource type"));

    let moved = |json: &Json| {
        let answer = proto::move_resource_state::Response {
            target_state: dynamic(json),
            ..Default::default()
        };
        let session =
            Scripted::answering("MoveResourceState", &answer).session(Profile::T1_15, Phase::Plan);
        complaints(&session.move_state(A, T, &MoveSource::default()))
    };
    assert_eq!(moved(&json!({"id": "1"})), "");
    assert!(moved(&Json::Null).contains("null value"));
    assert!(moved(&json!({"id": unknown()})).contains("unknown values"));
}

#[test]
fn data_sources_and_ephemeral_resources() {
    let read = |json: &Json| {
        let answer = proto::read_data_source::Response {
            state: dynamic(json),
            ..Default::default()
        };
        let session =
            Scripted::answering("ReadDataSource", &answer).session(Profile::T1_15, Phase::Plan);
        complaints(&session.read_data(T, &object(&json!({"url": "u"}))))
    };
    assert_eq!(read(&json!({"url": "u", "id": "1"})), "");
    assert!(read(&Json::Null).contains("null value"));
    assert!(read(&json!({"url": "u", "id": unknown()})).contains("not wholly known"));
    assert!(read(&json!({"url": "v"})).contains("where \"u\" is configured"));

    let open = |json: &Json| {
        let answer = proto::open_ephemeral_resource::Response {
            result: dynamic(json),
            ..Default::default()
        };
        let session = Scripted::answering("OpenEphemeralResource", &answer)
            .session(Profile::T1_15, Phase::Plan);
        complaints(&session.open_ephemeral(T, &object(&json!({"url": "u"}))))
    };
    assert_eq!(open(&json!({"url": "u", "id": "1"})), "");
    assert!(open(&Json::Null).contains("null value"));
}

#[test]
fn lists() {
    let event = |id: Json, name: &str, object: Option<Json>| proto::list_resource::Event {
        identity: (!id.is_null()).then(|| identity(&id).unwrap()),
        display_name: name.to_owned(),
        resource_object: object.and_then(|o| dynamic(&o)),
        diagnostic: Vec::new(),
    };
    let list = |events: &[proto::list_resource::Event], include: bool, limit: i64| {
        let events = events.iter().map(|e| e.encode_to_vec()).collect();
        let session =
            Scripted::streaming("ListResource", events).session(Profile::T1_15, Phase::Plan);
        session.list(T, &object(&json!({})), include, limit)
    };
    let good = event(json!("1"), "one", None);
    assert_eq!(
        complaints(&list(std::slice::from_ref(&good), false, 100)),
        ""
    );
    let answer = list(&[good.clone(), good.clone(), good.clone()], false, 2);
    assert_eq!(answer.value.unwrap().len(), 2);
    let bad = |event, include, text| {
        let found = complaints(&list(&[event], include, 100));
        assert!(found.contains(text), "{found}");
    };
    bad(
        event(Json::Null, "one", None),
        false,
        "missing identity data",
    );
    bad(event(json!("1"), "", None), false, "empty display name");
    bad(event(json!("1"), "one", None), true, "resource object");
    bad(
        event(json!("1"), "one", Some(json!({"url": "u"}))),
        false,
        "resource object",
    );
    bad(event(unknown(), "one", None), false, "null or unknown");
    bad(
        event(json!("1"), "one", Some(json!({"url": unknown()}))),
        true,
        "unknown values",
    );
}

#[test]
fn generated_configuration() {
    let generate = |json: &Json| {
        let answer = proto::generate_resource_config::Response {
            config: dynamic(json),
            diagnostics: Vec::new(),
        };
        let session = Scripted::answering("GenerateResourceConfig", &answer)
            .session(Profile::T1_15, Phase::Plan);
        complaints(&session.generate_config(T, &object(&json!({"url": "u", "id": "1"}))))
    };
    assert_eq!(generate(&json!({"url": "u", "verify_tls": false})), "");
    assert!(generate(&json!({})).contains("url: null where a value is required"));
    assert!(generate(&json!({"url": "u", "id": "1"})).contains("id: a value where none"));
    assert!(generate(&json!({"url": "u", "signing_key": "k"})).contains("signing_key: a secret"));
    assert!(generate(&json!({"url": "u", "signing_key_wo": "k"})).contains("write-only"));
    assert!(generate(&json!({"url": unknown()})).contains("url: an unknown"));
}

#[test]
fn action_events() {
    use proto::invoke_action::event::{Completed, Progress, Type};
    let progress = Type::Progress(Progress {
        message: "on the way".to_owned(),
    });
    let completed = Type::Completed(Completed::default());
    let invoke = |events: &[Type]| {
        let event = |e: &Type| proto::invoke_action::Event {
            r#type: Some(e.clone()),
        };
        let events = events.iter().map(|e| event(e).encode_to_vec()).collect();
        let session =
            Scripted::streaming("InvokeAction", events).session(Profile::T1_15, Phase::Apply);
        session.invoke_action(T, &object(&json!({})))
    };
    let good = invoke(&[progress.clone(), completed.clone()]);
    assert_eq!(complaints(&good), "");
    assert_eq!(good.value.unwrap(), ["on the way"]);
    assert!(complaints(&invoke(std::slice::from_ref(&progress))).contains("without a completion"));
    assert!(complaints(&invoke(&[completed, progress])).contains("after the completion"));
}

#[test]
fn a_call_without_a_response_stops() {
    let answer = Scripted::default()
        .session(Profile::T1_15, Phase::Plan)
        .stop();
    assert!(answer.stops() && answer.status.unwrap().is_unimplemented());
}

/// A provider that every configuration is good enough for.
fn agreeable() -> Scripted {
    Scripted::default()
        .then(
            "ValidateResourceConfig",
            &proto::validate_resource_config::Response::default(),
        )
        .then(
            "ValidateProviderConfig",
            &proto::validate_provider_config::Response::default(),
        )
        .then(
            "ConfigureProvider",
            &proto::configure_provider::Response::default(),
        )
}

/// From Terraform 1.16 on the second plan gets what the first returned as its private data.
#[test]
fn the_private_data_of_a_plan_comes_back_in_the_next() {
    let plan = proto::plan_resource_change::Response {
        planned_private: b"kept".to_vec(),
        ..planned(json!({"url": "u", "id": unknown(), "verify_tls": true}))
    };
    for (profile, given_back) in [(Profile::T1_15, ""), (Profile::T1_16, "kept")] {
        let spawn = agreeable().then("PlanResourceChange", &plan).spawner();
        let mut workspace = Workspace::new(Cli::new(spawn.clone(), profile));
        workspace.set(A, json!({"url": "u"}));
        // The script has no answer to ApplyResourceChange.
        workspace.apply().unwrap_err();
        let requests = spawn.requests("PlanResourceChange");
        let sent = requests.iter().map(|request| {
            proto::plan_resource_change::Request::decode(&**request)
                .unwrap()
                .planned_private
        });
        assert_eq!(
            sent.collect::<Vec<_>>(),
            [Vec::new(), given_back.as_bytes().to_vec()]
        );
    }
}

/// The plan of apply contradicts the first one: nothing is applied.
#[test]
fn an_inconsistent_second_plan_stops_the_apply() {
    let first = planned(json!({"url": "u", "id": unknown(), "verify_tls": true}));
    let second = planned(json!({"url": "u", "id": unknown(), "verify_tls": false}));
    let provider = agreeable()
        .then("PlanResourceChange", &first)
        .then("PlanResourceChange", &second);
    let spawn = provider.spawner();
    let mut workspace = Workspace::new(Cli::new(spawn.clone(), Profile::T1_11));
    workspace.set(A, json!({"url": "u"}));
    let report = workspace.apply().unwrap_err();
    let text = report.to_string();
    assert!(
        text.contains("Provider produced inconsistent final plan"),
        "{text}"
    );
    assert!(
        text.contains(".verify_tls: was true, but now false"),
        "{text}"
    );
    assert!(workspace.states().is_empty());
    assert_eq!(spawn.calls("ApplyResourceChange"), 0);
}

#[test]
fn a_schema_that_core_refuses_is_reported() {
    let answer = proto::get_provider_schema::Response {
        resource_schemas: [(
            T.to_owned(),
            proto::Schema {
                version: 0,
                block: Some(proto::schema::Block {
                    attributes: vec![proto::schema::Attribute {
                        name: "neither".to_owned(),
                        r#type: b"\"string\"".to_vec(),
                        ..Default::default()
                    }],
                    ..Default::default()
                }),
            },
        )]
        .into(),
        ..Default::default()
    };
    let provider = Scripted::answering("GetProviderSchema", &answer);
    let answer = Session::ask_schemas(&provider, &Profile::T1_0);
    assert!(complaints(&answer).contains("must be required, optional or computed"));
}
