//! Data sources.

use std::future::Future;

use super::{
    context::Configured, diagnostics::Diagnostic, model::Model, outcome::HandlerResult,
    schema::Schema,
};

/// Something that core reads in every plan.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Attr, Attribute, Configured, DataSource, HandlerResult, Schema,
/// };
///
/// /// How many books there are.
/// struct Catalogue(i64);
///
/// #[derive(Deserialize, Serialize)]
/// struct Count {
///     books: Attr<i64>,
/// }
///
/// struct CountDataSource;
///
/// impl DataSource for CountDataSource {
///     type Client = Catalogue;
///     type Model = Count;
///
///     fn type_name(&self) -> &'static str {
///         "library_count"
///     }
///     fn schema(&self) -> Schema {
///         Schema::new("Counts the books.")
///             .attribute(Attribute::number("books").computed().description("How many there are."))
///     }
///     async fn read(&self, context: &Configured<Catalogue>, _: Count) -> HandlerResult<Count> {
///         let Catalogue(books) = *context.client;
///         Ok(Count { books: books.into() }).into()
///     }
/// }
/// ```
pub trait DataSource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Client: Send + Sync + 'static;
    /// The attributes: arguments and results.
    type Model: Model;

    /// As users write it, with the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may have unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Fills in the results. The arguments are known, and defaults filled in.
    fn read(
        &self,
        context: &Configured<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = HandlerResult<Self::Model>> + Send;
}
