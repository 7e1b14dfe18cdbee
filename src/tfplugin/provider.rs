//! The provider as a whole.

use std::future::Future;

use super::{
    about::About, diagnostics::Diagnostic, model::Model, offers::Offers, outcome::Answer,
    schema::Schema,
};

/// A provider: what it is configured with, and what it offers.
pub trait Provider: Send + Sync + 'static {
    /// The `provider` block.
    type Config: Model;
    /// What a configured provider gives its handlers.
    type Client: Send + Sync + 'static;

    /// Its name, version and address.
    fn about(&self) -> About;

    /// The schema of the `provider` block.
    fn schema(&self) -> Schema;

    /// Everything that users can write with it.
    fn offers(&self) -> Offers<Self::Client>;

    /// Looks at a configuration, which may hold unknown values, without any IO.
    fn validate(&self, config: &Self::Config) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Makes the client. `None` where the configuration is not known yet.
    fn configure(
        &self,
        config: Self::Config,
        terraform_version: &str,
    ) -> impl Future<Output = Answer<Option<Self::Client>, Vec<Diagnostic>>> + Send;
}
