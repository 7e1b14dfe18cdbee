//! List resources: what `terraform query` finds. Since protocol 6.10.

use std::{future::Future, ops::ControlFlow};

use tokio::sync::mpsc;

use super::{
    call::Configured, diagnostics::Diagnostic, model::Model, outcome::Answer, resource::Resource,
    schema::Schema,
};

/// Finds the objects of a resource type.
pub trait ListResource: Send + Sync + 'static {
    /// The resource type that is listed; both have the same name.
    type Resource: Resource;
    /// The arguments, written in the `config` block.
    type Model: Model;

    /// The resource type that is listed.
    fn resource(&self) -> Self::Resource;

    /// The arguments.
    fn schema(&self) -> Schema;

    /// Looks at a configuration, which may hold unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Sends what it finds to `found`, until that says to stop.
    fn list(
        &self,
        call: &Configured<<Self::Resource as Resource>::Client>,
        config: Self::Model,
        found: &Found<<Self::Resource as Resource>::Model>,
    ) -> impl Future<Output = Answer<()>> + Send;
}

/// One object that a list found.
#[derive(Debug)]
pub struct Listed<M> {
    /// Tells it from the others.
    pub display_name: String,
    /// Its attributes, as a read would give them.
    pub model: M,
}

/// Where a list sends what it finds.
#[derive(Debug)]
pub struct Found<M>(pub(super) mpsc::Sender<Listed<M>>);

impl<M> Found<M> {
    /// Passes one object on to core. Breaks once core has all that it asked for.
    pub async fn send(&self, listed: Listed<M>) -> ControlFlow<()> {
        match self.0.send(listed).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
