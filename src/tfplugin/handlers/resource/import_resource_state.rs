//! ImportResourceState: the state of an object of which only the id or the identity is known. ReadResource,
//! which core calls next, fills it in.

use super::RegisteredResource;
use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    panic::catch_panic,
    proto::import_resource_state as import,
    resource::{ImportId, Resource},
    value::Type,
    wire,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn import_resource_state(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: import::Request,
    ) -> import::Response {
        let imported = catch_panic("ImportResourceState", async { self.try_import(request) }).await;
        match imported.and_then(|imported| imported) {
            Ok(resource) => import::Response {
                imported_resources: vec![resource],
                deferred: context.deferral().map(Into::into),
                ..Default::default()
            },
            Err(error) => error.into(),
        }
    }

    fn try_import(&self, request: import::Request) -> Result<import::ImportedResource, Diagnostic> {
        let identity = request.identity.and_then(|identity| identity.identity_data);
        let id = match identity {
            Some(identity) => {
                let identity_type = Type::Object(self.identity_type.clone());
                ImportId::Identity(wire::model(wire::decode(Some(identity), &identity_type)?)?)
            }
            None => ImportId::Id(request.id),
        };
        let state = self.encode_state(&self.resource.import(id)?)?;
        Ok(import::ImportedResource {
            type_name: self.resource.type_name().to_owned(),
            state: state.value,
            private: state.private,
            identity: state.identity,
        })
    }
}
