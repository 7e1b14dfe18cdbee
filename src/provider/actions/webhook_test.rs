//! The action `immuta_webhook_test`: a test delivery on demand, or when a webhook changes.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{Client, TestResult},
    provider::{
        delivery_test::{self, Arguments},
        secret::Secret,
    },
    tfplugin::{
        Action, Attribute, Configured, Diagnostic, Progress, Schema, outcome::Outcome, value::Attr,
    },
};

/// The arguments.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::provider) struct Model {
    webhook_id: Attr<String>,
    url: Attr<String>,
    verify_tls: Attr<bool>,
    signing_key: Attr<Secret>,
    allow_failure: Attr<bool>,
}

impl Model {
    fn arguments(&self) -> Arguments<'_> {
        Arguments {
            webhook_id: &self.webhook_id,
            url: &self.url,
            verify_tls: &self.verify_tls,
            signing_key: &self.signing_key,
        }
    }
}

/// A test delivery on demand.
#[derive(Debug)]
pub(in crate::provider) struct WebhookTestAction;

impl Action for WebhookTestAction {
    type Client = Client;
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "immuta_webhook_test"
    }

    fn schema(&self) -> Schema {
        // Write-only, so that the key may be an ephemeral value.
        delivery_test::schema_of_arguments(
            "Asks Immuta for a test delivery, and fails the run when it does not arrive. Run it with `terraform apply -invoke`, or bind it to a webhook's `lifecycle`, so that every new or changed webhook proves itself. Needs Terraform 1.14 or later.",
            Attribute::write_only,
        )
            .attribute(Attribute::bool("allow_failure").optional().description(
                "Warn of a delivery that did not arrive instead of failing the run. Default `false`.",
            ))
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        delivery_test::validate(&config.arguments())
    }

    async fn invoke(
        &self,
        call: &Configured<Client>,
        config: Model,
        progress: &Progress,
    ) -> Outcome<Result<(), Diagnostic>> {
        let arguments = config.arguments();
        let target = delivery_test::target(&arguments);
        progress
            .tell(format!("Asking Immuta for a test delivery to {target} …"))
            .await;
        let result = match delivery_test::run(call, &arguments).await {
            Ok(result) => result,
            Err(error) => return Err(error).into(),
        };
        if delivery_test::succeeded(&result) {
            progress
                .tell(format!(
                    "The test delivery arrived: the receiver answered HTTP {}.",
                    result.http_status_code
                ))
                .await;
            return Ok(()).into();
        }
        let failure = failure(&target, &result);
        match config.allow_failure {
            Attr::Known(true) => {
                let warning = Diagnostic::warning(failure.summary, failure.detail);
                Outcome::from(Ok(())).warn(warning)
            }
            _ => Err(failure).into(),
        }
    }
}

fn failure(target: &str, result: &TestResult) -> Diagnostic {
    let reason = result
        .error_message
        .as_deref()
        .unwrap_or("Immuta does not say why");
    Diagnostic::error(
        "Test delivery failed",
        format!(
            "Immuta's test delivery to {target} ended with {} (HTTP {}): {reason}.\n\nCheck that the receiver is up and reachable from Immuta, that its certificate is valid or verify_tls is false, and that it accepts the signature. Set allow_failure = true to be warned only.",
            result.status.as_str(),
            result.http_status_code,
        ),
    )
}
