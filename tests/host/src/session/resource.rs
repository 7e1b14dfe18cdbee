//! Managed resources: validated, upgraded, read, planned, applied.

use super::{Session, done, pack};
use crate::diagnostic::{Answer, Diagnostic, Violation};
use crate::proposed;
use crate::proto;
use crate::rules;
use crate::state::State;
use crate::value::{Value, ValueExt as _};
use crate::wire;

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
    /// What an earlier plan of the same object returned as its private data. Only some CLIs send it.
    pub planned_private: &'a [u8],
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

impl Session {
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
                answer
                    .violations
                    .push(Violation::core("Failed to upgrade state", mismatch));
                return answer;
            }
        };
        answer
            .violations
            .extend(rules::upgraded(address, &schema.block, &value));
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
            state.identity.to_test_json().to_string().into_bytes()
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
                    mismatch,
                ));
                return answer;
            }
        };
        answer
            .violations
            .extend(rules::state(address, block, &value));
        let identity = self.read_identity(type_name, response.new_identity.as_ref(), &mut answer);
        if answer.has_errors() {
            return answer;
        }
        if schema.identity.is_some() && self.profile.identity {
            let prior = if imported { &identity } else { &state.identity };
            answer
                .violations
                .extend(rules::identity(address, prior, &identity, &value));
        }
        if !imported {
            answer.violations.extend(rules::private(
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
            planned_private: match self.profile.planned_private {
                true => ask.planned_private.to_vec(),
                false => Vec::new(),
            },
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
                answer
                    .violations
                    .push(Violation::core("Provider produced invalid plan", mismatch));
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
                .extend(rules::destroy(ask.address, &value));
        } else if deferred.is_none() {
            if self.profile.write_only {
                answer.violations.extend(rules::write_only(
                    ask.address,
                    block,
                    &value,
                    "Provider produced invalid plan",
                    "during planning",
                ));
            }
            answer.violations.extend(rules::plan(
                ask.address,
                block,
                ask.prior,
                ask.config,
                &value,
                self.profile.write_only,
            ));
            let (changed, violations) =
                rules::requires_replace(ask.address, ask.prior, &value, &response.requires_replace);
            replace_because = changed;
            answer.violations.extend(violations);
            if self.profile.identity {
                // Where a change in place becomes a replacement the identity ends with the object.
                let create = ask.prior.is_null();
                if create || replace_because.is_empty() {
                    answer.violations.extend(rules::planned_identity(
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
                    mismatch,
                ));
                return answer;
            }
        };
        let provider_error = answer.has_errors();
        answer.violations.extend(rules::apply(
            ask.address,
            block,
            ask.planned,
            &value,
            provider_error,
        ));
        let identity =
            self.read_identity(ask.type_name, response.new_identity.as_ref(), &mut answer);
        if self.profile.identity && schema.identity.is_some() {
            answer.violations.extend(rules::identity(
                ask.address,
                ask.prior_identity,
                &identity,
                &value,
            ));
        }
        answer.value = Some(schema.state(value, response.private, identity));
        answer
    }
}
