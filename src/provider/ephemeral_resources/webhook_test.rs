//! The ephemeral resource `immuta_webhook_test`: a test delivery with a key that nothing stores.

use crate::{
    immuta::Client,
    provider::delivery_test::{self, Model},
    tfplugin::{
        Configured, Diagnostic, EphemeralResource, Lease, Opened, Schema, outcome::Outcome,
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
        delivery_test::schema(
            "Asks Immuta for a test delivery with a signing key that no state and no plan keeps. Needs Terraform 1.10 or OpenTofu 1.11 or later.\n\n~> **Every plan and every apply sends a real delivery**; with OpenTofu, an apply only where something uses the result. A failed delivery is a result, not an error: see `success`.",
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        config.validate()
    }

    async fn open(
        &self,
        call: &Configured<Client>,
        config: Model,
    ) -> Outcome<Result<Opened<Model>, Diagnostic>> {
        let opened = config.tested(call).await.map(|result| Opened {
            result,
            lease: Lease::default(),
        });
        opened.into()
    }
}
