//! The action `immuta_webhook_test`: a test delivery on demand, or when a webhook changes.

use serde::{Deserialize, Serialize};

use crate::{
    immuta::{Client, TestResult},
    provider::{
        secret::Secret,
        test_delivery::{self, Arguments},
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
        test_delivery::schema_of_arguments(
            "Sends a test delivery, and fails the run if the receiver does not accept it. Run it with `terraform apply -invoke`, or trigger it from the `lifecycle` block of a webhook, so that each new or changed webhook is tested. Needs Terraform 1.14 or later.\n\n~> **After a failed action the next plan is clean**, and the test does not run again until the webhook changes. From Terraform 1.16 on, `-invoke` drops ephemeral values, so a key that comes from one does not arrive and the delivery is not signed.",
            Attribute::write_only,
        )
            .attribute(Attribute::bool("allow_failure").optional().description(
                "Warn of a delivery that did not arrive instead of failing the run. Defaults to `false`.",
            ))
    }

    fn validate(&self, config: &Model) -> Vec<Diagnostic> {
        test_delivery::validate(&config.arguments())
    }

    async fn invoke(
        &self,
        context: &Configured<Client>,
        config: Model,
        progress: &Progress,
    ) -> Outcome<Result<(), Diagnostic>> {
        let arguments = config.arguments();
        let target = test_delivery::target(&arguments);
        let kind = test_delivery::kind(&arguments);
        progress
            .send(format!("Requesting {kind} to {target} …"))
            .await;
        let result = match test_delivery::run(context, &arguments).await {
            Ok(result) => result,
            Err(error) => return Err(error).into(),
        };
        if test_delivery::succeeded(&result) {
            let status = status(&result);
            progress
                .send(format!("The receiver accepted {kind} ({status})."))
                .await;
            return Ok(()).into();
        }
        match config.allow_failure {
            Attr::Known(true) => {
                let failure = failure(&target, &result, "");
                // Terraform 1.16 does not show the warnings of an action that completes.
                let line = format!(
                    "{}: {}",
                    failure.summary,
                    failure.detail.replace("\n\n", " ")
                );
                progress.send(line).await;
                let warning = Diagnostic::warning(failure.summary, failure.detail);
                Outcome::from(Ok(())).warn(warning)
            }
            _ => Err(failure(
                &target,
                &result,
                " To be warned only, set allow_failure = true.",
            ))
            .into(),
        }
    }
}

fn failure(target: &str, result: &TestResult, advice: &str) -> Diagnostic {
    let reason = result
        .error_message
        .as_deref()
        .unwrap_or("Immuta does not say why");
    Diagnostic::error(
        "Test delivery failed",
        format!(
            "Immuta's test delivery to {target} ended with {} ({}): {reason}.\n\nCheck that the receiver is running and reachable from Immuta, that its certificate is valid or verify_tls is false, and that it accepts the signature.{advice}",
            result.status.as_str(),
            status(result),
        ),
    )
}

/// What the receiver returned.
fn status(result: &TestResult) -> String {
    match result.http_status_code {
        Some(code) => format!("HTTP {code}"),
        None => "no response".to_owned(),
    }
}
