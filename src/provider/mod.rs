//! The Immuta provider: its configuration, and everything that users can write with it.
//!
//! [`Immuta::handlers`](tfplugin::Provider::handlers) is the register. Each kind of thing has a folder,
//! and each thing in it a file or folder of its own.

mod actions;
mod config;
mod data_sources;
mod diagnostic;
mod duration;
mod ephemeral_resources;
mod functions;
mod list_resources;
mod resources;
mod secret;
mod test_delivery;
mod webhook_id;

use self::config::{Config, Environment};
use crate::{
    immuta::Client,
    tfplugin::{self, Diagnostic, Handlers, ProviderMetadata, Schema, outcome::HandlerResult},
};

/// The provider `immuta`.
#[derive(Debug)]
pub struct Immuta {
    environment: Environment,
}

impl Immuta {
    /// The provider, with the variables of this process's environment.
    pub fn new() -> Self {
        Self {
            environment: Environment::of_process(),
        }
    }
}

impl Default for Immuta {
    fn default() -> Self {
        Self::new()
    }
}

impl tfplugin::Provider for Immuta {
    type Config = Config;
    type Client = Client;

    fn metadata(&self) -> ProviderMetadata {
        ProviderMetadata {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            address: "immuta/immuta",
            purpose: env!("CARGO_PKG_DESCRIPTION"),
        }
    }

    fn schema(&self) -> Schema {
        config::schema()
    }

    fn handlers(&self) -> Handlers<Client> {
        Handlers::new()
            .resource(resources::webhook::WebhookResource)
            .data_source(data_sources::current_user::CurrentUserDataSource)
            .data_source(data_sources::webhook::WebhookDataSource)
            .data_source(data_sources::webhook_deliveries::WebhookDeliveriesDataSource)
            .data_source(data_sources::webhook_test::WebhookTestDataSource)
            .data_source(data_sources::webhooks::WebhooksDataSource)
            .ephemeral_resource(ephemeral_resources::webhook_test::WebhookTestEphemeralResource)
            .list_resource(list_resources::webhook::WebhookListResource)
            .action(actions::webhook_test::WebhookTestAction)
            .function(functions::endpoint::Endpoint)
            .function(functions::signature::Signature)
    }

    fn validate(&self, config: &Config) -> Vec<Diagnostic> {
        config::validate(config, &self.environment)
    }

    async fn configure(
        &self,
        config: Config,
        terraform_version: &str,
    ) -> HandlerResult<Option<Client>, Vec<Diagnostic>> {
        let client_config = config::client_config(
            &config,
            &self.environment,
            self.metadata(),
            terraform_version,
        );
        client_config
            .map(|config| config.as_ref().map(Client::new))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_schemas_and_texts_fit_together() {
        let service = tfplugin::Service::new(Immuta::new());
        assert_eq!(service.schema_errors(), Vec::<String>::new());
    }
}
