//! The ephemeral resource `immuta_webhook_test`: a test delivery with a key that nothing stores.

use crate::{
    immuta::Client,
    provider::test_delivery::{self, Model},
    tfplugin::{
        Configured, Diagnostic, EphemeralResource, Opened, Renewal, Schema, outcome::Outcome,
    },
};

/// A test delivery in every plan and apply.
#[derive(Debug)]
pub(in crate::provider) struct WebhookTestEphemeralResource;

impl EphemeralResource for WebhookTestEphemeralResource {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook_test"
    }

    fn schema(&self) -> Schema {
        test_delivery::schema(
            "Sends a test delivery with a signing key that is stored in no state and no plan. Needs Terraform 1.10 or OpenTofu 1.11 or later.\n\n~> **Every plan and every apply sends a real delivery**; with OpenTofu, an apply only if something uses the result. A failed delivery is a result, not an error: see `success`.",
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        config.validate()
    }

    async fn open(
        &self,
        context: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Opened<Model>, Diagnostic>> {
        let opened = config.tested(context).await.map(|result| Opened {
            result,
            renewal: Renewal::default(),
        });
        opened.into()
    }
}
