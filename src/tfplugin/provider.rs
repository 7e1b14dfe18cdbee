//! The provider as a whole.

use std::future::Future;

use super::{
    diagnostics::Diagnostic, handlers::Handlers, metadata::ProviderMetadata, model::Model,
    outcome::ConfigureResult, schema::Schema,
};

/// A provider: what it is configured with, and the handlers of what users can write. `plugin::run` serves it;
/// `examples/minimal_provider.rs` is a whole program.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Attr, Attribute, ConfigureResult, Handlers, Provider, ProviderMetadata, Schema,
/// };
///
/// #[derive(Deserialize, Serialize)]
/// struct Config {
///     town: Attr<String>,
/// }
///
/// /// The library of a town, whose name is all that a handler needs.
/// struct Library;
///
/// impl Provider for Library {
///     type Config = Config;
///     type Client = String;
///
///     fn metadata(&self) -> ProviderMetadata {
///         ProviderMetadata {
///             name: "terraform-provider-library",
///             version: "0.1.0",
///             address: "example/library",
///             purpose: "Books, and where they stand",
///         }
///     }
///     fn schema(&self) -> Schema {
///         let town = Attribute::string("town").required();
///         Schema::new("Books, and where they stand.")
///             .attribute(town.description("Whose library it is."))
///     }
///     fn handlers(&self) -> Handlers<String> {
///         Handlers::new()
///     }
///     async fn configure(
///         &self,
///         config: Config,
///         _terraform_version: &str,
///     ) -> ConfigureResult<String> {
///         Ok(config.town.into_known()).into()
///     }
/// }
/// ```
pub trait Provider: Send + Sync + 'static {
    /// The `provider` block.
    type Config: Model;
    /// What a configured provider gives its handlers.
    type Client: Send + Sync + 'static;

    /// Its name, version and address.
    fn metadata(&self) -> ProviderMetadata;

    /// The crates of the provider, named as in Rust code, whose log lines are shown: `&[env!("CARGO_CRATE_NAME")]`.
    /// Other crates never log, since what they send may be secret.
    fn log_crates(&self) -> &'static [&'static str] {
        &[]
    }

    /// The schema of the `provider` block.
    fn schema(&self) -> Schema;

    /// The handlers of everything that users can write with it.
    fn handlers(&self) -> Handlers<Self::Client>;

    /// Checks a configuration, which may have unknown values, without any IO.
    fn validate(&self, config: &Self::Config) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Makes the client. `None` where the configuration is not known yet.
    fn configure(
        &self,
        config: Self::Config,
        terraform_version: &str,
    ) -> impl Future<Output = ConfigureResult<Self::Client>> + Send;
}
