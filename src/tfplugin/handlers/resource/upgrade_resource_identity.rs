//! UpgradeResourceIdentity: an identity that another version of its schema stored.

use super::{RegisteredResource, unreadable_state};
use crate::tfplugin::{
    proto::{ResourceIdentityData, upgrade_resource_identity as upgrade_identity},
    resource::Resource,
    value::{Type, Value},
    wire,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) fn upgrade_resource_identity(
        &self,
        request: upgrade_identity::Request,
    ) -> upgrade_identity::Response {
        let json = request.raw_identity.unwrap_or_default().json;
        // Core takes a state without identity for one of version 0 with nothing in it. The next read fills it in.
        if json.is_empty() || self.identity_schema.attributes.is_empty() {
            return upgrade_identity::Response::default();
        }
        let identity_type = Type::Object(self.identity_type.clone());
        let upgraded = Value::from_json_lenient(&json, &identity_type)
            .map_err(unreadable_state)
            .and_then(|(identity, _)| wire::encode(&identity, &identity_type));
        match upgraded {
            Ok(identity) => upgrade_identity::Response {
                upgraded_identity: Some(ResourceIdentityData {
                    identity_data: Some(identity),
                }),
                diagnostics: Vec::new(),
            },
            Err(error) => error.into(),
        }
    }
}
