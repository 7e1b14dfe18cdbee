//! UpgradeResourceState: a stored state, of whatever version of the schema. Core calls it for each one, also
//! for those of the current version.

use bytes::Bytes;

use super::{RegisteredResource, unreadable_state};
use crate::tfplugin::{
    diagnostics::Diagnostic,
    panic::catch_panic,
    proto::{DynamicValue, upgrade_resource_state as upgrade},
    resource::Resource,
    rules,
    value::Value,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn upgrade_resource_state(
        &self,
        request: upgrade::Request,
    ) -> upgrade::Response {
        let upgraded = catch_panic("UpgradeResourceState", async { self.try_upgrade(request) });
        match upgraded.await.and_then(|upgraded| upgraded) {
            Ok(state) => upgrade::Response {
                upgraded_state: state,
                diagnostics: Vec::new(),
            },
            Err(error) => error.into(),
        }
    }

    fn try_upgrade(&self, request: upgrade::Request) -> Result<Option<DynamicValue>, Diagnostic> {
        let raw = request.raw_state.unwrap_or_default();
        if raw.json.is_empty() {
            return match raw.flatmap.is_empty() {
                true => Ok(self.codec.null()),
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
        let json = if request.version == self.codec.schema.version {
            raw.json
        } else {
            let state = serde_json::from_slice(&raw.json).map_err(unreadable_state)?;
            let upgraded = self.resource.upgrade(request.version, state)?;
            Bytes::from(serde_json::to_vec(&upgraded).map_err(Diagnostic::bug)?)
        };
        let (mut state, dropped) =
            Value::from_json_lenient(&json, &self.codec.value_type).map_err(unreadable_state)?;
        if state.is_null() {
            return Err(unreadable_state(()));
        }
        if !dropped.is_empty() {
            tracing::debug!(
                ?dropped,
                "the stored state has attributes that the schema lacks"
            );
        }
        rules::null_write_only(&mut state, self.attributes());
        self.codec.encode(&state).map(Some)
    }
}
