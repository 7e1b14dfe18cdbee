//! ApplyResourceChange: a create, an update or a delete.

use super::{EncodedState, RegisteredResource};
use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    outcome::{Create, Delete, ResourceState, Update},
    panic::catch_panic,
    proto::apply_resource_change as apply,
    resource::{Resource, StateOf},
    value::Value,
    wire::{self, messages},
};

const RPC: &str = "ApplyResourceChange";

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn apply_resource_change(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: apply::Request,
    ) -> apply::Response {
        let unchanged = apply::Response {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            new_identity: request.planned_identity.clone(),
            ..Default::default()
        };
        self.try_apply(context, request, unchanged.clone())
            .await
            .unwrap_or_else(|error| apply::Response {
                diagnostics: messages([error]),
                ..unchanged
            })
    }

    async fn try_apply(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: apply::Request,
        mut unchanged: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let prior = self.decode_state(request.prior_state, &request.planned_private)?;
        // Core may plan no identity for an object that goes; if it stays all the same, it keeps its own.
        if let (None, Some(prior)) = (&unchanged.new_identity, &prior) {
            unchanged.new_identity = self.identity(&prior.model)?;
        }
        let planned = self.codec.decode(request.planned_state)?;
        let config = self.codec.decode(request.config)?;
        match (prior, planned.is_null()) {
            (Some(prior), true) => self.delete(context, prior, unchanged).await,
            (Some(prior), false) => {
                self.update(context, prior, planned, config, unchanged)
                    .await
            }
            (None, false) => {
                let private = wire::decode_private(&unchanged.private);
                self.create(context, planned, private, config).await
            }
            (None, true) => Ok(unchanged),
        }
    }

    async fn create(
        &self,
        context: &MaybeConfigured<R::Client>,
        planned: Value,
        private: R::Private,
        config: Value,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(context) = context.configured() else {
            return Err(not_configured("create", self.resource.type_name()));
        };
        let planned = ResourceState::new(wire::model(planned)?, private);
        let config = wire::model(config)?;
        let work = self.resource.create(&context, planned, config);
        let outcome = catch_panic(RPC, work)
            .await
            .unwrap_or_else(|panic| Create::Failed(panic).into());
        let (state, error) = match outcome.result {
            Create::Created(state) => (state, None),
            Create::CreatedTainted(state, error) => (state, Some(error)),
            Create::Failed(error) => {
                return Ok(apply::Response {
                    new_state: self.codec.null(),
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..Default::default()
                });
            }
        };
        Ok(self.encode_state(&state)?.applied(outcome.warnings, error))
    }

    async fn update(
        &self,
        context: &MaybeConfigured<R::Client>,
        prior: StateOf<R>,
        planned: Value,
        config: Value,
        unchanged: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(context) = context.configured() else {
            return Err(not_configured("update", self.resource.type_name()));
        };
        let (planned, config) = (wire::model(planned)?, wire::model(config)?);
        let work = self.resource.update(&context, prior, planned, config);
        let outcome = catch_panic(RPC, work)
            .await
            .unwrap_or_else(|panic| Update::Failed(panic).into());
        let (state, error) = match outcome.result {
            Update::Updated(state) => (state, None),
            Update::UpdatedWithError(state, error) => (state, Some(error)),
            Update::Failed(error) => {
                return Ok(apply::Response {
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..unchanged
                });
            }
        };
        Ok(self.encode_state(&state)?.applied(outcome.warnings, error))
    }

    async fn delete(
        &self,
        context: &MaybeConfigured<R::Client>,
        prior: StateOf<R>,
        unchanged: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(context) = context.configured() else {
            return Err(not_configured("delete", self.resource.type_name()));
        };
        let outcome = catch_panic(RPC, self.resource.delete(&context, prior))
            .await
            .unwrap_or_else(|panic| Delete::Failed(panic).into());
        Ok(match outcome.result {
            Delete::Deleted => apply::Response {
                new_state: self.codec.null(),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Delete::Failed(error) => apply::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..unchanged
            },
        })
    }
}

impl EncodedState {
    fn applied(self, warnings: Vec<Diagnostic>, error: Option<Diagnostic>) -> apply::Response {
        apply::Response {
            new_state: self.value,
            private: self.private,
            new_identity: self.identity,
            diagnostics: messages(warnings.into_iter().chain(self.bugs).chain(error)),
            ..Default::default()
        }
    }
}

fn not_configured(operation: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider not configured",
        format!(
            "Terraform asked to {operation} a {type_name}, but the configuration of the provider is not known. Nothing was done. Apply again once the values that the provider block refers to are known."
        ),
    )
}
