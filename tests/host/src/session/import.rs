//! Objects that come from elsewhere: imported, or moved from another type.

use super::Session;
use crate::diagnostic::{Answer, Violation};
use crate::proto;
use crate::rules;
use crate::rules::Imported;
use crate::state::State;
use crate::value::Value;

/// By what an object is imported.
#[derive(Debug, Clone)]
pub enum ImportBy {
    /// `id = "…"`
    Id(String),
    /// `identity = {…}`
    Identity(Value),
}

/// An object of another resource type, to be moved.
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

impl Session {
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
                        mismatch,
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
        answer.violations.extend(rules::import(
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
                answer
                    .violations
                    .push(Violation::core("Provider returned invalid value", mismatch));
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
            .extend(rules::state(address, &schema.block, &value));
        let identity =
            self.read_identity(type_name, response.target_identity.as_ref(), &mut answer);
        answer.value = Some(schema.state(value, response.target_private, identity));
        answer
    }
}
