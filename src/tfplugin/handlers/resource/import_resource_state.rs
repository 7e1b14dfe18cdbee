//! ImportResourceState: the state of an object of which only the id or the identity is known. ReadResource,
//! which core calls next, fills it in.

use super::{super::run, RegisteredResource};
use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    proto::import_resource_state as import,
    resource::{ImportId, Resource},
    value::Type,
    wire::{self, messages},
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn import_resource_state(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: import::Request,
    ) -> import::Response {
        let response = self.try_import(context, request).await;
        response.unwrap_or_else(Into::into)
    }

    async fn try_import(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: import::Request,
    ) -> Result<import::Response, Diagnostic> {
        let requested = request
            .identity
            .filter(|identity| identity.identity_data.is_some());
        let id = match &requested {
            Some(identity) => {
                let identity_type = Type::Object(self.identity_type.clone());
                let identity = wire::decode(identity.identity_data.clone(), &identity_type)?;
                ImportId::Identity(wire::model(identity)?)
            }
            None => ImportId::Id(request.id),
        };
        let work = self.resource.import(context, id);
        let outcome = run("ImportResourceState", work).await;
        let mut diagnostics = outcome.warnings;
        let imported_resources = match outcome.result {
            Ok(state) => {
                let state = self.encode_state(&state)?;
                diagnostics.extend(state.bugs);
                vec![import::ImportedResource {
                    type_name: self.resource.type_name().to_owned(),
                    state: state.value,
                    private: state.private,
                    // Core wants one, and the handler may know the rest of it only after the read.
                    identity: state.identity.or(requested),
                }]
            }
            Err(error) => {
                diagnostics.push(error);
                Vec::new()
            }
        };
        Ok(import::Response {
            imported_resources,
            diagnostics: messages(diagnostics),
            deferred: context.deferral().map(Into::into),
        })
    }
}
