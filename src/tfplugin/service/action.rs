//! The RPCs of actions.

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
    action::{Action, Progress},
    call::MaybeConfigured,
    conformance,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::Outcome,
    proto::{invoke_action as invoke, plan_action as plan, validate_action_config as validate},
    rules,
    schema::Schema,
};

pub(crate) type Events = ReceiverStream<Result<invoke::Event, Status>>;

/// An action of any type, as the service calls it.
#[async_trait]
pub(crate) trait AnyAction<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    /// What does not fit between model and schema; for tests.
    fn faults(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn plan(&self, call: MaybeConfigured<C>, request: plan::Request) -> plan::Response;
    fn invoke(self: Arc<Self>, call: MaybeConfigured<C>, request: invoke::Request) -> Events;
}

pub(crate) struct RegisteredAction<A> {
    action: A,
    shape: Shape,
}

impl<A: Action> RegisteredAction<A> {
    pub(crate) fn new(action: A) -> Self {
        Self {
            shape: Shape::new(action.schema()),
            action,
        }
    }

    fn config(
        &self,
        config: Option<crate::tfplugin::proto::DynamicValue>,
    ) -> Result<A::Model, Diagnostic> {
        let mut config = self.shape.decode_config(config)?;
        rules::fill_defaults(&mut config, &self.shape.schema.attributes);
        wire::model(config)
    }

    async fn run(
        &self,
        call: MaybeConfigured<A::Client>,
        request: invoke::Request,
        progress: mpsc::Sender<String>,
    ) -> Vec<Diagnostic> {
        let Some(call) = call.configured() else {
            return vec![not_readable_yet("action", self.action.type_name())];
        };
        let config = match self.config(request.config) {
            Ok(config) => config,
            Err(error) => return vec![error],
        };
        let progress = Progress(progress);
        let outcome = contain("InvokeAction", self.action.invoke(&call, config, &progress))
            .await
            .unwrap_or_else(|panic| Outcome::from(Err(panic)));
        let mut diagnostics = outcome.warnings;
        diagnostics.extend(outcome.result.err());
        diagnostics
    }
}

#[async_trait]
impl<A: Action> AnyAction<A::Client> for RegisteredAction<A> {
    fn schema(&self) -> &Schema {
        &self.shape.schema
    }

    fn faults(&self) -> Vec<String> {
        let what = format!("action {}", self.action.type_name());
        conformance::faults::<A::Model>(&what, &self.shape)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let checked = async {
            let config = self.shape.decode_config(request.config)?;
            Ok(self.action.validate(&wire::model(config)?))
        };
        validate::Response {
            diagnostics: contained("ValidateActionConfig", checked).await,
        }
    }

    async fn plan(
        &self,
        call: MaybeConfigured<A::Client>,
        request: plan::Request,
    ) -> plan::Response {
        let deferred = call.deferral();
        let planned = async {
            let config = self.config(request.config)?;
            Ok(self.action.plan(&call, config).await)
        };
        plan::Response {
            diagnostics: contained("PlanAction", planned).await,
            deferred: deferred.map(Into::into),
        }
    }

    fn invoke(
        self: Arc<Self>,
        call: MaybeConfigured<A::Client>,
        request: invoke::Request,
    ) -> Events {
        let (events, receiver) = mpsc::channel(16);
        let (progress, mut lines) = mpsc::channel(16);
        let work = async move {
            let shown = async {
                while let Some(message) = lines.recv().await {
                    let progress =
                        invoke::event::Type::Progress(invoke::event::Progress { message });
                    let _ = events
                        .send(Ok(invoke::Event {
                            r#type: Some(progress),
                        }))
                        .await;
                }
            };
            let (diagnostics, ()) = tokio::join!(self.run(call, request, progress), shown);
            let completed = invoke::event::Type::Completed(invoke::event::Completed {
                diagnostics: messages(diagnostics),
            });
            let _ = events
                .send(Ok(invoke::Event {
                    r#type: Some(completed),
                }))
                .await;
        };
        tokio::spawn(work.in_current_span());
        ReceiverStream::new(receiver)
    }
}
