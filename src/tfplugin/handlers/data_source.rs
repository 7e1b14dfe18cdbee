//! The RPCs of data sources.

use async_trait::async_trait;

use super::{not_configured_yet, run};
use crate::tfplugin::{
    context::MaybeConfigured,
    data_source::DataSource,
    diagnostics::Diagnostic,
    proto::{read_data_source as read, validate_data_resource_config as validate},
    schema::Schema,
    schema_errors::{Kind, schema_errors},
    wire::{SchemaCodec, messages, run_check},
};

/// Core defers the read of a data source, and not what else needs the provider.
const DEFER: &str = "Defer it until then with depends_on = [the resource that gives those values], or apply that resource first with -target.";

/// A data source of any type, as the service calls it.
#[async_trait]
pub(in crate::tfplugin) trait AnyDataSource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    fn schema_errors(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn read(&self, context: MaybeConfigured<C>, request: read::Request) -> read::Response;
}

pub(super) struct RegisteredDataSource<D> {
    source: D,
    codec: SchemaCodec,
}

impl<D: DataSource> RegisteredDataSource<D> {
    pub(super) fn new(source: D) -> Self {
        Self {
            codec: SchemaCodec::new(source.schema()),
            source,
        }
    }

    async fn try_read(
        &self,
        context: MaybeConfigured<D::Client>,
        request: read::Request,
    ) -> Result<read::Response, Diagnostic> {
        let configured = match (context.configured(), context.deferral()) {
            (Some(configured), _) => configured,
            (None, Some(reason)) => {
                return Ok(read::Response {
                    state: request.config,
                    deferred: Some(reason.into()),
                    ..Default::default()
                });
            }
            (None, None) => {
                return Err(not_configured_yet(
                    "data source",
                    self.source.type_name(),
                    DEFER,
                ));
            }
        };
        let config = self.codec.config_with_defaults(request.config)?;
        let outcome = run("ReadDataSource", self.source.read(&configured, config)).await;
        let mut diagnostics = outcome.warnings;
        let state = match outcome.result {
            Ok(model) => {
                let (state, bugs) = self.codec.encode_result(&model)?;
                diagnostics.extend(bugs);
                Some(state)
            }
            Err(error) => {
                diagnostics.push(error);
                None
            }
        };
        Ok(read::Response {
            state,
            diagnostics: messages(diagnostics),
            ..Default::default()
        })
    }
}

#[async_trait]
impl<D: DataSource> AnyDataSource<D::Client> for RegisteredDataSource<D> {
    fn schema(&self) -> &Schema {
        &self.codec.schema
    }

    fn schema_errors(&self) -> Vec<String> {
        schema_errors::<D::Model>(Kind::DataSource, self.source.type_name(), &self.codec)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let check = async {
            let config = self.codec.config(request.config)?;
            Ok(self.source.validate(&config))
        };
        validate::Response {
            diagnostics: run_check("ValidateDataResourceConfig", check).await,
        }
    }

    async fn read(
        &self,
        context: MaybeConfigured<D::Client>,
        request: read::Request,
    ) -> read::Response {
        let response = self.try_read(context, request).await;
        response.unwrap_or_else(Into::into)
    }
}
