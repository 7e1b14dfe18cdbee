//! PlanResourceChange: what an apply would do.

use bytes::Bytes;

use super::RegisteredResource;
use crate::tfplugin::{
    arguments::refuse_write_only,
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    outcome::{Plan, ResourceState},
    panic::catch_panic,
    proto::plan_resource_change as plan,
    resource::Resource,
    rules,
    wire::{self, messages},
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn plan_resource_change(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> plan::Response {
        // The plan of a destroy is null. Otherwise the proposed state is not looked at: it is the
        // configuration with the computed attributes of the prior state, and holds write-only values.
        if wire::is_null(request.proposed_new_state.as_ref()) {
            return plan::Response {
                planned_state: self.codec.null(),
                planned_private: request.prior_private,
                ..Default::default()
            };
        }
        let response = self.try_plan(context, request).await;
        response.unwrap_or_else(Into::into)
    }

    async fn try_plan(
        &self,
        context: &MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> Result<plan::Response, Diagnostic> {
        let mut config = self.codec.decode(request.config)?;
        let prior_value = self.codec.decode(request.prior_state)?;
        if !context.capabilities.write_only {
            let refused = refuse_write_only(&config, self.attributes(), |value| !value.is_null());
            if !refused.is_empty() {
                return Ok(plan::Response {
                    diagnostics: messages(refused),
                    ..Default::default()
                });
            }
        }
        self.codec.check_arguments(&config)?;
        rules::fill_defaults(&mut config, self.attributes())?;
        let (prior, prior_private, prior_identity) = if prior_value.is_null() {
            // For the new object of a replacement, these are the old object's.
            (None, Bytes::new(), None)
        } else {
            let model = wire::stored_model(prior_value.clone())?;
            let identity = self.identity(&model)?;
            let private = wire::decode_private(&request.prior_private);
            let prior = ResourceState { model, private };
            (Some(prior), request.prior_private, identity)
        };
        // What an earlier plan of this object returned, never what one of the object that it replaces did.
        let gives_back =
            context.capabilities.planned_private && !request.planned_private.is_empty();
        let planned_private = gives_back.then(|| wire::decode_private(&request.planned_private));

        let config = wire::model(config)?;
        let work = self.resource.plan(context, config, prior, planned_private);
        let outcome = catch_panic("PlanResourceChange", work)
            .await
            .unwrap_or_else(|panic| Plan::Failed(panic).into());

        let deferral = context.deferral();
        let mut diagnostics = outcome.warnings;
        let (state, requires_replace, deferred) = match outcome.result {
            Plan::NoOp if prior_value.is_null() => {
                return Err(Diagnostic::bug(
                    "No change is planned for an object that does not exist.",
                ));
            }
            Plan::NoOp => (None, Vec::new(), deferral),
            Plan::Change(planned) => (Some(planned), Vec::new(), deferral),
            Plan::Replace {
                planned,
                requires_replace,
            } => {
                // Core would change the object in place.
                if requires_replace.is_empty() {
                    return Err(Diagnostic::bug(
                        "A replacement is planned without an attribute that requires it.",
                    ));
                }
                (Some(planned), requires_replace, deferral)
            }
            Plan::Deferred { planned, reason } => {
                let reason = context.capabilities.deferral.then_some(reason);
                (Some(planned), Vec::new(), reason.or(deferral))
            }
            Plan::Failed(error) => {
                diagnostics.push(error);
                return Ok(plan::Response {
                    diagnostics: messages(diagnostics),
                    ..Default::default()
                });
            }
        };
        let (mut planned, planned_private, planned_identity) = match &state {
            Some(ResourceState { model, private }) => (
                self.codec.value(model)?,
                wire::encode_private(private)?,
                self.identity(model)?,
            ),
            None => (prior_value, prior_private, prior_identity),
        };
        rules::null_write_only(&mut planned, self.attributes());
        Ok(plan::Response {
            planned_state: Some(self.codec.encode(&planned)?),
            requires_replace: requires_replace.iter().map(Into::into).collect(),
            planned_private,
            planned_identity,
            diagnostics: messages(diagnostics),
            deferred: deferred.map(Into::into),
            ..Default::default()
        })
    }
}
