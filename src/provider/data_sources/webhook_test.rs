//! The data source `immuta_webhook_test`: a test delivery in every plan.

use crate::{
    immuta::Client,
    provider::delivery_test::{self, Model},
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
        delivery_test::schema(
            "Asks Immuta for a test delivery, to a webhook that it holds or to a configuration that it need not hold.\n\n~> **Every plan sends a real delivery**, and so does every apply and refresh that reads this data source. A failed delivery is a result, not an error: see `success`. With a signing key, prefer the ephemeral resource of the same name, which stores nothing.",
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        config.validate()
    }

    async fn read(
        &self,
        call: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        config.tested(call).await.into()
    }
}
