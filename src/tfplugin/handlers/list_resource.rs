//! The RPCs of list resources.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tracing::Instrument;

use super::{APPLY_FIRST, not_configured_yet, resource::RegisteredResource, run};
use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    list_resource::{ListResource, ListResult, ListResults},
    proto::{DynamicValue, list_resource as list, validate_list_resource_config as validate},
    resource::Resource,
    schema::Schema,
    schema_errors::{Kind, schema_errors},
    wire::{SchemaCodec, messages, run_check},
};

pub(in crate::tfplugin) type Events = ReceiverStream<Result<list::Event, Status>>;

/// A list resource of any type, as the service calls it.
#[async_trait]
pub(in crate::tfplugin) trait AnyListResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    fn schema_errors(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn list(self: Arc<Self>, context: MaybeConfigured<C>, request: list::Request) -> Events;
}

pub(super) struct RegisteredListResource<L: ListResource> {
    list: L,
    codec: SchemaCodec,
    resource: RegisteredResource<L::Resource>,
}

type ModelOf<L> = <<L as ListResource>::Resource as Resource>::Model;
type ClientOf<L> = <<L as ListResource>::Resource as Resource>::Client;

impl<L: ListResource> RegisteredListResource<L> {
    pub(super) fn new(list: L) -> Self {
        Self {
            codec: SchemaCodec::new(list.schema()),
            resource: RegisteredResource::new(list.resource()),
            list,
        }
    }

    async fn run(
        &self,
        context: MaybeConfigured<ClientOf<L>>,
        config: Option<DynamicValue>,
        results: mpsc::Sender<ListResult<ModelOf<L>>>,
    ) -> Vec<Diagnostic> {
        let Some(context) = context.configured() else {
            return vec![not_configured_yet(
                "list",
                self.resource.type_name(),
                APPLY_FIRST,
            )];
        };
        let config = match self.codec.config_with_defaults(config) {
            Ok(config) => config,
            Err(error) => return vec![error],
        };
        let results = ListResults(results);
        let work = self.list.list(&context, config, &results);
        let outcome = run("ListResource", work).await;
        let mut diagnostics = outcome.warnings;
        diagnostics.extend(outcome.result.err());
        diagnostics
    }

    fn event(&self, result: ListResult<ModelOf<L>>, with_object: bool) -> list::Event {
        let (identity, object, diagnostics) = match self.resource.encode_object(&result.model) {
            Ok(object) => (object.identity, object.value, object.bugs),
            Err(error) => (None, None, vec![error]),
        };
        list::Event {
            identity,
            display_name: result.display_name,
            resource_object: object.filter(|_| with_object),
            diagnostic: messages(diagnostics),
        }
    }
}

#[async_trait]
impl<L: ListResource> AnyListResource<ClientOf<L>> for RegisteredListResource<L> {
    fn schema(&self) -> &Schema {
        &self.codec.schema
    }

    fn schema_errors(&self) -> Vec<String> {
        schema_errors::<L::Model>(Kind::ListResource, self.resource.type_name(), &self.codec)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let check = async {
            let config = self.codec.config(request.config)?;
            Ok(self.list.validate(&config))
        };
        validate::Response {
            diagnostics: run_check("ValidateListResourceConfig", check).await,
        }
    }

    async fn list(
        self: Arc<Self>,
        context: MaybeConfigured<ClientOf<L>>,
        request: list::Request,
    ) -> Events {
        let (events, receiver) = mpsc::channel(16);
        let (sender, results) = mpsc::channel(16);
        // Core always sends a limit; without one there is none.
        let limit = usize::try_from(request.limit)
            .ok()
            .filter(|limit| *limit > 0);
        let work = async move {
            let forward = async {
                // Dropped at the end, which tells the list that core has enough.
                let mut results = results;
                let mut left = limit.unwrap_or(usize::MAX);
                while left > 0
                    && let Some(result) = results.recv().await
                {
                    left -= 1;
                    let event = self.event(result, request.include_resource_object);
                    if events.send(Ok(event)).await.is_err() {
                        break;
                    }
                }
            };
            let run = self.run(context, request.config, sender);
            let (diagnostics, ()) = tokio::join!(run, forward);
            if !diagnostics.is_empty() {
                let event = list::Event {
                    diagnostic: messages(diagnostics),
                    ..Default::default()
                };
                // It fails when core is gone, and then nobody reads the events.
                let _ = events.send(Ok(event)).await;
            }
        };
        tokio::spawn(work.in_current_span());
        ReceiverStream::new(receiver)
    }
}
