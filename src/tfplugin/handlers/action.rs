//! The RPCs of actions.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tracing::Instrument;

use super::{APPLY_FIRST, not_configured_yet, run};
use crate::tfplugin::{
    action::{Action, Progress},
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    proto::{
        DynamicValue, invoke_action as invoke, plan_action as plan,
        validate_action_config as validate,
    },
    schema::Schema,
    schema_errors::{Kind, schema_errors},
    wire::{SchemaCodec, messages, run_check},
};

pub(in crate::tfplugin) type Events = ReceiverStream<Result<invoke::Event, Status>>;

/// An action of any type, as the service calls it.
#[async_trait]
pub(in crate::tfplugin) trait AnyAction<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    fn schema_errors(&self) -> Vec<String>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn plan(&self, context: MaybeConfigured<C>, request: plan::Request) -> plan::Response;
    async fn invoke(
        self: Arc<Self>,
        context: MaybeConfigured<C>,
        request: invoke::Request,
    ) -> Events;
}

pub(super) struct RegisteredAction<A> {
    action: A,
    codec: SchemaCodec,
}

impl<A: Action> RegisteredAction<A> {
    pub(super) fn new(action: A) -> Self {
        Self {
            codec: SchemaCodec::new(action.schema()),
            action,
        }
    }

    async fn run(
        &self,
        context: MaybeConfigured<A::Client>,
        config: Option<DynamicValue>,
        progress: mpsc::Sender<String>,
    ) -> Vec<Diagnostic> {
        let Some(context) = context.configured() else {
            return vec![not_configured_yet(
                "action",
                self.action.type_name(),
                APPLY_FIRST,
            )];
        };
        let config = match self.codec.config_with_defaults(config) {
            Ok(config) => config,
            Err(error) => return vec![error],
        };
        let progress = Progress(progress);
        let work = self.action.invoke(&context, config, &progress);
        let outcome = run("InvokeAction", work).await;
        let mut diagnostics = outcome.warnings;
        diagnostics.extend(outcome.result.err());
        diagnostics
    }
}

fn event(content: invoke::event::Type) -> Result<invoke::Event, Status> {
    Ok(invoke::Event {
        r#type: Some(content),
    })
}

#[async_trait]
impl<A: Action> AnyAction<A::Client> for RegisteredAction<A> {
    fn schema(&self) -> &Schema {
        &self.codec.schema
    }

    fn schema_errors(&self) -> Vec<String> {
        schema_errors::<A::Model>(Kind::Action, self.action.type_name(), &self.codec)
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let check = async {
            let config = self.codec.config(request.config)?;
            Ok(self.action.validate(&config))
        };
        validate::Response {
            diagnostics: run_check("ValidateActionConfig", check).await,
        }
    }

    async fn plan(
        &self,
        context: MaybeConfigured<A::Client>,
        request: plan::Request,
    ) -> plan::Response {
        let check = async {
            let config = self.codec.config_with_defaults(request.config)?;
            Ok(self.action.plan(&context, config).await)
        };
        plan::Response {
            diagnostics: run_check("PlanAction", check).await,
            deferred: context.deferral().map(Into::into),
        }
    }

    async fn invoke(
        self: Arc<Self>,
        context: MaybeConfigured<A::Client>,
        request: invoke::Request,
    ) -> Events {
        use invoke::event::{Completed, Progress, Type};

        let (events, receiver) = mpsc::channel(16);
        let (progress, mut lines) = mpsc::channel(16);
        let work = async move {
            // A send fails when core is gone, and then nobody reads the events.
            let show_progress = async {
                while let Some(message) = lines.recv().await {
                    let progress = Type::Progress(Progress { message });
                    let _ = events.send(event(progress)).await;
                }
            };
            let run = self.run(context, request.config, progress);
            let (diagnostics, ()) = tokio::join!(run, show_progress);
            let completed = Type::Completed(Completed {
                diagnostics: messages(diagnostics),
            });
            let _ = events.send(event(completed)).await;
        };
        tokio::spawn(work.in_current_span());
        ReceiverStream::new(receiver)
    }
}
