//! The data source `immuta_webhook_test`: a test delivery in every plan.

use crate::{
    immuta::Client,
    provider::test_delivery::{self, Model},
    tfplugin::{Configured, DataSource, Diagnostic, Schema, outcome::Outcome},
};

/// A test delivery in every plan.
#[derive(Debug)]
pub(in crate::provider) struct WebhookTestDataSource;

impl DataSource for WebhookTestDataSource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook_test"
    }

    fn schema(&self) -> Schema {
        test_delivery::schema(
            "Sends a test delivery, for a webhook that Immuta holds or for a configuration.\n\n~> **Every plan sends a real delivery**, and so does every apply, refresh and destroy that reads this data source. A failed delivery is a result, not an error: see `success`. With a signing key, prefer the ephemeral resource of the same name, which stores nothing.",
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        config.validate()
    }

    async fn read(
        &self,
        context: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        config.tested(context).await.into()
    }
}
