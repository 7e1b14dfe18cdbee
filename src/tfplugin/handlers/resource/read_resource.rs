//! ReadResource: what became of a stored object.

use super::RegisteredResource;
use crate::tfplugin::{
    context::MaybeConfigured, diagnostics::Diagnostic, outcome::Read, panic::catch_panic,
    proto::read_resource as read, resource::Resource, wire::messages,
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn read_resource(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: read::Request,
    ) -> read::Response {
        // Core forgets private data and identity that do not come back.
        let unchanged = read::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        self.try_read(context, request, unchanged.clone())
            .await
            .unwrap_or_else(|error| read::Response {
                diagnostics: messages([error]),
                ..unchanged
            })
    }

    async fn try_read(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: read::Request,
        mut unchanged: read::Response,
    ) -> Result<read::Response, Diagnostic> {
        let Some(current) = self.decode_state(request.current_state, &request.private)? else {
            return Ok(unchanged);
        };
        // An older CLI's state has no identity: it gets one even when nothing else is learned.
        if let Some(identity) = self.identity(&current.model)? {
            unchanged.new_identity = Some(identity);
        }
        if let Some(reason) = context.deferral() {
            unchanged.deferred = Some(reason.into());
            return Ok(unchanged);
        }
        let outcome = catch_panic("ReadResource", self.resource.read(context, current))
            .await
            .unwrap_or_else(|panic| Read::Failed(panic).into());
        Ok(match outcome.result {
            Read::Found(state) => {
                let state = self.encode_state(&state)?;
                read::Response {
                    new_state: state.value,
                    private: state.private,
                    new_identity: state.identity,
                    diagnostics: messages(outcome.warnings.into_iter().chain(state.bugs)),
                    ..Default::default()
                }
            }
            Read::Removed => read::Response {
                new_state: self.codec.null(),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Read::Unchanged => read::Response {
                diagnostics: messages(outcome.warnings),
                ..unchanged
            },
            Read::Failed(error) => read::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..unchanged
            },
        })
    }
}
