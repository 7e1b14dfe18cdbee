//! PlanResourceChange of anything but a destroy.

use bytes::Bytes;

use super::RegisteredResource;
use crate::tfplugin::{
    call::MaybeConfigured,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::{Instance, Plan},
    proto::plan_resource_change as plan,
    resource::Resource,
    rules,
    service::wire::{self, messages},
};

impl<R: Resource> RegisteredResource<R> {
    pub(super) async fn try_plan(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> Result<plan::Response, Diagnostic> {
        let config_tree = self.shape.decode(request.config)?;
        let mut prior_tree = self.shape.decode(request.prior_state)?;
        if !call.capabilities.write_only {
            let refused =
                rules::refuse_write_only(&config_tree, self.attributes(), |value| !value.is_null());
            if !refused.is_empty() {
                return Ok(plan::Response {
                    diagnostics: messages(refused),
                    ..Default::default()
                });
            }
        }
        let mut defaulted = config_tree.clone();
        rules::fill_defaults(&mut defaulted, self.attributes());
        // Rule 9: in the second plan of a replacement the private data is the old object's.
        let private = match prior_tree.is_null() {
            true => Bytes::new(),
            false => request.prior_private,
        };
        let prior = match prior_tree.is_null() {
            true => None,
            false => Some(Instance {
                model: wire::model(prior_tree.clone())?,
                private: wire::read_private(&private),
            }),
        };

        let prior_identity = match &prior {
            Some(prior) => self.identity(&prior.model)?,
            None => None,
        };
        let work = self.resource.plan(call, wire::model(defaulted)?, prior);
        let outcome = contain("PlanResourceChange", work)
            .await
            .unwrap_or_else(|panic| Plan::Failed(panic).into());

        let deferral = call.deferral();
        let mut diagnostics = outcome.warnings;
        let (model, because, deferred) = match outcome.result {
            Plan::Keep => (None, Vec::new(), deferral),
            Plan::Change(planned) => (Some(planned), Vec::new(), deferral),
            Plan::Replace { planned, because } => {
                diagnostics.extend(rules::check_replacement(&self.shape.schema, &because));
                (Some(planned), because, deferral)
            }
            Plan::Deferred { planned, reason } => (Some(planned), Vec::new(), Some(reason)),
            Plan::Failed(error) => {
                return Ok(plan::Response {
                    diagnostics: messages(diagnostics.into_iter().chain([error])),
                    ..Default::default()
                });
            }
        };
        let keep = model.is_none();
        let (mut planned, planned_identity) = match &model {
            Some(model) => (self.shape.tree(model)?, self.identity(model)?),
            None => (std::mem::take(&mut prior_tree), prior_identity),
        };
        rules::drop_write_only(&mut planned, self.attributes());

        diagnostics.extend(rules::check_plan(
            &self.shape.schema,
            if keep { &planned } else { &prior_tree },
            &config_tree,
            &planned,
        ));
        Ok(plan::Response {
            planned_state: Some(self.shape.encode(&planned)?),
            requires_replace: because.iter().map(Into::into).collect(),
            planned_private: private,
            planned_identity,
            diagnostics: messages(diagnostics),
            deferred: deferred.map(Into::into),
            ..Default::default()
        })
    }
}
