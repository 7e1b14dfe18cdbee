//! Data sources.

use std::future::Future;

use super::{
    call::Configured, diagnostics::Diagnostic, model::Model, outcome::Answer, schema::Schema,
};

/// Something that core reads in every plan.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{Answer, Attr, Attribute, Configured, DataSource, Schema};
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
///     async fn read(&self, call: &Configured<Catalogue>, _: Count) -> Answer<Count> {
///         let Catalogue(books) = *call.client;
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

    /// Looks at a configuration, which may hold unknown values, without any IO.
    fn validate(&self, config: &Self::Model) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Fills in the results. The arguments are known, and defaults filled in.
    fn read(
        &self,
        call: &Configured<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = Answer<Self::Model>> + Send;
}
