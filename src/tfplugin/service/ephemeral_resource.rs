//! The RPCs of ephemeral resources.

use async_trait::async_trait;

use super::{
    data_source::not_readable_yet,
    wire::{self, Shape, contained, messages},
};
use crate::tfplugin::{
    call::MaybeConfigured,
    conformance,
    containment::contain,
    diagnostics::Diagnostic,
    ephemeral_resource::{EphemeralResource, Lease},
    outcome::Outcome,
    proto::{
        close_ephemeral_resource as close, open_ephemeral_resource as open,
        renew_ephemeral_resource as renew, validate_ephemeral_resource_config as validate,
    },
    rules,
    schema::Schema,
};

/// An ephemeral resource of any type, as the service calls it.
#[async_trait]
pub(crate) trait AnyEphemeralResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    /// What does not fit between model and schema; for tests.
    fn faults(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn open(&self, call: MaybeConfigured<C>, request: open::Request) -> open::Response;
    async fn renew(&self, call: MaybeConfigured<C>, request: renew::Request) -> renew::Response;
    async fn close(&self, call: MaybeConfigured<C>, request: close::Request) -> close::Response;
}

pub(crate) struct RegisteredEphemeralResource<E> {
    resource: E,
    shape: Shape,
}

impl<E: EphemeralResource> RegisteredEphemeralResource<E> {
    pub(crate) fn new(resource: E) -> Self {
        Self {
            shape: Shape::new(resource.schema()),
            resource,
        }
    }

    async fn try_open(
        &self,
        call: MaybeConfigured<E::Client>,
        request: open::Request,
    ) -> Result<open::Response, Diagnostic> {
        let configured = match (call.configured(), call.deferral()) {
            (Some(configured), _) => configured,
            (None, Some(reason)) => {
                return Ok(open::Response {
                    result: request.config,
                    deferred: Some(reason.into()),
                    ..Default::default()
                });
            }
            (None, None) => {
                return Err(not_readable_yet(
                    "ephemeral resource",
                    self.resource.type_name(),
                ));
            }
        };
        let mut config = self.shape.decode_config(request.config)?;
        rules::fill_defaults(&mut config, &self.shape.schema.attributes);
        let work = self.resource.open(&configured, wire::model(config)?);
        let outcome = contain("OpenEphemeralResource", work)
            .await
            .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        let mut diagnostics = outcome.warnings;
        let opened = match outcome.result {
            Ok(opened) => opened,
            Err(error) => {
                diagnostics.push(error);
                return Ok(open::Response {
                    diagnostics: messages(diagnostics),
                    ..Default::default()
                });
            }
        };
        let mut tree = self.shape.tree(&opened.result)?;
        rules::drop_write_only(&mut tree, &self.shape.schema.attributes);
        diagnostics.extend(rules::null_unknowns(&mut tree));
        Ok(open::Response {
            result: Some(self.shape.encode(&tree)?),
            private: Some(opened.lease.private.into()),
            renew_at: opened.lease.renew_at.map(Into::into),
            diagnostics: messages(diagnostics),
            ..Default::default()
        })
    }
}

#[async_trait]
impl<E: EphemeralResource> AnyEphemeralResource<E::Client> for RegisteredEphemeralResource<E> {
    fn schema(&self) -> &Schema {
        &self.shape.schema
    }

    fn faults(&self) -> Vec<String> {
        let what = format!("ephemeral {}", self.resource.type_name());
        conformance::faults::<E::Model>(&what, &self.shape)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let checked = async {
            let config = self.shape.decode_config(request.config)?;
            Ok(self.resource.validate(&wire::model(config)?))
        };
        validate::Response {
            diagnostics: contained("ValidateEphemeralResourceConfig", checked).await,
        }
    }

    async fn open(
        &self,
        call: MaybeConfigured<E::Client>,
        request: open::Request,
    ) -> open::Response {
        self.try_open(call, request)
            .await
            .unwrap_or_else(|error| open::Response {
                diagnostics: messages([error]),
                ..Default::default()
            })
    }

    async fn renew(
        &self,
        call: MaybeConfigured<E::Client>,
        request: renew::Request,
    ) -> renew::Response {
        let private = Vec::from(request.private.unwrap_or_default());
        let Some(call) = call.configured() else {
            let error = not_readable_yet("ephemeral resource", self.resource.type_name());
            return renew::Response {
                diagnostics: messages([error]),
                ..Default::default()
            };
        };
        let outcome = contain(
            "RenewEphemeralResource",
            self.resource.renew(&call, private),
        )
        .await
        .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        let (lease, error) = match outcome.result {
            Ok(lease) => (lease, None),
            Err(error) => (Lease::default(), Some(error)),
        };
        renew::Response {
            renew_at: lease.renew_at.map(Into::into),
            private: Some(lease.private.into()),
            diagnostics: messages(outcome.warnings.into_iter().chain(error)),
        }
    }

    async fn close(
        &self,
        call: MaybeConfigured<E::Client>,
        request: close::Request,
    ) -> close::Response {
        let private = Vec::from(request.private.unwrap_or_default());
        // What was never opened needs no closing.
        let Some(call) = call.configured() else {
            return close::Response::default();
        };
        let outcome = contain(
            "CloseEphemeralResource",
            self.resource.close(&call, private),
        )
        .await
        .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        close::Response {
            diagnostics: messages(outcome.warnings.into_iter().chain(outcome.result.err())),
        }
    }
}
