//! One provider process in one phase of a command: each call as the CLI makes it, each answer
//! checked by core's rules.

mod action;
mod data;
mod ephemeral;
mod import;
mod list;
mod provider;
mod resource;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prost::Message;

pub use ephemeral::Opened;
pub use import::{ImportBy, MoveSource};
pub use list::Listed;
pub use resource::{ApplyRequest, PlanRequest, Planned};

use crate::diagnostic::{Answer, Diagnostic, Violation};
use crate::profile::Profile;
use crate::proto;
use crate::rules;
use crate::schema::{Block, ResourceSchema, Schemas, decode, encode};
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

    /// The CLI.
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
                answer.violations = rules::diagnostics(block, found);
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
                    mismatch,
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
