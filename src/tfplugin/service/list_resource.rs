//! The RPCs of list resources.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tracing::Instrument;

use super::{
    data_source::not_readable_yet,
    wire::{self, Shape, contained, messages},
};
use crate::tfplugin::{
    call::MaybeConfigured,
    conformance,
    containment::contain,
    diagnostics::Diagnostic,
    list_resource::{Found, ListResource, Listed},
    outcome::Outcome,
    proto::{list_resource as list, validate_list_resource_config as validate},
    resource::Resource,
    rules,
    schema::Schema,
};

pub(crate) type Events = ReceiverStream<Result<list::Event, Status>>;

/// A list resource of any type, as the service calls it.
#[async_trait]
pub(crate) trait AnyListResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    /// What does not fit between model and schema; for tests.
    fn faults(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    fn list(self: Arc<Self>, call: MaybeConfigured<C>, request: list::Request) -> Events;
}

pub(crate) struct RegisteredListResource<L: ListResource> {
    list: L,
    shape: Shape,
    resource: L::Resource,
    resource_shape: Shape,
}

type ModelOf<L> = <<L as ListResource>::Resource as Resource>::Model;
type ClientOf<L> = <<L as ListResource>::Resource as Resource>::Client;

impl<L: ListResource> RegisteredListResource<L> {
    pub(crate) fn new(list: L) -> Self {
        let resource = list.resource();
        Self {
            shape: Shape::new(list.schema()),
            resource_shape: Shape::new(resource.schema()),
            resource,
            list,
        }
    }

    async fn run(
        &self,
        call: MaybeConfigured<ClientOf<L>>,
        config: Option<crate::tfplugin::proto::DynamicValue>,
        found: mpsc::Sender<Listed<ModelOf<L>>>,
    ) -> Vec<Diagnostic> {
        let Some(call) = call.configured() else {
            return vec![not_readable_yet("list", self.resource.type_name())];
        };
        let config = self.shape.decode_config(config).and_then(|mut config| {
            rules::fill_defaults(&mut config, &self.shape.schema.attributes);
            wire::model(config)
        });
        let config = match config {
            Ok(config) => config,
            Err(error) => return vec![error],
        };
        let found = Found(found);
        let outcome = contain("ListResource", self.list.list(&call, config, &found))
            .await
            .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        let mut diagnostics = outcome.warnings;
        diagnostics.extend(outcome.result.err());
        diagnostics
    }

    fn event(&self, listed: Listed<ModelOf<L>>, with_object: bool) -> list::Event {
        let identity_type = self.resource.identity_schema().object_type();
        let encoded = (|| {
            let identity = self
                .resource
                .identity(&listed.model)
                .map(|identity| wire::identity_message(&identity, &identity_type))
                .transpose()?;
            let mut tree = self.resource_shape.tree(&listed.model)?;
            rules::drop_write_only(&mut tree, &self.resource_shape.schema.attributes);
            let violations = rules::null_unknowns(&mut tree);
            Ok((identity, self.resource_shape.encode(&tree)?, violations))
        })();
        let (identity, object, diagnostics) = match encoded {
            Ok((identity, object, violations)) => (identity, Some(object), violations),
            Err(error) => (None, None, vec![error]),
        };
        list::Event {
            identity,
            display_name: listed.display_name,
            resource_object: object.filter(|_| with_object),
            diagnostic: messages(diagnostics),
        }
    }
}

#[async_trait]
impl<L: ListResource> AnyListResource<ClientOf<L>> for RegisteredListResource<L> {
    fn schema(&self) -> &Schema {
        &self.shape.schema
    }

    fn faults(&self) -> Vec<String> {
        let what = format!("list {}", self.resource.type_name());
        conformance::faults::<L::Model>(&what, &self.shape)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let checked = async {
            let config = self.shape.decode_config(request.config)?;
            Ok(self.list.validate(&wire::model(config)?))
        };
        validate::Response {
            diagnostics: contained("ValidateListResourceConfig", checked).await,
        }
    }

    fn list(self: Arc<Self>, call: MaybeConfigured<ClientOf<L>>, request: list::Request) -> Events {
        let (events, receiver) = mpsc::channel(16);
        let (found, results) = mpsc::channel(16);
        // Core always sends a limit; without one there is none.
        let limit = usize::try_from(request.limit)
            .ok()
            .filter(|limit| *limit > 0);
        let work = async move {
            let passed_on = async {
                // Dropped at the end, which tells the list that core has enough.
                let mut results = results;
                let mut left = limit.unwrap_or(usize::MAX);
                while left > 0
                    && let Some(listed) = results.recv().await
                {
                    left -= 1;
                    let event = self.event(listed, request.include_resource_object);
                    if events.send(Ok(event)).await.is_err() {
                        break;
                    }
                }
            };
            let (diagnostics, ()) = tokio::join!(self.run(call, request.config, found), passed_on);
            if !diagnostics.is_empty() {
                let event = list::Event {
                    diagnostic: messages(diagnostics),
                    ..Default::default()
                };
                let _ = events.send(Ok(event)).await;
            }
        };
        tokio::spawn(work.in_current_span());
        ReceiverStream::new(receiver)
    }
}
