//! The RPCs of ephemeral resources.

use async_trait::async_trait;

use super::{APPLY_FIRST, not_configured_yet, run};
use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    ephemeral_resource::{EphemeralResource, Renewal},
    proto::{
        close_ephemeral_resource as close, open_ephemeral_resource as open,
        renew_ephemeral_resource as renew, validate_ephemeral_resource_config as validate,
    },
    schema::Schema,
    schema_errors::{Kind, schema_errors},
    wire::{SchemaCodec, messages, run_check},
};

/// An ephemeral resource of any type, as the service calls it.
#[async_trait]
pub(in crate::tfplugin) trait AnyEphemeralResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    fn schema_errors(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn open(&self, context: MaybeConfigured<C>, request: open::Request) -> open::Response;
    async fn renew(&self, context: MaybeConfigured<C>, request: renew::Request) -> renew::Response;
    async fn close(&self, context: MaybeConfigured<C>, request: close::Request) -> close::Response;
}

pub(super) struct RegisteredEphemeralResource<E> {
    resource: E,
    codec: SchemaCodec,
}

impl<E: EphemeralResource> RegisteredEphemeralResource<E> {
    pub(super) fn new(resource: E) -> Self {
        Self {
            codec: SchemaCodec::new(resource.schema()),
            resource,
        }
    }

    fn not_configured_yet(&self) -> Diagnostic {
        not_configured_yet("ephemeral resource", self.resource.type_name(), APPLY_FIRST)
    }

    async fn try_open(
        &self,
        context: MaybeConfigured<E::Client>,
        request: open::Request,
    ) -> Result<open::Response, Diagnostic> {
        let configured = match (context.configured(), context.deferral()) {
            (Some(configured), _) => configured,
            (None, Some(reason)) => {
                return Ok(open::Response {
                    result: request.config,
                    deferred: Some(reason.into()),
                    ..Default::default()
                });
            }
            (None, None) => return Err(self.not_configured_yet()),
        };
        let config = self.codec.config_with_defaults(request.config)?;
        let work = self.resource.open(&configured, config);
        let outcome = run("OpenEphemeralResource", work).await;
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
        let (result, bugs) = self.codec.encode_result(&opened.result)?;
        diagnostics.extend(bugs);
        Ok(open::Response {
            result: Some(result),
            private: Some(opened.renewal.private.into()),
            renew_at: opened.renewal.renew_at.map(Into::into),
            diagnostics: messages(diagnostics),
            ..Default::default()
        })
    }
}

#[async_trait]
impl<E: EphemeralResource> AnyEphemeralResource<E::Client> for RegisteredEphemeralResource<E> {
    fn schema(&self) -> &Schema {
        &self.codec.schema
    }

    fn schema_errors(&self) -> Vec<String> {
        schema_errors::<E::Model>(
            Kind::EphemeralResource,
            self.resource.type_name(),
            &self.codec,
        )
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let check = async {
            let config = self.codec.config(request.config)?;
            Ok(self.resource.validate(&config))
        };
        validate::Response {
            diagnostics: run_check("ValidateEphemeralResourceConfig", check).await,
        }
    }

    async fn open(
        &self,
        context: MaybeConfigured<E::Client>,
        request: open::Request,
    ) -> open::Response {
        let response = self.try_open(context, request).await;
        response.unwrap_or_else(Into::into)
    }

    async fn renew(
        &self,
        context: MaybeConfigured<E::Client>,
        request: renew::Request,
    ) -> renew::Response {
        let private = Vec::from(request.private.unwrap_or_default());
        let Some(context) = context.configured() else {
            return self.not_configured_yet().into();
        };
        let work = self.resource.renew(&context, private);
        let outcome = run("RenewEphemeralResource", work).await;
        let (renewal, error) = match outcome.result {
            Ok(renewal) => (renewal, None),
            Err(error) => (Renewal::default(), Some(error)),
        };
        renew::Response {
            renew_at: renewal.renew_at.map(Into::into),
            private: Some(renewal.private.into()),
            diagnostics: messages(outcome.warnings.into_iter().chain(error)),
        }
    }

    async fn close(
        &self,
        context: MaybeConfigured<E::Client>,
        request: close::Request,
    ) -> close::Response {
        let private = Vec::from(request.private.unwrap_or_default());
        // What was never opened needs no closing.
        let Some(context) = context.configured() else {
            return close::Response::default();
        };
        let work = self.resource.close(&context, private);
        let outcome = run("CloseEphemeralResource", work).await;
        close::Response {
            diagnostics: messages(outcome.warnings.into_iter().chain(outcome.result.err())),
        }
    }
}
