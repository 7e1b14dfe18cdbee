//! ReadResource: what became of a stored object.

use super::RegisteredResource;
use crate::tfplugin::{
    call::MaybeConfigured,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::Read,
    proto::read_resource as read,
    resource::Resource,
    service::wire::{self, messages},
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn try_read(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: read::Request,
        mut kept: read::Response,
    ) -> Result<read::Response, Diagnostic> {
        let Some(current) = self.stored(request.current_state, &request.private)? else {
            return Ok(kept);
        };
        // An older CLI's state has no identity: it gets one even when nothing else is learned.
        if let Some(identity) = self.identity(&current.model)? {
            kept.new_identity = Some(identity);
        }
        if let Some(reason) = call.deferral() {
            kept.deferred = Some(reason.into());
            return Ok(kept);
        }
        let outcome = contain("ReadResource", self.resource.read(call, current))
            .await
            .unwrap_or_else(|panic| Read::Failed(panic).into());
        Ok(match outcome.result {
            Read::Found(instance) => {
                let stored = self.store(&instance, None)?;
                read::Response {
                    new_state: stored.state,
                    private: stored.private,
                    new_identity: stored.identity,
                    diagnostics: messages(outcome.warnings.into_iter().chain(stored.violations)),
                    ..Default::default()
                }
            }
            Read::Gone => read::Response {
                new_state: wire::null(&self.shape.value_type),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Read::Kept => read::Response {
                diagnostics: messages(outcome.warnings),
                ..kept
            },
            Read::Failed(error) => read::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..kept
            },
        })
    }
}
