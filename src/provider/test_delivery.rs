//! A test delivery, as the data source, the ephemeral resource and the action send it: the arguments they share, which
//! of them are valid, and the result.

use serde::{Deserialize, Serialize};

use super::{
    diagnostic,
    resources::webhook::model::{check_key, check_url},
    secret::Secret,
    webhook_id,
};
use crate::{
    immuta::{Client, TestResult, TestStatus, WebhookSpec, webhook_url::redacted},
    tfplugin::{Attribute, Configured, Diagnostic, Schema, path::Path, value::Attr},
};

/// What to test.
pub(super) struct Arguments<'a> {
    pub(super) webhook_id: &'a Attr<String>,
    pub(super) url: &'a Attr<String>,
    pub(super) verify_tls: &'a Attr<bool>,
    pub(super) signing_key: &'a Attr<Secret>,
}

/// What the API's documentation leaves open.
const WHOM_IT_REACHES: &str = "Immuta documents the test of a configuration both as \"Test webhook configuration\" and as \"Test all webhook configurations\": a test by `url` may also reach the webhooks in Immuta.";

/// The arguments, described by `introduction`. `key` adds what is special about the key.
pub(super) fn schema_of_arguments(introduction: &str, key: fn(Attribute) -> Attribute) -> Schema {
    Schema::new(format!("{introduction}\n\n{WHOM_IT_REACHES}"))
        .attribute(Attribute::string("webhook_id").optional().description(
            "The id of a webhook that Immuta holds, to test as it is. Conflicts with `url`; one of the two is required.",
        ))
        .attribute(Attribute::string("url").optional().description(
            "The URL that the test delivery is sent to, absolute, `http` or `https`. Conflicts with `webhook_id`.",
        ))
        .attribute(Attribute::bool("verify_tls").optional().description(
            "Whether Immuta verifies the receiver's TLS certificate. Only with `url`. Defaults to `true`.",
        ))
        .attribute(key(Attribute::string("signing_key").optional().sensitive()).description(
            "The key that Immuta signs the test delivery with. Only with `url`.",
        ))
}

/// The arguments and the results, described by `introduction`.
pub(super) fn schema(introduction: &str) -> Schema {
    schema_of_arguments(introduction, |key| key)
        .attribute(
            Attribute::string("status")
                .computed()
                .description("The result of the delivery: `SUCCESS`, `FAILED` or `UNSPECIFIED`."),
        )
        .attribute(
            Attribute::number("http_status_code")
                .computed()
                .description(
                    "The HTTP status code that the receiver returned. Null when no response came.",
                ),
        )
        .attribute(
            Attribute::string("error_message")
                .computed()
                .description("Why the delivery failed, if Immuta says."),
        )
        .attribute(
            Attribute::bool("success")
                .computed()
                .description("Whether `status` is `SUCCESS`."),
        )
}

/// Arguments and results, as the data source and the ephemeral resource have them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Model {
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
    pub(super) fn validate(&self) -> Vec<Diagnostic> {
        validate(&self.arguments())
    }

    fn arguments(&self) -> Arguments<'_> {
        Arguments {
            webhook_id: &self.webhook_id,
            url: &self.url,
            verify_tls: &self.verify_tls,
            signing_key: &self.signing_key,
        }
    }

    /// Runs the test and fills in its results.
    pub(super) async fn tested(self, context: &Configured<Client>) -> Result<Self, Diagnostic> {
        let result = run(context, &self.arguments()).await?;
        Ok(Self {
            status: Attr::Known(result.status.as_str().to_owned()),
            http_status_code: result.http_status_code.into(),
            success: Attr::Known(succeeded(&result)),
            error_message: result.error_message.into(),
            ..self
        })
    }
}

/// Looks at the arguments, which may be unknown.
pub(super) fn validate(arguments: &Arguments<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // What is unknown may turn out null, so it neither conflicts nor is missed; core asks again.
    let by_id = arguments.webhook_id.is_known();
    if by_id && arguments.url.is_known() {
        let error = Diagnostic::error(
            "Invalid attribute combination",
            "webhook_id and url are both set: webhook_id tests a webhook that Immuta holds, url a configuration that it need not hold. Remove one of them.",
        );
        found.push(error.at(Path::attribute("url")));
    }
    if arguments.webhook_id.is_null() && arguments.url.is_null() {
        found.push(Diagnostic::error(
            "Missing required argument",
            "Neither webhook_id nor url is set. Set webhook_id to test a webhook that Immuta holds, or url to test a configuration.",
        ));
    }
    let beside_id = [
        ("verify_tls", arguments.verify_tls.is_known()),
        ("signing_key", arguments.signing_key.is_known()),
    ];
    for (name, is_set) in beside_id {
        if by_id && arguments.url.is_null() && is_set {
            let error = Diagnostic::error(
                "Invalid attribute combination",
                format!(
                    "{name} is set with webhook_id. A webhook that is tested by its id is tested as Immuta holds it, so {name} would have no effect. Remove {name}, or test by url."
                ),
            );
            found.push(error.at(Path::attribute(name)));
        }
    }
    found.extend(arguments.url.as_known().and_then(|url| check_url(url)));
    if let Some(id) = arguments.webhook_id.as_known() {
        found.extend(webhook_id::parse("webhook_id", id).err());
    }
    found.extend(check_key("signing_key", arguments.signing_key));
    found
}

/// Runs the test. A failed delivery is a result.
pub(super) async fn run(
    context: &Configured<Client>,
    arguments: &Arguments<'_>,
) -> Result<TestResult, Diagnostic> {
    let tested = match (arguments.webhook_id, arguments.url) {
        (Attr::Known(id), _) => {
            let id = webhook_id::parse("webhook_id", id)?;
            context.client.test_by_id(&id, &context.stop).await
        }
        (_, Attr::Known(url)) => {
            let spec = WebhookSpec {
                url: url.clone(),
                verify_tls: *arguments.verify_tls.as_known().unwrap_or(&true),
                signing_key: arguments
                    .signing_key
                    .as_known()
                    .cloned()
                    .map(Secret::into_inner),
            };
            context.client.test(&spec, &context.stop).await
        }
        _ => {
            return Err(Diagnostic::bug(
                "A test without a webhook_id or url passed the validation.",
            ));
        }
    };
    tested.map_err(|cause| {
        diagnostic::from_api_error(
            "Unable to send test delivery",
            format_args!("While requesting a test delivery to {}.", target(arguments)),
            &cause,
        )
    })
}

/// What kind of delivery is requested, for messages. An ephemeral key can be lost on the way: Terraform 1.16 drops such
/// values from `terraform apply -invoke`.
pub(super) fn kind(arguments: &Arguments<'_>) -> &'static str {
    match (arguments.webhook_id, arguments.signing_key) {
        (Attr::Known(_), _) => "a test delivery",
        (_, Attr::Known(_)) => "a signed test delivery",
        _ => "an unsigned test delivery (no signing_key was received)",
    }
}

/// What is tested, for messages.
pub(super) fn target(arguments: &Arguments<'_>) -> String {
    match (arguments.webhook_id, arguments.url) {
        (Attr::Known(id), _) => format!("the webhook {id}"),
        (_, Attr::Known(url)) => redacted(url),
        _ => "nothing".to_owned(),
    }
}

/// Whether the delivery arrived.
pub(super) fn succeeded(result: &TestResult) -> bool {
    result.status == TestStatus::Success
}
