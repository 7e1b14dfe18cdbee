//! Actions: something that is done and leaves no state. Since protocol 6.10.

use std::future::Future;

use tokio::sync::mpsc;

use super::{
    context::{Configured, MaybeConfigured},
    diagnostics::Diagnostic,
    model::Model,
    outcome::HandlerResult,
    schema::Schema,
};

/// Something that core invokes, by `-invoke` or when a resource changes.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Action, Attr, Attribute, Configured, HandlerResult, Progress, Schema,
/// };
///
/// #[derive(Deserialize, Serialize)]
/// struct Notice {
///     text: Attr<String>,
/// }
///
/// struct NoticeAction;
///
/// impl Action for NoticeAction {
///     type Client = ();
///     type Model = Notice;
///
///     fn type_name(&self) -> &'static str {
///         "library_notice"
///     }
///     fn schema(&self) -> Schema {
///         Schema::new("Puts a notice on the door.")
///             .attribute(Attribute::string("text").required().description("What it says."))
///     }
///     async fn invoke(&self, _: &Configured<()>, _: Notice, progress: &Progress) -> HandlerResult<()> {
///         progress.send("The notice is on the door.").await;
///         Ok(()).into()
///     }
/// }
/// ```
pub trait Action: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Client: Send + Sync + 'static;
    /// The arguments.
    type Model: Model;

    /// As users write it, with the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The arguments.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may have unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Checks a configuration in the plan. Values that come from the trigger are unknown.
    fn plan(
        &self,
        context: &MaybeConfigured<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = Vec<Diagnostic>> + Send {
        let _ = (context, config);
        async { Vec::new() }
    }

    /// Does it.
    fn invoke(
        &self,
        context: &Configured<Self::Client>,
        config: Self::Model,
        progress: &Progress,
    ) -> impl Future<Output = HandlerResult<()>> + Send;
}

/// Shows the user, while an action runs, how far it is.
#[derive(Clone, Debug)]
pub struct Progress(pub(super) mpsc::Sender<String>);

impl Progress {
    /// Shows one line. Lost when core has gone.
    pub async fn send(&self, line: impl Into<String>) {
        let _ = self.0.send(line.into()).await;
    }
}
