//! ApplyResourceChange: a create, an update or a delete.

use super::{RegisteredResource, Stored};
use crate::tfplugin::{
    call::MaybeConfigured,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::{Create, Delete, Update},
    proto::apply_resource_change as apply,
    resource::{InstanceOf, Resource},
    service::wire::{self, messages},
    value::Value,
};

impl<R: Resource> RegisteredResource<R> {
    async fn create(
        &self,
        call: &MaybeConfigured<R::Client>,
        planned: Value,
        config: Value,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("create", self.resource.type_name()));
        };
        let planned_model = wire::model(planned.clone())?;
        let config = wire::model(config)?;
        let work = self.resource.create(&call, planned_model, config);
        let outcome = contain("ApplyResourceChange", work)
            .await
            .unwrap_or_else(|panic| Create::NotMade(panic).into());
        let (instance, error, planned) = match outcome.result {
            Create::Made(instance) => (instance, None, Some(&planned)),
            Create::MadeBut(instance, error) => (instance, Some(error), None),
            Create::NotMade(error) => {
                return Ok(apply::Response {
                    new_state: wire::null(&self.shape.value_type),
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..Default::default()
                });
            }
        };
        let stored = self.store(&instance, planned)?;
        Ok(stored.applied(outcome.warnings, error))
    }

    async fn update(
        &self,
        call: &MaybeConfigured<R::Client>,
        prior: InstanceOf<R>,
        planned: Value,
        config: Value,
        kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("update", self.resource.type_name()));
        };
        let planned_model = wire::model(planned.clone())?;
        let config = wire::model(config)?;
        let work = self.resource.update(&call, prior, planned_model, config);
        let outcome = contain("ApplyResourceChange", work)
            .await
            .unwrap_or_else(|panic| Update::NotMade(panic).into());
        let (instance, error, planned) = match outcome.result {
            Update::Made(instance) => (instance, None, Some(&planned)),
            Update::MadeBut(instance, error) => (instance, Some(error), None),
            Update::NotMade(error) => {
                return Ok(apply::Response {
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..kept
                });
            }
        };
        let stored = self.store(&instance, planned)?;
        Ok(stored.applied(outcome.warnings, error))
    }

    async fn delete(
        &self,
        call: &MaybeConfigured<R::Client>,
        prior: InstanceOf<R>,
        kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("delete", self.resource.type_name()));
        };
        let outcome = contain("ApplyResourceChange", self.resource.delete(&call, prior))
            .await
            .unwrap_or_else(|panic| Delete::StillThere(panic).into());
        Ok(match outcome.result {
            Delete::Gone => apply::Response {
                new_state: wire::null(&self.shape.value_type),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Delete::StillThere(error) => apply::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..kept
            },
        })
    }

    pub(super) async fn try_apply(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: apply::Request,
        mut kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let prior = self.stored(request.prior_state, &request.planned_private)?;
        // Where an object goes core may plan no identity; one that stays all the same keeps its own.
        if let (None, Some(prior)) = (&kept.new_identity, &prior) {
            kept.new_identity = self.identity(&prior.model)?;
        }
        let planned = self.shape.decode(request.planned_state)?;
        let config = self.shape.decode(request.config)?;
        match (prior, planned.is_null()) {
            (Some(prior), true) => self.delete(call, prior, kept).await,
            (Some(prior), false) => self.update(call, prior, planned, config, kept).await,
            (None, false) => self.create(call, planned, config).await,
            (None, true) => Ok(kept),
        }
    }
}

impl Stored {
    fn applied(self, warnings: Vec<Diagnostic>, error: Option<Diagnostic>) -> apply::Response {
        apply::Response {
            new_state: self.state,
            private: self.private,
            new_identity: self.identity,
            diagnostics: messages(warnings.into_iter().chain(self.violations).chain(error)),
            ..Default::default()
        }
    }
}

fn not_configured(operation: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider not configured",
        format!(
            "Core asked to {operation} a {type_name}, but the configuration of the provider is not known. Nothing was done. Apply again once the values that the provider block refers to are known."
        ),
    )
}
