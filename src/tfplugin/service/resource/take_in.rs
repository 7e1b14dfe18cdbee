//! How an object comes into state that no create put there: ImportResourceState, UpgradeResourceState and
//! MoveResourceState.

use super::RegisteredResource;
use crate::tfplugin::{
    diagnostics::Diagnostic,
    proto::{
        import_resource_state as import, move_resource_state as mv,
        upgrade_resource_state as upgrade,
    },
    resource::{ImportId, InstanceOf, MoveSource, Resource},
    rules,
    service::wire::{self, messages},
    value::{Type, Value},
};

impl<R: Resource> RegisteredResource<R> {
    fn imported(&self, instance: &InstanceOf<R>) -> Result<import::ImportedResource, Diagnostic> {
        let stored = self.store(instance, None)?;
        Ok(import::ImportedResource {
            type_name: self.resource.type_name().to_owned(),
            state: stored.state,
            private: stored.private,
            identity: stored.identity,
        })
    }

    pub(super) fn try_import(
        &self,
        request: import::Request,
    ) -> Result<import::ImportedResource, Diagnostic> {
        let identity = request.identity.and_then(|identity| identity.identity_data);
        let id = match identity {
            Some(identity) => {
                let identity_type = Type::Object(self.identity_type.clone());
                ImportId::Identity(wire::model(wire::decode(Some(identity), &identity_type)?)?)
            }
            None => ImportId::Id(request.id),
        };
        self.imported(&self.resource.import(id)?)
    }

    pub(super) fn try_upgrade(&self, request: upgrade::Request) -> Result<Value, Diagnostic> {
        let raw = request.raw_state.unwrap_or_default();
        if raw.json.is_empty() {
            return match raw.flatmap.is_empty() {
                true => Ok(Value::Null),
                false => Err(Diagnostic::error(
                    "State too old to upgrade",
                    format!(
                        "The state of this {} was written in the format of Terraform 0.11. This provider never wrote that format. Remove the resource from the state and import the object by its id.",
                        self.resource.type_name()
                    ),
                )),
            };
        }
        // serde_json's own numbers are floats where they are long, so a state that needs no upgrade is
        // never turned into them: a number of 30 digits would be another one in every plan.
        let json = if request.version == self.shape.schema.version {
            raw.json
        } else {
            let state = self
                .resource
                .upgrade(request.version, parse_object(&raw.json)?)?;
            serde_json::to_vec(&state).map_err(Diagnostic::bug)?.into()
        };
        let (mut tree, dropped) =
            Value::from_json_lenient(&json, &self.shape.value_type).map_err(unreadable_state)?;
        if tree.is_null() {
            return Err(unreadable_state(()));
        }
        if !dropped.is_empty() {
            tracing::debug!(
                ?dropped,
                "the stored state has attributes that the schema lacks"
            );
        }
        rules::drop_write_only(&mut tree, self.attributes());
        Ok(tree)
    }

    pub(super) fn try_take_over(&self, request: mv::Request) -> Result<mv::Response, Diagnostic> {
        let raw = request.source_state.unwrap_or_default();
        let source = MoveSource {
            provider_address: request.source_provider_address,
            type_name: request.source_type_name,
            schema_version: request.source_schema_version,
            state: parse_object(&raw.json)?,
        };
        let instance = self.resource.take_over(source)?;
        let stored = self.store(&instance, None)?;
        Ok(mv::Response {
            target_state: stored.state,
            target_private: stored.private,
            target_identity: stored.identity,
            diagnostics: messages(stored.violations),
        })
    }
}

fn parse_object(json: &[u8]) -> Result<serde_json::Map<String, serde_json::Value>, Diagnostic> {
    serde_json::from_slice(json).map_err(unreadable_state)
}

/// The cause is left out: it could quote the state.
pub(super) fn unreadable_state<E>(_: E) -> Diagnostic {
    Diagnostic::error(
        "State not readable",
        "The stored state of this resource does not have the form that the provider expects. Restore it from a backup, or remove the resource from the state and import the object by its id.",
    )
}
