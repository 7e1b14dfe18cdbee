//! List resources: what `terraform query` finds. Since protocol 6.10.

use std::{future::Future, ops::ControlFlow};

use tokio::sync::mpsc;

use super::{
    context::Configured, diagnostics::Diagnostic, model::Model, outcome::HandlerResult,
    resource::Resource, schema::Schema,
};

/// Finds the objects of a resource type.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Attr, Attribute, Configured, HandlerResult, ListResource, ListResult, ListResults, Resource, Schema,
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
///         context: &Configured<Vec<char>>,
///         config: After,
///         results: &ListResults<Shelf>,
///     ) -> HandlerResult<()> {
///         let first = config.letter.as_known().map_or("", String::as_str);
///         for letter in context.client.iter().map(char::to_string) {
///             if letter.as_str() <= first {
///                 continue;
///             }
///             let name = format!("Shelf {letter}");
///             let result = ListResult::new(name, Shelf { letter: letter.into() });
///             if results.send(result).await.is_break() {
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

    /// Checks a configuration, which may have unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Sends what it finds to `results`, until that says to stop.
    fn list(
        &self,
        context: &Configured<<Self::Resource as Resource>::Client>,
        config: Self::Model,
        results: &ListResults<<Self::Resource as Resource>::Model>,
    ) -> impl Future<Output = HandlerResult<()>> + Send;
}

/// One object that a list found.
#[derive(Debug)]
#[non_exhaustive]
pub struct ListResult<M> {
    /// Distinguishes it from the others.
    pub display_name: String,
    /// Its attributes, as a read would give them.
    pub model: M,
}

impl<M> ListResult<M> {
    /// An object under the name that is shown.
    pub fn new(display_name: String, model: M) -> Self {
        Self {
            display_name,
            model,
        }
    }
}

/// Where a list sends its results.
#[derive(Debug)]
pub struct ListResults<M>(pub(super) mpsc::Sender<ListResult<M>>);

impl<M> ListResults<M> {
    /// Passes one object on to core. Breaks once core has all that it asked for.
    pub async fn send(&self, result: ListResult<M>) -> ControlFlow<()> {
        match self.0.send(result).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
