//! One provider process in one phase of a command: each call as the CLI makes it, each answer
//! checked by core's rules.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prost::Message;

use crate::diagnostic::{Answer, Diagnostic, Violation};
use crate::profile::Profile;
use crate::proposed;
use crate::proto;
use crate::rules;
use crate::rules::import::Imported;
use crate::schema::{Block, ResourceSchema, Schemas, decode, encode};
use crate::state::State;
use crate::value::{Type, Value};
use crate::wire::{self, Wire};

/// Which part of a command the process serves. It decides the capabilities that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Validation, before everything.
    Validate,
    /// Planning, refreshing, importing.
    Plan,
    /// Applying.
    Apply,
}

/// One process in one phase. Calls may be made from several threads at once.
pub struct Session {
    wire: Arc<dyn Wire>,
    schemas: Arc<Schemas>,
    profile: Profile,
    phase: Phase,
    stopped: AtomicBool,
}

/// What `PlanResourceChange` is asked.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The address, for messages.
    pub address: &'a str,
    /// The resource type.
    pub type_name: &'a str,
    /// The state that the plan starts from; null to create.
    pub prior: &'a Value,
    /// The private data that is sent. With a null prior it is the replaced object's.
    pub private: &'a [u8],
    /// The identity that is sent, null for none. With a null prior it is the replaced object's.
    pub identity: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The planned object; null to destroy.
    pub value: Value,
    /// The private data for apply.
    pub private: Vec<u8>,
    /// The planned identity, null for none.
    pub identity: Value,
    /// The changed attributes that force a replacement.
    pub replace_because: Vec<String>,
    /// Put off, and why.
    pub deferred: Option<proto::deferred::Reason>,
}

/// What `ApplyResourceChange` is asked.
#[derive(Debug, Clone, Copy)]
pub struct ApplyRequest<'a> {
    /// The address, for messages.
    pub address: &'a str,
    /// The resource type.
    pub type_name: &'a str,
    /// The object before; null to create.
    pub prior: &'a Value,
    /// The planned object; null to destroy.
    pub planned: &'a Value,
    /// The planned private data.
    pub private: &'a [u8],
    /// The planned identity, null for none.
    pub identity: &'a Value,
    /// The identity that the object had, for the rules; null for none. It is not sent.
    pub prior_identity: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
}

/// By what an object is imported.
#[derive(Debug, Clone)]
pub enum ImportBy {
    /// `id = "…"`
    Id(String),
    /// `identity = {…}`
    Identity(Value),
}

/// An object of another resource type, to be taken over.
#[derive(Debug, Clone, Default)]
pub struct MoveSource {
    /// The address of its provider, as in `registry.terraform.io/mastercard/restapi`.
    pub provider: String,
    /// Its type.
    pub type_name: String,
    /// Its schema version.
    pub version: i64,
    /// Its state, as JSON text.
    pub state: String,
    /// Its private data.
    pub private: Vec<u8>,
    /// Its identity as JSON text; empty for none.
    pub identity: String,
}

/// An opened ephemeral resource, or what its renewal gave.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The result; null from a renewal.
    pub value: Value,
    /// The private data for what follows.
    pub private: Option<Vec<u8>>,
    /// When it is to be renewed.
    pub renew_at: Option<prost_types::Timestamp>,
    /// Put off, and why.
    pub deferred: Option<proto::deferred::Reason>,
}

/// One result of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The identity.
    pub identity: Value,
    /// What is shown.
    pub display_name: String,
    /// The whole object, where it was asked for.
    pub object: Option<Value>,
    /// Its configuration, where core asked for one.
    pub generated: Option<Value>,
    /// Messages about this result.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a function gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// A result.
    Result(Value),
    /// An error, and the argument that it is about.
    Error {
        /// The text.
        text: String,
        /// The argument's index.
        argument: Option<i64>,
    },
}

impl Session {
    /// Asks for the schemas, and the identity schemas where the CLI does.
    pub fn ask_schemas(wire: &dyn Wire, profile: &Profile) -> Answer<Schemas> {
        const RPC: &str = "GetProviderSchema";
        let mut answer = Answer::new(RPC);
        let response: proto::get_provider_schema::Response =
            match wire::call(wire, RPC, &proto::get_provider_schema::Request {}) {
                Ok(response) => response,
                Err(status) => {
                    answer.status = Some(status);
                    return answer;
                }
            };
        answer.diagnostics = response.diagnostics.iter().map(Diagnostic::read).collect();
        let mut schemas = match Schemas::read(&response) {
            Ok(schemas) => schemas,
            Err(text) => {
                answer
                    .violations
                    .push(Violation::core("Failed to load plugin schemas", text));
                return answer;
            }
        };
        if profile.identity {
            const RPC: &str = "GetResourceIdentitySchemas";
            let request = proto::get_resource_identity_schemas::Request {};
            match wire::call::<_, proto::get_resource_identity_schemas::Response>(
                wire, RPC, &request,
            ) {
                Ok(response) => {
                    answer
                        .diagnostics
                        .extend(response.diagnostics.iter().map(Diagnostic::read));
                    if let Err(text) = schemas.add_identities(&response) {
                        answer
                            .violations
                            .push(Violation::core("Failed to load plugin schemas", text));
                    }
                }
                Err(status) if status.is_unimplemented() => {}
                Err(status) => answer.status = Some(status),
            }
        }
        answer.value = Some(schemas);
        answer
    }

    /// A session with a process whose schemas are known.
    pub fn new(
        wire: Arc<dyn Wire>,
        schemas: Arc<Schemas>,
        profile: Profile,
        phase: Phase,
    ) -> Session {
        Session {
            wire,
            schemas,
            profile,
            phase,
            stopped: AtomicBool::new(false),
        }
    }

    /// A session with a process that is asked for its schemas first. Core does this in the first
    /// process of a command; tests that need one process only start so.
    pub fn open(wire: Arc<dyn Wire>, profile: Profile, phase: Phase) -> Answer<Session> {
        let answer = Session::ask_schemas(wire.as_ref(), &profile);
        answer.map(|schemas| Session::new(wire, Arc::new(schemas), profile, phase))
    }

    /// What the provider serves.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The CLI that is played.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The process.
    pub fn wire(&self) -> &Arc<dyn Wire> {
        &self.wire
    }

    /// The schema of a resource type. Panics where there is none: the test is wrong.
    pub fn resource(&self, type_name: &str) -> &ResourceSchema {
        self.schemas
            .resources
            .get(type_name)
            .unwrap_or_else(|| panic!("the provider has no resource {type_name}"))
    }

    fn capabilities(&self) -> Option<proto::ClientCapabilities> {
        self.profile.capabilities(self.phase == Phase::Apply)
    }

    /// Calls, reads the diagnostics, and checks their form against `block`.
    fn ask<Q: Message, R: Message + Default>(
        &self,
        rpc: &'static str,
        block: &Block,
        request: &Q,
        diagnostics: impl Fn(&R) -> &[proto::Diagnostic],
    ) -> (Answer<()>, Option<R>) {
        let mut answer = Answer::new(rpc);
        match wire::call::<Q, R>(self.wire.as_ref(), rpc, request) {
            Ok(response) => {
                let found = diagnostics(&response);
                answer.diagnostics = found.iter().map(Diagnostic::read).collect();
                answer.violations = rules::messages::diagnostics(block, found);
                (answer, Some(response))
            }
            Err(status) => {
                answer.status = Some(status);
                (answer, None)
            }
        }
    }

    fn identity_of(
        &self,
        type_name: &str,
        identity: &Value,
    ) -> Option<proto::ResourceIdentityData> {
        let schema = self.schemas.resources.get(type_name)?.identity.as_ref()?;
        if identity.is_null() || !self.profile.identity {
            return None;
        }
        Some(proto::ResourceIdentityData {
            identity_data: Some(pack(identity, &schema.ty)),
        })
    }

    fn read_identity<T>(
        &self,
        type_name: &str,
        identity: Option<&proto::ResourceIdentityData>,
        answer: &mut Answer<T>,
    ) -> Value {
        if !self.profile.identity {
            return Value::Null;
        }
        let Some(data) = identity else {
            return Value::Null;
        };
        let schema = self
            .schemas
            .resources
            .get(type_name)
            .and_then(|resource| resource.identity.as_ref());
        let Some(schema) = schema else {
            answer.violations.push(Violation::core(
                "Provider produced invalid identity",
                format!("unknown identity type {type_name}"),
            ));
            return Value::Null;
        };
        match decode(data.identity_data.as_ref(), &schema.ty) {
            Ok(identity) => identity,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Provider produced invalid identity",
                    mismatch.to_string(),
                ));
                Value::Null
            }
        }
    }

    fn check_deferred<T>(
        &self,
        deferred: Option<&proto::Deferred>,
        answer: &mut Answer<T>,
    ) -> Option<proto::deferred::Reason> {
        let deferred = deferred?;
        let allowed = self.capabilities().is_some_and(|c| c.deferral_allowed);
        if !allowed {
            answer.violations.push(Violation::core(
                "Provider deferred changes when the CLI did not allow deferrals",
                format!("{:?}", deferred.reason()),
            ));
        } else if self.phase == Phase::Apply {
            answer.violations.push(Violation::silent(
                "Deferred in apply",
                "every ordinary apply says deferral_allowed, and none expects it",
            ));
        }
        Some(deferred.reason())
    }

    /// `ValidateProviderConfig`
    pub fn validate_provider(&self, config: &Value) -> Answer<()> {
        let block = &self.schemas.provider;
        let request = proto::validate_provider_config::Request {
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateProviderConfig",
            block,
            &request,
            |r: &proto::validate_provider_config::Response| &r.diagnostics,
        ))
    }

    /// `ConfigureProvider`
    pub fn configure(&self, config: &Value) -> Answer<()> {
        let block = &self.schemas.provider;
        let request = proto::configure_provider::Request {
            terraform_version: self.profile.terraform_version.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        done(self.ask(
            "ConfigureProvider",
            block,
            &request,
            |r: &proto::configure_provider::Response| &r.diagnostics,
        ))
    }

    /// `ValidateResourceConfig`
    pub fn validate_resource(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = &self.resource(type_name).block;
        let request = proto::validate_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        done(self.ask(
            "ValidateResourceConfig",
            block,
            &request,
            |r: &proto::validate_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `UpgradeResourceState`, and `UpgradeResourceIdentity` where the CLI calls it. Core calls
    /// this for every stored object before anything else.
    pub fn upgrade(&self, address: &str, type_name: &str, state: &State) -> Answer<State> {
        let schema = self.resource(type_name);
        let request = proto::upgrade_resource_state::Request {
            type_name: type_name.to_owned(),
            version: state.version,
            raw_state: Some(proto::RawState {
                json: state.json().into_bytes(),
                flatmap: Default::default(),
            }),
        };
        let (answer, response) = self.ask(
            "UpgradeResourceState",
            &schema.block,
            &request,
            |r: &proto::upgrade_resource_state::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<State>();
        let Some(response) = response.filter(|_| !answer.stops()) else {
            return answer;
        };
        let value = match schema.block.decode(response.upgraded_state.as_ref()) {
            Ok(value) => value,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Failed to upgrade state",
                    mismatch.to_string(),
                ));
                return answer;
            }
        };
        answer.violations.extend(rules::read::upgraded(
            address,
            &schema.block,
            &value,
            self.profile.write_only,
        ));
        let mut upgraded = State {
            value,
            version: schema.version,
            raw: None,
            ..state.clone()
        };
        if let Some(identity) = &schema.identity {
            // A state of an older CLI counts as identity version 0, but OpenTofu asks only where
            // an identity is stored.
            let terraform = self.profile.old_identity_in_replacement;
            let stored = !state.identity.is_null();
            if state.identity_version != identity.version && (stored || terraform) {
                self.upgrade_identity(type_name, state, &mut upgraded, &mut answer);
            }
            upgraded.identity_version = identity.version;
        }
        answer.value = Some(upgraded);
        answer
    }

    fn upgrade_identity(
        &self,
        type_name: &str,
        state: &State,
        upgraded: &mut State,
        answer: &mut Answer<State>,
    ) {
        const RPC: &str = "UpgradeResourceIdentity";
        let raw = if state.identity.is_null() {
            Vec::new()
        } else {
            state.identity.to_state_json().into_bytes()
        };
        let request = proto::upgrade_resource_identity::Request {
            type_name: type_name.to_owned(),
            version: state.identity_version,
            raw_identity: Some(proto::RawState {
                json: raw,
                flatmap: Default::default(),
            }),
        };
        match wire::call::<_, proto::upgrade_resource_identity::Response>(
            self.wire.as_ref(),
            RPC,
            &request,
        ) {
            Ok(response) => {
                answer
                    .diagnostics
                    .extend(response.diagnostics.iter().map(Diagnostic::read));
                let identity =
                    self.read_identity(type_name, response.upgraded_identity.as_ref(), answer);
                if state.identity.is_null() && !identity.is_null() {
                    answer.violations.push(Violation::silent(
                        "Identity invented",
                        "an empty identity is upgraded to none",
                    ));
                }
                upgraded.identity = identity;
            }
            Err(status) => answer.status = Some(status),
        }
    }

    /// `ReadResource`. The state's value is null where the object is gone; what private data and
    /// identity came with that still go into the plan of the next object.
    pub fn read(&self, address: &str, type_name: &str, state: &State) -> Answer<State> {
        self.read_after(address, type_name, state, false)
    }

    /// `ReadResource` of an object that was just imported, whose private data need not be kept.
    pub fn read_imported(&self, address: &str, type_name: &str, state: &State) -> Answer<State> {
        self.read_after(address, type_name, state, true)
    }

    fn read_after(
        &self,
        address: &str,
        type_name: &str,
        state: &State,
        imported: bool,
    ) -> Answer<State> {
        let schema = self.resource(type_name);
        let block = &schema.block;
        let request = proto::read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: Some(pack(&state.value, &block.ty())),
            private: state.private.clone(),
            provider_meta: None,
            client_capabilities: self.capabilities(),
            current_identity: self.identity_of(type_name, &state.identity),
        };
        let (answer, response) = self.ask(
            "ReadResource",
            block,
            &request,
            |r: &proto::read_resource::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<State>();
        let Some(response) = response else {
            return answer;
        };
        self.check_deferred(response.deferred.as_ref(), &mut answer);
        let value = match block.decode(response.new_state.as_ref()) {
            Ok(value) => value,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Provider produced invalid object",
                    mismatch.to_string(),
                ));
                return answer;
            }
        };
        answer.violations.extend(rules::read::state(
            address,
            block,
            &value,
            self.profile.write_only,
        ));
        let identity = self.read_identity(type_name, response.new_identity.as_ref(), &mut answer);
        if answer.has_errors() {
            return answer;
        }
        if schema.identity.is_some() && self.profile.identity {
            let prior = if imported { &identity } else { &state.identity };
            answer
                .violations
                .extend(rules::identity::returned(address, prior, &identity, &value));
        }
        if !imported {
            answer.violations.extend(rules::read::private(
                address,
                &state.private,
                &response.private,
                &value,
            ));
        }
        answer.value = Some(State {
            tainted: state.tainted,
            ..schema.state(value, response.private, identity)
        });
        answer
    }

    /// `PlanResourceChange`
    pub fn plan(&self, ask: PlanRequest<'_>) -> Answer<Planned> {
        let schema = self.resource(ask.type_name);
        let block = &schema.block;
        let ty = block.ty();
        let destroy = ask.config.is_null();
        let proposed = proposed::new_state(block, ask.prior, ask.config);
        let request = proto::plan_resource_change::Request {
            type_name: ask.type_name.to_owned(),
            prior_state: Some(pack(ask.prior, &ty)),
            proposed_new_state: Some(pack(&proposed, &ty)),
            config: Some(pack(ask.config, &ty)),
            prior_private: ask.private.to_vec(),
            provider_meta: None,
            client_capabilities: self.capabilities(),
            prior_identity: self.identity_of(ask.type_name, ask.identity),
        };
        let (answer, response) = self.ask(
            "PlanResourceChange",
            block,
            &request,
            |r: &proto::plan_resource_change::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Planned>();
        let Some(response) = response else {
            return answer;
        };
        let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
        if response.legacy_type_system {
            answer.violations.push(Violation::silent(
                "Legacy type system",
                "the plan asks to be excused from the rules",
            ));
        }
        if answer.has_errors() {
            return answer;
        }
        let value = match block.decode(response.planned_state.as_ref()) {
            Ok(value) => value,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Provider produced invalid plan",
                    mismatch.to_string(),
                ));
                return answer;
            }
        };
        let identity = self.read_identity(
            ask.type_name,
            response.planned_identity.as_ref(),
            &mut answer,
        );
        let mut replace_because = Vec::new();
        if destroy {
            answer
                .violations
                .extend(rules::plan::destroy(ask.address, &value));
        } else if deferred.is_none() {
            if self.profile.write_only {
                answer.violations.extend(rules::write_only::null(
                    ask.address,
                    block,
                    &value,
                    "Provider produced invalid plan",
                    "during planning",
                ));
            }
            answer.violations.extend(rules::plan::valid(
                ask.address,
                block,
                ask.prior,
                ask.config,
                &value,
                self.profile.write_only,
            ));
            let (changed, violations) = rules::plan::requires_replace(
                ask.address,
                ask.prior,
                &value,
                &response.requires_replace,
            );
            replace_because = changed;
            answer.violations.extend(violations);
            if self.profile.identity {
                // Where a change in place becomes a replacement the identity ends with the object.
                let create = ask.prior.is_null();
                if create || replace_because.is_empty() {
                    answer.violations.extend(rules::identity::planned(
                        ask.address,
                        ask.identity,
                        &identity,
                        create,
                    ));
                }
            }
        }
        answer.value = Some(Planned {
            value,
            private: response.planned_private,
            identity,
            replace_because,
            deferred,
        });
        answer
    }

    /// `ApplyResourceChange`. The value is what the provider returned, null where nothing is left;
    /// it is `None` where no usable answer came.
    pub fn apply(&self, ask: ApplyRequest<'_>) -> Answer<State> {
        let schema = self.resource(ask.type_name);
        let block = &schema.block;
        let ty = block.ty();
        let request = proto::apply_resource_change::Request {
            type_name: ask.type_name.to_owned(),
            prior_state: Some(pack(ask.prior, &ty)),
            planned_state: Some(pack(ask.planned, &ty)),
            config: Some(pack(ask.config, &ty)),
            planned_private: ask.private.to_vec(),
            provider_meta: None,
            planned_identity: self.identity_of(ask.type_name, ask.identity),
        };
        let (answer, response) = self.ask(
            "ApplyResourceChange",
            block,
            &request,
            |r: &proto::apply_resource_change::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<State>();
        let Some(response) = response else {
            return answer;
        };
        if response.legacy_type_system {
            answer.violations.push(Violation::silent(
                "Legacy type system",
                "the result asks to be excused from the rules",
            ));
        }
        let value = match block.decode(response.new_state.as_ref()) {
            Ok(value) => value,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Provider produced invalid object",
                    mismatch.to_string(),
                ));
                return answer;
            }
        };
        let provider_error = answer.has_errors();
        answer.violations.extend(rules::apply::result(
            ask.address,
            block,
            ask.planned,
            &value,
            provider_error,
            self.profile.write_only,
        ));
        let identity =
            self.read_identity(ask.type_name, response.new_identity.as_ref(), &mut answer);
        if self.profile.identity && schema.identity.is_some() {
            answer.violations.extend(rules::identity::returned(
                ask.address,
                ask.prior_identity,
                &identity,
                &value,
            ));
        }
        answer.value = Some(schema.state(value, response.private, identity));
        answer
    }

    /// `ImportResourceState`. All objects are given, the rules want one.
    pub fn import(&self, address: &str, type_name: &str, by: &ImportBy) -> Answer<Vec<Imported>> {
        let schema = self.resource(type_name);
        let (id, identity) = match by {
            ImportBy::Id(id) => (id.clone(), None),
            ImportBy::Identity(identity) => (String::new(), self.identity_of(type_name, identity)),
        };
        let request = proto::import_resource_state::Request {
            type_name: type_name.to_owned(),
            id,
            client_capabilities: self.capabilities(),
            identity,
        };
        let (answer, response) = self.ask(
            "ImportResourceState",
            &schema.block,
            &request,
            |r: &proto::import_resource_state::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Vec<Imported>>();
        let Some(response) = response else {
            return answer;
        };
        let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
        if answer.has_errors() || deferred.is_some() {
            return answer;
        }
        let mut imported = Vec::new();
        for object in &response.imported_resources {
            let state = match schema.block.decode(object.state.as_ref()) {
                Ok(state) => state,
                Err(mismatch) => {
                    answer.violations.push(Violation::core(
                        "Provider produced an invalid import",
                        mismatch.to_string(),
                    ));
                    continue;
                }
            };
            let identity = self.read_identity(type_name, object.identity.as_ref(), &mut answer);
            imported.push(Imported {
                type_name: object.type_name.clone(),
                state,
                private: object.private.clone(),
                identity,
            });
        }
        let by_identity = matches!(by, ImportBy::Identity(_));
        answer.violations.extend(rules::import::objects(
            address,
            type_name,
            &schema.block,
            &imported,
            by_identity,
        ));
        answer.value = Some(imported);
        answer
    }

    /// `MoveResourceState`
    pub fn move_state(&self, address: &str, type_name: &str, source: &MoveSource) -> Answer<State> {
        let schema = self.resource(type_name);
        let raw = |json: &str| {
            (!json.is_empty()).then(|| proto::RawState {
                json: json.as_bytes().to_vec(),
                flatmap: Default::default(),
            })
        };
        let request = proto::move_resource_state::Request {
            source_provider_address: source.provider.clone(),
            source_type_name: source.type_name.clone(),
            source_schema_version: source.version,
            source_state: raw(&source.state),
            target_type_name: type_name.to_owned(),
            source_private: source.private.clone(),
            source_identity: raw(&source.identity),
            source_identity_schema_version: 0,
        };
        let (answer, response) = self.ask(
            "MoveResourceState",
            &schema.block,
            &request,
            |r: &proto::move_resource_state::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<State>();
        let Some(response) = response.filter(|_| !answer.stops()) else {
            return answer;
        };
        let value = match schema.block.decode(response.target_state.as_ref()) {
            Ok(value) => value,
            Err(mismatch) => {
                answer.violations.push(Violation::core(
                    "Provider returned invalid value",
                    mismatch.to_string(),
                ));
                return answer;
            }
        };
        if value.is_null() {
            answer.violations.push(Violation::core(
                "Provider returned invalid value",
                format!("The provider returned a null value for {address} while moving it."),
            ));
        }
        answer
            .violations
            .extend(rules::read::state(address, &schema.block, &value, true));
        let identity =
            self.read_identity(type_name, response.target_identity.as_ref(), &mut answer);
        answer.value = Some(schema.state(value, response.target_private, identity));
        answer
    }

    /// `ValidateDataResourceConfig`
    pub fn validate_data(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.data_sources, "data source", type_name);
        let request = proto::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateDataResourceConfig",
            block,
            &request,
            |r: &proto::validate_data_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `ReadDataSource`. The value is `None` where it was put off.
    pub fn read_data(&self, type_name: &str, config: &Value) -> Answer<Option<Value>> {
        let address = format!("data.{type_name}.it");
        let block = block_of(&self.schemas.data_sources, "data source", type_name);
        let request = proto::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            provider_meta: None,
            client_capabilities: self.capabilities(),
        };
        let (answer, response) = self.ask(
            "ReadDataSource",
            block,
            &request,
            |r: &proto::read_data_source::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Option<Value>>();
        let Some(response) = response else {
            return answer;
        };
        if self
            .check_deferred(response.deferred.as_ref(), &mut answer)
            .is_some()
        {
            answer.value = Some(None);
            return answer;
        }
        if answer.has_errors() {
            return answer;
        }
        match block.decode(response.state.as_ref()) {
            Ok(value) => {
                answer
                    .violations
                    .extend(rules::result::known_object(&address, &value));
                answer.violations.extend(rules::result::echoes_config(
                    &address, block, config, &value,
                ));
                answer.value = Some(Some(value));
            }
            Err(mismatch) => answer.violations.push(Violation::core(
                "Provider produced invalid object",
                mismatch.to_string(),
            )),
        }
        answer
    }

    /// `ValidateEphemeralResourceConfig`
    pub fn validate_ephemeral(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateEphemeralResourceConfig",
            block,
            &request,
            |r: &proto::validate_ephemeral_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `OpenEphemeralResource`
    pub fn open_ephemeral(&self, type_name: &str, config: &Value) -> Answer<Opened> {
        let address = format!("ephemeral.{type_name}.it");
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::open_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.profile.ephemeral_capabilities().map(|c| {
                proto::ClientCapabilities {
                    deferral_allowed: self.profile.deferral_in_plan && self.phase == Phase::Plan,
                    ..c
                }
            }),
        };
        let (answer, response) = self.ask(
            "OpenEphemeralResource",
            block,
            &request,
            |r: &proto::open_ephemeral_resource::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Opened>();
        let Some(response) = response else {
            return answer;
        };
        let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
        if answer.has_errors() {
            return answer;
        }
        match block.decode(response.result.as_ref()) {
            Ok(value) => {
                if deferred.is_none() {
                    answer
                        .violations
                        .extend(rules::result::known_object(&address, &value));
                    answer.violations.extend(rules::result::echoes_config(
                        &address, block, config, &value,
                    ));
                }
                answer.value = Some(Opened {
                    value,
                    private: response.private,
                    renew_at: response.renew_at,
                    deferred,
                });
            }
            Err(mismatch) => answer.violations.push(Violation::core(
                "Provider produced invalid object",
                mismatch.to_string(),
            )),
        }
        answer
    }

    /// `RenewEphemeralResource`
    pub fn renew_ephemeral(&self, type_name: &str, private: Option<Vec<u8>>) -> Answer<Opened> {
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::renew_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            private,
        };
        let (answer, response) = self.ask(
            "RenewEphemeralResource",
            block,
            &request,
            |r: &proto::renew_ephemeral_resource::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped();
        answer.value = response.map(|response| Opened {
            value: Value::Null,
            private: response.private,
            renew_at: response.renew_at,
            deferred: None,
        });
        answer
    }

    /// `CloseEphemeralResource`
    pub fn close_ephemeral(&self, type_name: &str, private: Option<Vec<u8>>) -> Answer<()> {
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::close_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            private,
        };
        done(self.ask(
            "CloseEphemeralResource",
            block,
            &request,
            |r: &proto::close_ephemeral_resource::Response| &r.diagnostics,
        ))
    }

    /// `ValidateListResourceConfig`
    pub fn validate_list(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.lists, "list resource", type_name);
        let request = proto::validate_list_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            include_resource_object: None,
            limit: None,
        };
        done(self.ask(
            "ValidateListResourceConfig",
            block,
            &request,
            |r: &proto::validate_list_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `ListResource`. Core closes the stream as soon as it has `limit` results; without one in
    /// HCL the limit is 100.
    pub fn list(
        &self,
        type_name: &str,
        config: &Value,
        include_resource: bool,
        limit: i64,
    ) -> Answer<Vec<Listed>> {
        const RPC: &str = "ListResource";
        let block = block_of(&self.schemas.lists, "list resource", type_name);
        let request = proto::list_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            include_resource_object: include_resource,
            limit,
        };
        let mut answer: Answer<Vec<Listed>> = Answer::new(RPC);
        let mut listed = Vec::new();
        let resource = self.schemas.resources.get(type_name);
        let mut each = |bytes: Vec<u8>| {
            let event = match proto::list_resource::Event::decode(bytes.as_slice()) {
                Ok(event) => event,
                Err(e) => {
                    let text = format!("undecodable event: {e}");
                    answer
                        .violations
                        .push(Violation::core("Plugin error", text));
                    return ControlFlow::Break(());
                }
            };
            let diagnostics: Vec<_> = event.diagnostic.iter().map(Diagnostic::read).collect();
            answer
                .violations
                .extend(rules::messages::diagnostics(block, &event.diagnostic));
            if diagnostics.iter().any(|d| d.error) {
                answer.diagnostics.extend(diagnostics);
                return ControlFlow::Continue(());
            }
            if event.identity.is_none() {
                answer.violations.push(Violation::core(
                    "Invalid list result",
                    format!("missing identity data in ListResource event for {type_name}"),
                ));
            }
            let identity = self.read_identity(type_name, event.identity.as_ref(), &mut answer);
            if identity.is_null() || !identity.is_wholly_known() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    format!(
                        "{:?}: an identity that is null or unknown",
                        event.display_name
                    ),
                ));
            }
            if event.display_name.is_empty() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    "an empty display name",
                ));
            }
            if include_resource != event.resource_object.is_some() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    "the resource object is given where it was not asked for, or not where it was",
                ));
            }
            let object = event.resource_object.as_ref().and_then(|object| {
                match resource.map(|r| r.block.decode(Some(object))) {
                    Some(Ok(object)) => Some(object),
                    Some(Err(mismatch)) => {
                        answer
                            .violations
                            .push(Violation::core("Invalid list result", mismatch.to_string()));
                        None
                    }
                    None => None,
                }
            });
            if let (Some(object), Some(resource)) = (&object, resource) {
                answer.violations.extend(rules::read::state(
                    type_name,
                    &resource.block,
                    object,
                    true,
                ));
            }
            listed.push(Listed {
                identity,
                display_name: event.display_name,
                object,
                generated: None,
                diagnostics,
            });
            if usize::try_from(limit).is_ok_and(|limit| listed.len() >= limit) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let end = self.wire.stream(RPC, request.encode_to_vec(), &mut each);
        answer.status = end.err();
        answer.value = Some(listed);
        answer
    }

    /// `GenerateResourceConfig`
    pub fn generate_config(&self, type_name: &str, state: &Value) -> Answer<Value> {
        let block = &self.resource(type_name).block;
        let request = proto::generate_resource_config::Request {
            type_name: type_name.to_owned(),
            state: Some(pack(state, &block.ty())),
        };
        let (answer, response) = self.ask(
            "GenerateResourceConfig",
            block,
            &request,
            |r: &proto::generate_resource_config::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Value>();
        if let Some(response) = response {
            match block.decode(response.config.as_ref()) {
                Ok(config) => {
                    answer.violations.extend(rules::write_only::null(
                        type_name,
                        block,
                        &config,
                        "Generated configuration",
                        "in generated configuration",
                    ));
                    for (name, attribute) in &block.attributes {
                        let value = config.attribute(name);
                        let text = if value.is_null() && attribute.required {
                            "null where a value is required"
                        } else if !value.is_null() && !attribute.optional && !attribute.required {
                            "a value where none can be configured"
                        } else if !value.is_null() && attribute.sensitive {
                            "a secret"
                        } else if !value.is_wholly_known() {
                            "an unknown"
                        } else {
                            continue;
                        };
                        answer.violations.push(Violation::silent(
                            "Generated configuration",
                            format!("{name}: {text}"),
                        ));
                    }
                    answer.value = Some(config);
                }
                Err(mismatch) => answer.violations.push(Violation::core(
                    "Provider produced invalid object",
                    mismatch.to_string(),
                )),
            }
        }
        answer
    }

    /// `ValidateActionConfig`. It carries no capabilities.
    pub fn validate_action(&self, action_type: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::validate_action_config::Request {
            action_type: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateActionConfig",
            block,
            &request,
            |r: &proto::validate_action_config::Response| &r.diagnostics,
        ))
    }

    /// `PlanAction`. The value says whether it was put off.
    pub fn plan_action(
        &self,
        action_type: &str,
        config: &Value,
    ) -> Answer<Option<proto::deferred::Reason>> {
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::plan_action::Request {
            action_type: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        let (answer, response) = self.ask(
            "PlanAction",
            block,
            &request,
            |r: &proto::plan_action::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped();
        if let Some(response) = response {
            let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
            answer.value = Some(deferred);
        }
        answer
    }

    /// `InvokeAction`. The value is the progress messages.
    pub fn invoke_action(&self, action_type: &str, config: &Value) -> Answer<Vec<String>> {
        use proto::invoke_action::event::Type as Event;
        const RPC: &str = "InvokeAction";
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::invoke_action::Request {
            action_type: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        let mut answer: Answer<Vec<String>> = Answer::new(RPC);
        let mut progress = Vec::new();
        let mut completed = false;
        let mut each = |bytes: Vec<u8>| {
            let event = proto::invoke_action::Event::decode(bytes.as_slice());
            if completed {
                answer.violations.push(Violation::silent(
                    "Invalid action event",
                    "an event after the completion",
                ));
            }
            match event.map(|event| event.r#type) {
                Ok(Some(Event::Progress(event))) => progress.push(event.message),
                Ok(Some(Event::Completed(event))) => {
                    completed = true;
                    answer
                        .violations
                        .extend(rules::messages::diagnostics(block, &event.diagnostics));
                    answer
                        .diagnostics
                        .extend(event.diagnostics.iter().map(Diagnostic::read));
                }
                _ => answer
                    .violations
                    .push(Violation::core("Plugin error", "an undecodable event")),
            }
            ControlFlow::Continue(())
        };
        let end = self.wire.stream(RPC, request.encode_to_vec(), &mut each);
        answer.status = end.err();
        if !completed && answer.status.is_none() {
            answer.violations.push(Violation::silent(
                "Invalid action event",
                "the stream ended without a completion",
            ));
        }
        answer.value = Some(progress);
        answer
    }

    /// `CallFunction`. Arguments that the function does not allow never reach it in core: passing
    /// one here is a mistake of the test and panics.
    pub fn call_function(&self, name: &str, arguments: &[Value]) -> Answer<Called> {
        const RPC: &str = "CallFunction";
        let function = self
            .schemas
            .functions
            .get(name)
            .unwrap_or_else(|| panic!("the provider has no function {name}"));
        let mut packed = Vec::new();
        for (i, argument) in arguments.iter().enumerate() {
            let parameter = function
                .parameters
                .get(i)
                .or(function.variadic.as_ref())
                .unwrap_or_else(|| panic!("{name} has no parameter {i}"));
            assert!(
                parameter.allow_null || !argument.is_null(),
                "core does not pass null for {}",
                parameter.name
            );
            assert!(
                parameter.allow_unknown || argument.is_wholly_known(),
                "core does not pass an unknown for {}",
                parameter.name
            );
            packed.push(pack(argument, &parameter.ty));
        }
        let request = proto::call_function::Request {
            name: name.to_owned(),
            arguments: packed,
        };
        let mut answer = Answer::new(RPC);
        match wire::call::<_, proto::call_function::Response>(self.wire.as_ref(), RPC, &request) {
            Ok(response) => {
                answer.value = match response.error {
                    Some(error) => Some(Called::Error {
                        text: error.text,
                        argument: error.function_argument,
                    }),
                    None => match decode(response.result.as_ref(), &function.returns) {
                        Ok(value) => Some(Called::Result(value)),
                        Err(mismatch) => {
                            answer.violations.push(Violation::core(
                                "Error in function call",
                                mismatch.to_string(),
                            ));
                            None
                        }
                    },
                };
            }
            Err(status) => answer.status = Some(status),
        }
        answer
    }

    /// `StopProvider`, as at Ctrl-C: once per process. The running calls go on; a workspace starts
    /// nothing further in this session.
    pub fn stop(&self) -> Answer<()> {
        const RPC: &str = "StopProvider";
        self.stopped.store(true, Ordering::SeqCst);
        let mut answer = Answer::new(RPC);
        let request = proto::stop_provider::Request {};
        match wire::call::<_, proto::stop_provider::Response>(self.wire.as_ref(), RPC, &request) {
            Ok(response) if response.error.is_empty() => answer.value = Some(()),
            Ok(response) => answer
                .violations
                .push(Violation::core("Stop failed", response.error)),
            Err(status) => answer.status = Some(status),
        }
        answer
    }

    /// Whether [`stop`](Session::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

fn done<R>((answer, _): (Answer<()>, Option<R>)) -> Answer<()> {
    let value = answer.status.is_none().then_some(());
    Answer { value, ..answer }
}

fn block_of<'a>(
    blocks: &'a std::collections::BTreeMap<String, Block>,
    kind: &str,
    name: &str,
) -> &'a Block {
    blocks
        .get(name)
        .unwrap_or_else(|| panic!("the provider has no {kind} {name}"))
}

/// Encodes what the test gives. A value that does not fit the schema is a mistake of the test.
fn pack(value: &Value, ty: &Type) -> proto::DynamicValue {
    encode(value, ty).unwrap_or_else(|e| panic!("a value that core could not send: {e}"))
}
