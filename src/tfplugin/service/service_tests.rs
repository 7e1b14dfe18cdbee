//! The service with handlers that misbehave: what core is given is right all the same.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tokio_stream::StreamExt;
use tonic::Request;

use super::Service;
use crate::tfplugin::{
    Attribute, Capabilities, ConfigureResult, Configured, DataSource, Diagnostic, HandlerResult,
    Handlers, IdentityAttribute, IdentitySchema, ImportId, ListResource, ListResult, ListResults,
    MaybeConfigured, Provider, ProviderMetadata, Resource, Schema, StateOf,
    outcome::{Create, DeferredReason, Delete, Outcome, Plan, Read, ResourceState, Update},
    proto::{self, provider_server::Provider as _, *},
    value::{Attr, Object, ObjectType, Type, Value},
};

#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
struct Model {
    id: Attr<String>,
    name: Attr<String>,
    size: Attr<i64>,
    secret: Attr<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Identity {
    id: Attr<String>,
}

/// What the handlers return next.
#[derive(Default)]
struct Script {
    plan: Option<Outcome<Plan<Model>>>,
    create: Option<Create<ResourceState<Model, u8>>>,
    read: Option<Read<ResourceState<Model, u8>>>,
    update: Option<Update<ResourceState<Model, u8>>>,
    delete: Option<Delete>,
    seen_config: Option<Model>,
    seen_private: Option<u8>,
    seen_planned_private: Option<u8>,
}

type Shared = Arc<Mutex<Script>>;

struct Thing(Shared);

impl Thing {
    fn take<T>(&self, part: impl FnOnce(&mut Script) -> Option<T>) -> T {
        let taken = part(&mut self.0.lock().unwrap());
        taken.expect("the script has no outcome for this call")
    }
}

impl Resource for Thing {
    type Client = ();
    type Model = Model;
    type Private = u8;
    type Identity = Identity;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema::new("A thing.")
            .attribute(Attribute::string("id").computed().description("Its id."))
            .attribute(
                Attribute::string("name")
                    .required()
                    .description("Its name."),
            )
            .attribute(
                Attribute::number("size")
                    .optional()
                    .computed()
                    .default_value(Value::from(7))
                    .description("Its size."),
            )
            .attribute(
                Attribute::string("secret")
                    .optional()
                    .write_only()
                    .description("Its secret."),
            )
    }

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema {
            version: 0,
            attributes: vec![IdentityAttribute {
                name: "id",
                value_type: Type::String,
                required_for_import: true,
                description: "Its id.",
            }],
        }
    }

    fn identity(&self, model: &Model) -> Option<Identity> {
        let id = model.id.as_known()?.clone();
        assert_ne!(id, "no identity", "s3cret");
        Some(Identity {
            id: Attr::Known(id),
        })
    }

    fn validate(&self, _: &Model, _: Capabilities) -> Vec<Diagnostic> {
        Vec::new()
    }

    async fn plan(
        &self,
        _: &MaybeConfigured<()>,
        config: Model,
        prior: Option<StateOf<Self>>,
        planned_private: Option<u8>,
    ) -> Outcome<Plan<StateOf<Self>>> {
        self.0.lock().unwrap().seen_config = Some(config);
        self.0.lock().unwrap().seen_private = prior.map(|prior| prior.private);
        self.0.lock().unwrap().seen_planned_private = planned_private;
        let plan = self.take(|script| script.plan.take());
        Outcome {
            result: plan.result.map(|model| ResourceState::new(model, 5)),
            warnings: plan.warnings,
        }
    }

    async fn create(
        &self,
        _: &Configured<()>,
        planned: StateOf<Self>,
        config: Model,
    ) -> Outcome<Create<StateOf<Self>>> {
        self.0.lock().unwrap().seen_config = Some(config);
        self.0.lock().unwrap().seen_private = Some(planned.private);
        self.take(|script| script.create.take()).into()
    }

    async fn read(
        &self,
        _: &MaybeConfigured<()>,
        _: StateOf<Self>,
    ) -> Outcome<Read<StateOf<Self>>> {
        self.take(|script| script.read.take()).into()
    }

    async fn update(
        &self,
        _: &Configured<()>,
        _: StateOf<Self>,
        _: Model,
        _: Model,
    ) -> Outcome<Update<StateOf<Self>>> {
        self.take(|script| script.update.take()).into()
    }

    async fn delete(&self, _: &Configured<()>, _: StateOf<Self>) -> Outcome<Delete> {
        self.take(|script| script.delete.take()).into()
    }

    async fn import(
        &self,
        context: &MaybeConfigured<()>,
        id: ImportId<Identity>,
    ) -> HandlerResult<StateOf<Self>> {
        assert!(context.client.is_some());
        let id = match id {
            ImportId::Id(id) => id,
            // The read finds the id.
            ImportId::Identity(_) => return Ok(ResourceState::new(Model::default(), 3)).into(),
        };
        let model = Model {
            id: Attr::Known(id),
            ..Model::default()
        };
        Ok(ResourceState::new(model, 3)).into()
    }
}

struct Panics;

impl DataSource for Panics {
    type Client = ();
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "test_panics"
    }

    fn schema(&self) -> Schema {
        Thing(Shared::default()).schema()
    }

    fn validate(&self, _: &Model) -> Vec<Diagnostic> {
        panic!("s3cret")
    }

    async fn read(&self, _: &Configured<()>, _: Model) -> Outcome<Result<Model, Diagnostic>> {
        panic!("s3cret")
    }
}

struct Fake(Shared);

fn metadata(address: &'static str) -> ProviderMetadata {
    ProviderMetadata {
        name: "test",
        version: "0",
        address,
        purpose: "test",
    }
}

#[derive(Deserialize, Serialize)]
struct Nothing {}

#[derive(Deserialize, Serialize)]
struct Settings {
    endpoint: Attr<String>,
}

impl Provider for Fake {
    type Config = Settings;
    type Client = ();

    fn metadata(&self) -> ProviderMetadata {
        metadata("test/test")
    }

    fn schema(&self) -> Schema {
        Schema::new("A fake.").attribute(
            Attribute::string("endpoint")
                .optional()
                .description("Its endpoint."),
        )
    }

    fn handlers(&self) -> Handlers<()> {
        Handlers::new()
            .resource(Thing(Arc::clone(&self.0)))
            .data_source(Panics)
    }

    fn validate(&self, _: &Settings) -> Vec<Diagnostic> {
        Vec::new()
    }

    async fn configure(&self, config: Settings, _: &str) -> ConfigureResult<()> {
        Ok((!config.endpoint.is_unknown()).then_some(())).into()
    }
}

/// The list that goes with [`Thing`].
struct Things;

impl ListResource for Things {
    type Resource = Thing;
    type Model = Nothing;

    fn resource(&self) -> Thing {
        Thing(Shared::default())
    }

    fn schema(&self) -> Schema {
        Schema::new("Lists things.")
    }

    async fn list(
        &self,
        _: &Configured<()>,
        _: Nothing,
        results: &ListResults<Model>,
    ) -> HandlerResult<()> {
        let thing = model(Attr::Known("no identity"), "a", Attr::Known(7));
        let _ = results.send(ListResult::new("a".to_owned(), thing)).await;
        Ok(()).into()
    }
}

/// A provider that registers what this makes.
struct Registers(&'static str, fn(Handlers<()>) -> Handlers<()>);

impl Provider for Registers {
    type Config = Nothing;
    type Client = ();

    fn metadata(&self) -> ProviderMetadata {
        metadata(self.0)
    }

    fn schema(&self) -> Schema {
        Schema::new("A fake.")
    }

    fn handlers(&self) -> Handlers<()> {
        self.1(Handlers::new())
    }

    async fn configure(&self, _: Nothing, _: &str) -> ConfigureResult<()> {
        Ok(Some(())).into()
    }
}

#[tokio::test]
async fn a_known_configuration_without_a_client_is_named() {
    let service = Service::new(Registers("test/test", |handlers| handlers));
    let request = configure_provider::Request::default();
    let response = service.configure_provider(Request::new(request)).await;
    assert_eq!(response.unwrap().into_inner().diagnostics, []);
    let request = configure_provider::Request::default();
    let response = Service::new(Lazy)
        .configure_provider(Request::new(request))
        .await;
    let errors = errors(&response.unwrap().into_inner().diagnostics);
    assert!(errors[0].0.contains("made no client of it"), "{errors:?}");
}

/// A provider that never makes a client.
struct Lazy;

impl Provider for Lazy {
    type Config = Nothing;
    type Client = ();

    fn metadata(&self) -> ProviderMetadata {
        metadata("test/test")
    }

    fn schema(&self) -> Schema {
        Schema::new("A fake.")
    }

    fn handlers(&self) -> Handlers<()> {
        Handlers::new()
    }

    async fn configure(&self, _: Nothing, _: &str) -> ConfigureResult<()> {
        Ok(None).into()
    }
}

#[test]
fn handlers_that_core_would_not_find_are_named() {
    type Register = fn(Handlers<()>) -> Handlers<()>;
    let errors =
        |address, register: Register| Service::new(Registers(address, register)).schema_errors();
    assert_eq!(
        errors("test/test", |handlers| handlers
            .resource(Thing(Shared::default()))
            .list_resource(Things)),
        [""; 0]
    );
    assert_eq!(
        errors("test/test", |handlers| {
            handlers
                .resource(Thing(Shared::default()))
                .resource(Thing(Shared::default()))
        }),
        ["test_thing is registered twice"]
    );
    assert_eq!(
        errors("test/other", |handlers| handlers
            .resource(Thing(Shared::default()))),
        ["test_thing does not begin with other_"]
    );
    let list = errors("test/test", |handlers| handlers.list_resource(Things));
    assert!(
        list[0].contains("list test_thing needs a resource"),
        "{list:?}"
    );
}

struct Rig {
    service: Service<Fake>,
    script: Shared,
}

impl Rig {
    async fn new() -> Self {
        let rig = Self::unconfigured().await;
        rig.configure(Value::Null).await;
        rig
    }

    async fn unconfigured() -> Self {
        let script = Shared::default();
        Self {
            service: Service::new(Fake(Arc::clone(&script))),
            script,
        }
    }

    async fn configure(&self, endpoint: Value) {
        let config = Value::Object(Object::new([("endpoint", endpoint)]));
        let ty = Type::Object(Fake(Shared::default()).schema().object_type());
        let request = configure_provider::Request {
            config: Some(crate::tfplugin::wire::encode(&config, &ty).unwrap()),
            ..Default::default()
        };
        let response = self
            .service
            .configure_provider(Request::new(request))
            .await
            .unwrap();
        assert_eq!(response.into_inner().diagnostics, []);
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    async fn plan(&self, prior: Value, config: Value) -> plan_resource_change::Response {
        self.plan_with(prior, config, ClientCapabilities::default())
            .await
    }

    async fn plan_with(
        &self,
        prior: Value,
        config: Value,
        capabilities: ClientCapabilities,
    ) -> plan_resource_change::Response {
        let request = plan_resource_change::Request {
            type_name: "test_thing".to_owned(),
            prior_state: message(&prior),
            proposed_new_state: message(&config),
            config: message(&config),
            prior_private: "9".into(),
            client_capabilities: Some(capabilities),
            ..Default::default()
        };
        self.service
            .plan_resource_change(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    async fn apply(
        &self,
        prior: Value,
        planned: Value,
        config: Value,
    ) -> apply_resource_change::Response {
        let request = apply_resource_change::Request {
            type_name: "test_thing".to_owned(),
            prior_state: message(&prior),
            planned_state: message(&planned),
            config: message(&config),
            planned_private: "9".into(),
            ..Default::default()
        };
        self.service
            .apply_resource_change(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    async fn read(
        &self,
        current: Value,
        capabilities: ClientCapabilities,
    ) -> read_resource::Response {
        let request = read_resource::Request {
            type_name: "test_thing".to_owned(),
            current_state: message(&current),
            private: "9".into(),
            client_capabilities: Some(capabilities),
            ..Default::default()
        };
        self.service
            .read_resource(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }
}

fn thing_type() -> Type {
    Type::Object(Thing(Shared::default()).schema().object_type())
}

fn message(value: &Value) -> Option<DynamicValue> {
    Some(DynamicValue {
        msgpack: value.to_msgpack(&thing_type()).unwrap().into(),
        json: Default::default(),
    })
}

fn value(message: Option<DynamicValue>) -> Value {
    Value::from_msgpack(&message.unwrap().msgpack, &thing_type()).unwrap()
}

fn id_of(identity: Option<ResourceIdentityData>) -> Option<String> {
    let data = identity?.identity_data?;
    let shape = Type::Object(ObjectType::new([("id", Type::String)]));
    let tree = Value::from_msgpack(&data.msgpack, &shape).unwrap();
    Some(tree.get("id")?.as_str()?.to_owned())
}

fn tree(id: Attr<&str>, name: &str, size: Attr<i64>) -> Value {
    let model = Model {
        id: id.map(str::to_owned),
        name: Attr::Known(name.to_owned()),
        size,
        secret: Attr::Null,
    };
    crate::tfplugin::value::to_value(&model, &thing_type()).unwrap()
}

fn model(id: Attr<&str>, name: &str, size: Attr<i64>) -> Model {
    crate::tfplugin::value::from_value(tree(id, name, size)).unwrap()
}

fn instance(model: Model) -> ResourceState<Model, u8> {
    ResourceState { model, private: 4 }
}

fn errors(diagnostics: &[proto::Diagnostic]) -> Vec<(String, String)> {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity() == proto::diagnostic::Severity::Error);
    errors
        .map(|diagnostic| {
            let steps = diagnostic
                .attribute
                .as_ref()
                .map(|path| format!("{:?}", path.steps));
            (diagnostic.detail.clone(), steps.unwrap_or_default())
        })
        .collect()
}

/// Exactly one error, about this attribute and in these words.
fn assert_bug(diagnostics: &[proto::Diagnostic], attribute: &str, words: &str) {
    let errors = errors(diagnostics);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let (detail, path) = &errors[0];
    assert!(path.contains(attribute), "{path} lacks {attribute}");
    assert!(detail.contains(words), "{detail} lacks {words:?}");
    assert!(detail.contains("bug in the provider"));
}

const CREATED: Attr<&str> = Attr::Known("1");

#[tokio::test]
async fn a_plan_sees_defaults_and_returns_what_is_configured() {
    let rig = Rig::new().await;
    let planned = model(Attr::Unknown, "a", Attr::Known(7));
    rig.script().plan = Some(Plan::Change(planned.clone()).into());
    let response = rig
        .plan(Value::Null, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert_eq!(response.diagnostics, []);
    assert_eq!(
        rig.script().seen_config.as_ref().unwrap().size,
        Attr::Known(7)
    );
    assert_eq!(
        value(response.planned_state),
        tree(Attr::Unknown, "a", Attr::Known(7))
    );
    assert!(response.planned_identity.is_none());
}

#[tokio::test]
async fn write_only_values_never_leave() {
    let rig = Rig::new().await;
    let leaking = Model {
        secret: Attr::Known("s3cret".to_owned()),
        ..model(Attr::Unknown, "a", Attr::Known(7))
    };
    rig.script().plan = Some(Plan::Change(leaking.clone()).into());
    let response = rig
        .plan(Value::Null, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert!(
        value(response.planned_state)
            .get("secret")
            .unwrap()
            .is_null()
    );

    let leaking = Model {
        id: Attr::Known("1".to_owned()),
        ..leaking
    };
    rig.script().create = Some(Create::Created(instance(leaking.clone())));
    let planned = tree(Attr::Unknown, "a", Attr::Known(7));
    let response = rig
        .apply(Value::Null, planned, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert!(value(response.new_state).get("secret").unwrap().is_null());

    rig.script().read = Some(Read::Found(instance(leaking)));
    let response = rig
        .read(
            tree(CREATED, "a", Attr::Known(7)),
            ClientCapabilities::default(),
        )
        .await;
    assert!(value(response.new_state).get("secret").unwrap().is_null());
}

#[tokio::test]
async fn a_replacement_names_an_attribute() {
    let rig = Rig::new().await;
    let planned = model(Attr::Unknown, "b", Attr::Known(7));
    let requires_replace = Vec::new();
    rig.script().plan = Some(
        Plan::Replace {
            planned,
            requires_replace,
        }
        .into(),
    );
    let prior = tree(CREATED, "a", Attr::Known(7));
    let response = rig.plan(prior, tree(Attr::Null, "b", Attr::Null)).await;
    assert_bug(&response.diagnostics, "", "without an attribute");
}

#[tokio::test]
async fn the_second_plan_of_a_replacement_has_nothing_of_the_old_object() {
    let rig = Rig::new().await;
    rig.script().plan = Some(Plan::Change(model(Attr::Unknown, "b", Attr::Known(7))).into());
    let response = rig
        .plan(Value::Null, tree(Attr::Null, "b", Attr::Null))
        .await;
    assert_eq!(rig.script().seen_private, None);
    assert_eq!(response.planned_private, "5");

    rig.script().plan = Some(Plan::NoOp.into());
    let prior = tree(CREATED, "a", Attr::Known(7));
    let response = rig.plan(prior, tree(Attr::Null, "a", Attr::Null)).await;
    assert_eq!(rig.script().seen_private, Some(9));
    assert_eq!(response.planned_private, "9");
    assert_eq!(id_of(response.planned_identity).as_deref(), Some("1"));
}

#[tokio::test]
async fn the_private_data_of_a_plan_reaches_the_next_plan_and_the_apply() {
    let rig = Rig::new().await;
    let planned_again = async |store_planned_private, planned_private: &'static str| {
        rig.script().plan = Some(Plan::Change(model(Attr::Unknown, "b", Attr::Known(7))).into());
        let request = plan_resource_change::Request {
            type_name: "test_thing".to_owned(),
            prior_state: message(&Value::Null),
            proposed_new_state: message(&tree(Attr::Null, "b", Attr::Null)),
            config: message(&tree(Attr::Null, "b", Attr::Null)),
            prior_private: "9".into(),
            planned_private: planned_private.into(),
            client_capabilities: Some(ClientCapabilities {
                store_planned_private,
                ..Default::default()
            }),
            ..Default::default()
        };
        let response = rig
            .service
            .plan_resource_change(Request::new(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(response.diagnostics, []);
        rig.script().seen_planned_private
    };
    assert_eq!(planned_again(true, "5").await, Some(5));
    assert_eq!(planned_again(true, "").await, None);
    assert_eq!(planned_again(false, "5").await, None);

    rig.script().create = Some(Create::Failed(Diagnostic::error("No", "no")));
    let planned = tree(Attr::Unknown, "b", Attr::Known(7));
    let config = tree(Attr::Null, "b", Attr::Null);
    rig.apply(Value::Null, planned, config).await;
    assert_eq!(rig.script().seen_private, Some(9));
}

#[tokio::test]
async fn a_number_that_does_not_fit_is_the_user_s_error() {
    let rig = Rig::new().await;
    for size in ["1.5", "1e30", "-9223372036854775809"] {
        let mut config = tree(Attr::Null, "a", Attr::Null);
        let number = Value::Number(size.parse().unwrap());
        config.as_object_mut().unwrap().insert("size", number);
        let request = validate_resource_config::Request {
            type_name: "test_thing".to_owned(),
            config: message(&config),
            client_capabilities: None,
        };
        let response = rig
            .service
            .validate_resource_config(Request::new(request))
            .await
            .unwrap()
            .into_inner();
        let errors = errors(&response.diagnostics);
        assert_eq!(errors.len(), 1, "{errors:?}");
        let (detail, path) = &errors[0];
        assert!(path.contains("size"), "{path}");
        assert_eq!(
            detail,
            "size must be a whole number between -9223372036854775808 and 9223372036854775807."
        );
    }
}

#[tokio::test]
async fn the_plan_of_a_destroy_is_null() {
    let rig = Rig::new().await;
    let response = rig
        .plan(tree(CREATED, "a", Attr::Known(7)), Value::Null)
        .await;
    assert!(value(response.planned_state).is_null());
    assert_eq!(response.planned_private, "9");
}

#[tokio::test]
async fn an_object_that_is_not_wholly_known_is_saved_all_the_same() {
    let rig = Rig::new().await;
    rig.script().create = Some(Create::Created(instance(model(
        Attr::Unknown,
        "a",
        Attr::Known(7),
    ))));
    let planned = tree(Attr::Unknown, "a", Attr::Known(7));
    let response = rig
        .apply(Value::Null, planned, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert_bug(&response.diagnostics, "id", "still unknown");
    assert_eq!(
        value(response.new_state),
        tree(Attr::Null, "a", Attr::Known(7))
    );
}

#[tokio::test]
async fn each_outcome_of_an_apply_has_its_state() {
    let rig = Rig::new().await;
    let config = || tree(Attr::Null, "b", Attr::Null);
    let prior = || tree(CREATED, "a", Attr::Known(7));
    let planned = || tree(CREATED, "b", Attr::Known(7));
    let error = || Diagnostic::error("No", "no");

    rig.script().create = Some(Create::Failed(error().and(error().and(error()))));
    let response = rig.apply(Value::Null, planned(), config()).await;
    assert!(value(response.new_state).is_null());
    assert_eq!(errors(&response.diagnostics).len(), 3);

    rig.script().create = Some(Create::CreatedTainted(
        instance(model(CREATED, "x", Attr::Null)),
        error(),
    ));
    let response = rig.apply(Value::Null, planned(), config()).await;
    assert_eq!(value(response.new_state), tree(CREATED, "x", Attr::Null));
    assert_eq!(errors(&response.diagnostics).len(), 1);
    assert_eq!(id_of(response.new_identity).as_deref(), Some("1"));

    rig.script().update = Some(Update::Failed(error()));
    let response = rig.apply(prior(), planned(), config()).await;
    assert_eq!(value(response.new_state), prior());
    assert_eq!(response.private, "9");

    rig.script().update = Some(Update::UpdatedWithError(
        instance(model(CREATED, "x", Attr::Null)),
        error(),
    ));
    let response = rig.apply(prior(), planned(), config()).await;
    assert_eq!(value(response.new_state), tree(CREATED, "x", Attr::Null));
    assert_eq!(response.private, "4");

    rig.script().delete = Some(Delete::Failed(error()));
    let response = rig.apply(prior(), Value::Null, Value::Null).await;
    assert_eq!(value(response.new_state), prior());
    assert_eq!(id_of(response.new_identity).as_deref(), Some("1"));

    rig.script().delete = Some(Delete::Deleted);
    let response = rig.apply(prior(), Value::Null, Value::Null).await;
    assert!(value(response.new_state).is_null());
    assert_eq!(response.diagnostics, []);
}

#[tokio::test]
async fn a_panic_keeps_the_state_and_the_process() {
    let rig = Rig::new().await;
    let prior = || tree(CREATED, "a", Attr::Known(7));
    // The script is empty, so every handler panics.
    let response = rig
        .apply(
            prior(),
            tree(CREATED, "b", Attr::Known(7)),
            tree(Attr::Null, "b", Attr::Null),
        )
        .await;
    assert_bug(&response.diagnostics, "", "ApplyResourceChange panicked");
    assert_eq!(value(response.new_state), prior());
    let response = rig.read(prior(), ClientCapabilities::default()).await;
    assert_bug(&response.diagnostics, "", "ReadResource panicked");
    assert_eq!(value(response.new_state), prior());
    let response = rig
        .plan(Value::Null, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert_bug(&response.diagnostics, "", "PlanResourceChange panicked");

    let config = message(&tree(Attr::Null, "a", Attr::Null));
    let request = read_data_source::Request {
        type_name: "test_panics".to_owned(),
        config: config.clone(),
        ..Default::default()
    };
    let response = rig
        .service
        .read_data_source(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_bug(&response.diagnostics, "", "ReadDataSource panicked");
    assert!(!response.diagnostics[0].detail.contains("s3cret"));
    let request = validate_data_resource_config::Request {
        type_name: "test_panics".to_owned(),
        config,
    };
    let response = rig
        .service
        .validate_data_resource_config(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_bug(
        &response.diagnostics,
        "",
        "ValidateDataResourceConfig panicked",
    );
}

#[tokio::test]
async fn a_read_echoes_what_it_keeps_and_adds_a_missing_identity() {
    let rig = Rig::new().await;
    let current = || tree(CREATED, "a", Attr::Known(7));
    rig.script().read = Some(Read::Unchanged);
    let response = rig.read(current(), ClientCapabilities::default()).await;
    assert_eq!(value(response.new_state), current());
    assert_eq!(response.private, "9");
    assert_eq!(id_of(response.new_identity).as_deref(), Some("1"));

    rig.script().read = Some(Read::Removed);
    let response = rig.read(current(), ClientCapabilities::default()).await;
    assert!(value(response.new_state).is_null());
}

#[tokio::test]
async fn an_unknown_configuration_defers_where_core_allows_it() {
    let rig = Rig::unconfigured().await;
    rig.configure(Value::unknown()).await;
    let allowed = ClientCapabilities {
        deferral_allowed: true,
        ..Default::default()
    };
    let reason = deferred::Reason::ProviderConfigUnknown;
    let current = tree(CREATED, "a", Attr::Known(7));

    let response = rig.read(current.clone(), allowed).await;
    assert_eq!(response.deferred.unwrap().reason(), reason);
    assert_eq!(value(response.new_state), current);

    rig.script().plan = Some(Plan::Change(model(Attr::Unknown, "a", Attr::Known(7))).into());
    let response = rig
        .plan_with(Value::Null, tree(Attr::Null, "a", Attr::Null), allowed)
        .await;
    assert_eq!(response.deferred.unwrap().reason(), reason);
    assert_eq!(response.diagnostics, []);

    rig.script().plan = Some(Plan::Change(model(Attr::Unknown, "a", Attr::Known(7))).into());
    let response = rig
        .plan(Value::Null, tree(Attr::Null, "a", Attr::Null))
        .await;
    assert_eq!(response.deferred, None);
}

#[tokio::test]
async fn an_old_core_is_kept_from_storing_a_write_only_value() {
    let rig = Rig::new().await;
    let secret = Model {
        secret: Attr::Known("s3cret".to_owned()),
        ..model(Attr::Null, "a", Attr::Null)
    };
    let config = crate::tfplugin::value::to_value(&secret, &thing_type()).unwrap();
    let request = |write_only_attributes_allowed| validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: message(&config),
        client_capabilities: Some(ClientCapabilities {
            write_only_attributes_allowed,
            ..Default::default()
        }),
    };
    let old = rig
        .service
        .validate_resource_config(Request::new(request(false)))
        .await
        .unwrap();
    let errors = errors(&old.into_inner().diagnostics);
    assert!(
        errors[0].1.contains("secret") && !errors[0].0.contains("s3cret"),
        "{errors:?}"
    );
    let new = rig
        .service
        .validate_resource_config(Request::new(request(true)))
        .await
        .unwrap();
    assert_eq!(new.into_inner().diagnostics, []);
}

/// What a stored state of the schema's own version is read as.
async fn stored(json: &'static str) -> Value {
    let rig = Rig::new().await;
    let request = upgrade_resource_state::Request {
        type_name: "test_thing".to_owned(),
        version: 0,
        raw_state: Some(RawState {
            json: json.into(),
            ..Default::default()
        }),
    };
    let response = rig
        .service
        .upgrade_resource_state(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(response.diagnostics, []);
    value(response.upgraded_state)
}

#[tokio::test]
async fn a_stored_state_loses_what_the_schema_lacks() {
    let state = stored(r#"{"id":"1","name":"a","colour":"red","secret":"s3cret"}"#).await;
    assert_eq!(state, tree(CREATED, "a", Attr::Null));
}

/// A float would be another number, and so a change in every plan.
#[tokio::test]
async fn a_stored_number_of_many_digits_stays_what_it_is() {
    let state =
        stored(r#"{"id":"1","name":"a","size":340282366920938463463374607431768211455}"#).await;
    let size = "340282366920938463463374607431768211455".parse().unwrap();
    assert_eq!(state.get("size"), Some(&Value::Number(size)));
}

#[tokio::test]
async fn an_empty_identity_is_upgraded_to_none() {
    let rig = Rig::new().await;
    let request = |json: &'static str| upgrade_resource_identity::Request {
        type_name: "test_thing".to_owned(),
        version: 0,
        raw_identity: Some(RawState {
            json: json.into(),
            ..Default::default()
        }),
    };
    let empty = rig
        .service
        .upgrade_resource_identity(Request::new(request("")))
        .await
        .unwrap();
    assert_eq!(
        empty.into_inner(),
        upgrade_resource_identity::Response::default()
    );
    let full = rig
        .service
        .upgrade_resource_identity(Request::new(request(r#"{"id":"1"}"#)))
        .await
        .unwrap();
    assert_eq!(
        id_of(full.into_inner().upgraded_identity).as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn a_state_without_secrets_makes_minimal_configuration() {
    let rig = Rig::new().await;
    let generate = async |size| {
        let request = generate_resource_config::Request {
            type_name: "test_thing".to_owned(),
            state: message(&tree(CREATED, "a", Attr::Known(size))),
        };
        let response = rig
            .service
            .generate_resource_config(Request::new(request))
            .await
            .unwrap();
        value(response.into_inner().config)
    };
    assert_eq!(generate(7).await, tree(Attr::Null, "a", Attr::Null));
    assert_eq!(generate(8).await, tree(Attr::Null, "a", Attr::Known(8)));
}

#[tokio::test]
async fn an_import_by_either_name_gives_one_object_with_its_identity() {
    let rig = Rig::new().await;
    let request = import_resource_state::Request {
        type_name: "test_thing".to_owned(),
        id: "1".to_owned(),
        ..Default::default()
    };
    let response = rig
        .service
        .import_resource_state(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    let [imported] = response.imported_resources.as_slice() else {
        panic!("not one")
    };
    assert_eq!(imported.type_name, "test_thing");
    assert_eq!(imported.private, "3");
    assert_eq!(id_of(imported.identity.clone()).as_deref(), Some("1"));
}

#[tokio::test]
async fn a_name_that_the_schema_lacks_is_unimplemented() {
    let rig = Rig::new().await;
    let request = read_resource::Request {
        type_name: "test_other".to_owned(),
        ..Default::default()
    };
    let status = rig
        .service
        .read_resource(Request::new(request))
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
}

#[tokio::test]
async fn a_newer_configuration_replaces_the_older_and_its_stop() {
    let rig = Rig::new().await;
    rig.service
        .stop_provider(Request::new(stop_provider::Request {}))
        .await
        .unwrap();
    assert!(rig.service.session.context(None).stop.is_cancelled());
    rig.configure(Value::Null).await;
    assert!(!rig.service.session.context(None).stop.is_cancelled());
}

#[tokio::test]
async fn an_import_by_identity_has_that_identity_until_the_read_knows_it() {
    let rig = Rig::new().await;
    let identity = Identity {
        id: Attr::Known("1".to_owned()),
    };
    let identity_type = ObjectType::new([("id", Type::String)]);
    let requested = crate::tfplugin::wire::encode_identity(&identity, &identity_type).unwrap();
    let request = import_resource_state::Request {
        type_name: "test_thing".to_owned(),
        identity: Some(requested),
        ..Default::default()
    };
    let response = rig.service.import_resource_state(Request::new(request));
    let imported = response.await.unwrap().into_inner().imported_resources;
    assert_eq!(id_of(imported[0].identity.clone()).as_deref(), Some("1"));
}

#[tokio::test]
async fn a_panic_about_the_identity_loses_no_object() {
    let rig = Rig::new().await;
    let created = model(Attr::Known("no identity"), "a", Attr::Known(7));
    rig.script().create = Some(Create::Created(instance(created)));
    let planned = tree(Attr::Unknown, "a", Attr::Known(7));
    let config = tree(Attr::Null, "a", Attr::Null);
    let response = rig.apply(Value::Null, planned, config).await;
    assert_bug(&response.diagnostics, "", "identity panicked");
    let stored = tree(Attr::Known("no identity"), "a", Attr::Known(7));
    assert_eq!(value(response.new_state), stored);
}

#[tokio::test]
async fn a_panic_about_the_identity_ends_no_list() {
    let service = Service::new(Registers("test/test", |handlers| {
        handlers
            .resource(Thing(Shared::default()))
            .list_resource(Things)
    }));
    let configure = configure_provider::Request::default();
    let configured = service.configure_provider(Request::new(configure)).await;
    assert_eq!(configured.unwrap().into_inner().diagnostics, []);
    let request = list_resource::Request {
        type_name: "test_thing".to_owned(),
        limit: 10,
        ..Default::default()
    };
    let events = service.list_resource(Request::new(request)).await.unwrap();
    let events: Vec<_> = events.into_inner().collect().await;
    let [Ok(event)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(event.display_name, "a");
    assert_bug(&event.diagnostic, "", "identity panicked");
}

#[tokio::test]
async fn a_plan_is_one_that_core_takes() {
    let rig = Rig::new().await;
    let config = || tree(Attr::Null, "a", Attr::Null);
    rig.script().plan = Some(Plan::NoOp.into());
    let response = rig.plan(Value::Null, config()).await;
    assert_bug(&response.diagnostics, "", "does not exist");

    let deferred = || Plan::Deferred {
        planned: model(Attr::Unknown, "a", Attr::Known(7)),
        reason: DeferredReason::AbsentPrerequisite,
    };
    for deferral_allowed in [false, true] {
        rig.script().plan = Some(deferred().into());
        let capabilities = ClientCapabilities {
            deferral_allowed,
            ..Default::default()
        };
        let response = rig.plan_with(Value::Null, config(), capabilities).await;
        assert_eq!(response.diagnostics, []);
        assert_eq!(response.deferred.is_some(), deferral_allowed);
        let planned = tree(Attr::Unknown, "a", Attr::Known(7));
        assert_eq!(value(response.planned_state), planned);
    }
}

/// The user wrote nothing of it, so it is about no attribute of the configuration.
#[tokio::test]
async fn a_stored_state_that_does_not_fit_is_called_that() {
    let rig = Rig::new().await;
    let mut stored = tree(CREATED, "a", Attr::Known(7));
    if let Value::Object(stored) = &mut stored {
        stored.insert("size", Value::Number("1.5".parse().unwrap()));
    }
    let config = tree(Attr::Null, "a", Attr::Null);
    let read = rig
        .read(stored.clone(), ClientCapabilities::default())
        .await;
    let plan = rig.plan(stored, config).await;
    for diagnostics in [read.diagnostics, plan.diagnostics] {
        let [error] = diagnostics.as_slice() else {
            panic!("{diagnostics:?}")
        };
        assert_eq!(error.summary, "State not readable");
        assert!(
            error.detail.contains("size must be a whole number"),
            "{error:?}"
        );
        assert_eq!(error.attribute, None);
    }
}
