//! The data source `immuta_webhook_test`: a test delivery in every plan.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::Webhooks,
    provider::{
        delivery_test::{self, Arguments},
        secret::Secret,
    },
    tfplugin::{Configured, DataSource, Diagnostic, Schema, outcome::Outcome, value::Attr},
};

/// The attributes; the ephemeral resource has the same.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    webhook_id: Attr<String>,
    url: Attr<String>,
    verify_tls: Attr<bool>,
    signing_key: Attr<Secret>,
    status: Attr<String>,
    http_status_code: Attr<i64>,
    error_message: Attr<String>,
    success: Attr<bool>,
}

impl Model {
    pub(in crate::provider) fn arguments(&self) -> Arguments<'_> {
        Arguments {
            webhook_id: &self.webhook_id,
            url: &self.url,
            verify_tls: &self.verify_tls,
            signing_key: &self.signing_key,
        }
    }

    /// Runs the test and fills in its results.
    pub(in crate::provider) async fn tested(
        self,
        call: &Configured<Webhooks>,
    ) -> Result<Self, Diagnostic> {
        let result = delivery_test::run(call, &self.arguments()).await?;
        Ok(Self {
            status: Attr::Known(result.status.as_str().to_owned()),
            http_status_code: Attr::Known(result.http_status_code),
            success: Attr::Known(delivery_test::succeeded(&result)),
            error_message: result.error_message.into(),
            ..self
        })
    }
}

/// A test delivery in every plan.
#[derive(Debug)]
pub(in crate::provider) struct WebhookTestDataSource;

impl DataSource for WebhookTestDataSource {
    type Client = Webhooks;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook_test"
    }

    fn schema(&self) -> Schema {
        let attributes = delivery_test::argument_attributes(|key| key)
            .into_iter()
            .chain(delivery_test::result_attributes());
        attributes.fold(
            Schema::new(
                "Asks Immuta for a test delivery, to a webhook that it holds or to a configuration that it need not hold.\n\n~> **Every plan sends a real delivery**, and so does every apply and refresh that reads this data source. A failed delivery is a result, not an error: see `success`. With a signing key, prefer the ephemeral resource of the same name, which stores nothing.\n\nImmuta documents the test of a configuration both as \"Test webhook configuration\" and as \"Test all webhook configurations\": a test by `url` may also reach the webhooks that Immuta holds.",
            ),
            Schema::attribute,
        )
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        delivery_test::validate(&config.arguments())
    }

    async fn read(
        &self,
        call: &Configured<Webhooks>,
        config: Model,
    ) -> Outcome<Result<Model, Diagnostic>> {
        config.tested(call).await.into()
    }
}
