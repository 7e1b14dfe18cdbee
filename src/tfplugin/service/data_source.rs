//! The RPCs of data sources.

use async_trait::async_trait;

use super::wire::{self, Shape, contained, messages};
use crate::tfplugin::{
    call::MaybeConfigured,
    conformance,
    containment::contain,
    data_source::DataSource,
    diagnostics::Diagnostic,
    outcome::Outcome,
    proto::{read_data_source as read, validate_data_resource_config as validate},
    rules,
    schema::Schema,
};

/// A data source of any type, as the service calls it.
#[async_trait]
pub(crate) trait AnyDataSource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    /// What does not fit between model and schema; for tests.
    fn faults(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn read(&self, call: MaybeConfigured<C>, request: read::Request) -> read::Response;
}

pub(crate) struct RegisteredDataSource<D> {
    source: D,
    shape: Shape,
}

impl<D: DataSource> RegisteredDataSource<D> {
    pub(crate) fn new(source: D) -> Self {
        Self {
            shape: Shape::new(source.schema()),
            source,
        }
    }

    async fn try_read(
        &self,
        call: MaybeConfigured<D::Client>,
        request: read::Request,
    ) -> Result<read::Response, Diagnostic> {
        let configured = match (call.configured(), call.deferral()) {
            (Some(configured), _) => configured,
            (None, Some(reason)) => {
                return Ok(read::Response {
                    state: request.config,
                    deferred: Some(reason.into()),
                    ..Default::default()
                });
            }
            (None, None) => return Err(not_readable_yet("data source", self.source.type_name())),
        };
        let mut config = self.shape.decode_config(request.config)?;
        rules::fill_defaults(&mut config, &self.shape.schema.attributes);
        let work = self.source.read(&configured, wire::model(config)?);
        let outcome = contain("ReadDataSource", work)
            .await
            .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        let mut diagnostics = outcome.warnings;
        let state = match outcome.result {
            Ok(model) => {
                let mut tree = self.shape.tree(&model)?;
                rules::drop_write_only(&mut tree, &self.shape.schema.attributes);
                diagnostics.extend(rules::null_unknowns(&mut tree));
                Some(self.shape.encode(&tree)?)
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

/// Rule 11: what is said of something that needs the configured provider, while a plan does not
/// know the configuration.
pub(super) fn not_readable_yet(kind: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider configuration not known yet",
        format!(
            "The {kind} {type_name} cannot be used in this plan, because the provider block refers to values that are known only after an apply.\n\nPut it off until then with depends_on = [the resource that gives those values], or apply that resource first with -target."
        ),
    )
}

#[async_trait]
impl<D: DataSource> AnyDataSource<D::Client> for RegisteredDataSource<D> {
    fn schema(&self) -> &Schema {
        &self.shape.schema
    }

    fn faults(&self) -> Vec<String> {
        let what = format!("data {}", self.source.type_name());
        conformance::faults::<D::Model>(&what, &self.shape)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let checked = async {
            let config = self.shape.decode_config(request.config)?;
            Ok(self.source.validate(&wire::model(config)?))
        };
        validate::Response {
            diagnostics: contained("ValidateDataResourceConfig", checked).await,
        }
    }

    async fn read(
        &self,
        call: MaybeConfigured<D::Client>,
        request: read::Request,
    ) -> read::Response {
        self.try_read(call, request)
            .await
            .unwrap_or_else(|error| read::Response {
                diagnostics: messages([error]),
                ..Default::default()
            })
    }
}
