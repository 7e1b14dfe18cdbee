//! MoveResourceState: the state of a resource that was declared as one of another type before (`moved`).

use super::{RegisteredResource, unreadable_state};
use crate::tfplugin::{
    diagnostics::Diagnostic,
    panic::catch_panic,
    proto::move_resource_state as mv,
    resource::{MoveSource, Resource},
    wire::messages,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn move_resource_state(&self, request: mv::Request) -> mv::Response {
        catch_panic("MoveResourceState", async { self.try_move(request) })
            .await
            .and_then(|moved| moved)
            .unwrap_or_else(Into::into)
    }

    fn try_move(&self, request: mv::Request) -> Result<mv::Response, Diagnostic> {
        let raw = request.source_state.unwrap_or_default();
        let source = MoveSource {
            provider_address: request.source_provider_address,
            type_name: request.source_type_name,
            schema_version: request.source_schema_version,
            state: serde_json::from_slice(&raw.json).map_err(unreadable_state)?,
        };
        let state = self.encode_state(&self.resource.move_state(source)?)?;
        Ok(mv::Response {
            target_state: state.value,
            target_private: state.private,
            target_identity: state.identity,
            diagnostics: messages(state.bugs),
        })
    }
}
