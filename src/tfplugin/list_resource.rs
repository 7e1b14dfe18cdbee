//! List resources: what `terraform query` finds. Since protocol 6.10.

use std::{future::Future, ops::ControlFlow};

use tokio::sync::mpsc;

use super::{
    call::Configured, diagnostics::Diagnostic, model::Model, outcome::Answer, resource::Resource,
    schema::Schema,
};

/// Finds the objects of a resource type.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Answer, Attr, Attribute, Configured, Found, Listed, ListResource, Resource, Schema,
/// };
///
/// #[derive(Clone, Deserialize, Serialize)]
/// struct Shelf {
///     letter: Attr<String>,
/// }
///
/// #[derive(Deserialize, Serialize)]
/// struct After {
///     letter: Attr<String>,
/// }
///
/// /// The shelves of a library, whose client is the row of their letters.
/// struct Shelves<R>(R);
///
/// impl<R> ListResource for Shelves<R>
/// where
///     R: Resource<Client = Vec<char>, Model = Shelf> + Clone,
/// {
///     type Resource = R;
///     type Model = After;
///
///     fn resource(&self) -> R {
///         self.0.clone()
///     }
///     fn schema(&self) -> Schema {
///         let letter = Attribute::string("letter").optional();
///         Schema::new("Finds shelves.")
///             .attribute(letter.description("Those that come after this one alone."))
///     }
///     async fn list(
///         &self,
///         call: &Configured<Vec<char>>,
///         config: After,
///         found: &Found<Shelf>,
///     ) -> Answer<()> {
///         let first = config.letter.as_known().map_or("", String::as_str);
///         for letter in call.client.iter().map(char::to_string) {
///             if letter.as_str() <= first {
///                 continue;
///             }
///             let listed = Listed {
///                 display_name: format!("Shelf {letter}"),
///                 model: Shelf { letter: letter.into() },
///             };
///             if found.send(listed).await.is_break() {
///                 break; // core has as many as it asked for
///             }
///         }
///         Ok(()).into()
///     }
/// }
/// ```
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
