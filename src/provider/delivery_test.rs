//! A test delivery, as the data source, the ephemeral resource and the action run it: the
//! arguments they share, which of them are valid, and what came of it.

use super::{
    problem,
    resources::webhook::model::{check_key, check_url},
    secret::Secret,
};
use crate::{
    immuta::{TestResult, TestStatus, WebhookSpec, Webhooks, webhook_url::redacted},
    tfplugin::{Attribute, Configured, Diagnostic, path::Path, value::Attr},
};

/// What to test.
pub(super) struct Arguments<'a> {
    pub(super) webhook_id: &'a Attr<String>,
    pub(super) url: &'a Attr<String>,
    pub(super) verify_tls: &'a Attr<bool>,
    pub(super) signing_key: &'a Attr<Secret>,
}

/// The arguments, as attributes. `key` adds what is special about the key.
pub(super) fn argument_attributes(key: fn(Attribute) -> Attribute) -> Vec<Attribute> {
    vec![
        Attribute::string("webhook_id").optional().description(
            "The id of a webhook that Immuta holds, to test as it is. Conflicts with `url`; one of the two is needed.",
        ),
        Attribute::string("url").optional().description(
            "Where the test delivery goes: an absolute `http` or `https` URL. Conflicts with `webhook_id`.",
        ),
        Attribute::bool("verify_tls")
            .optional()
            .description("Whether Immuta verifies the receiver's TLS certificate. Only beside `url`. Default `true`."),
        key(Attribute::string("signing_key").optional().sensitive()).description(
            "The key that Immuta signs the test delivery with. Only beside `url`.",
        ),
    ]
}

/// The results, as attributes.
pub(super) fn result_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("status")
            .computed()
            .description("How the delivery ended: `SUCCESS`, `FAILED` or `UNSPECIFIED`."),
        Attribute::number("http_status_code")
            .computed()
            .description("The HTTP status that the receiver answered with."),
        Attribute::string("error_message")
            .computed()
            .description("What went wrong, if Immuta says."),
        Attribute::bool("success")
            .computed()
            .description("Whether `status` is `SUCCESS`."),
    ]
}

/// Looks at the arguments, which may be unknown.
pub(super) fn validate(arguments: &Arguments<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // What is unknown may turn out null, so it neither conflicts nor is missed; core asks again.
    let by_id = arguments.webhook_id.is_known();
    if by_id && arguments.url.is_known() {
        let error = Diagnostic::error(
            "Conflicting arguments",
            "webhook_id and url are both set: webhook_id tests a webhook that Immuta holds, url a configuration that it need not hold. Remove one of them.",
        );
        found.push(error.at(Path::attribute("url")));
    }
    if arguments.webhook_id.is_null() && arguments.url.is_null() {
        found.push(Diagnostic::error(
            "Nothing to test",
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
                format!("{name} beside webhook_id"),
                format!(
                    "A webhook that is tested by its id is tested as Immuta holds it, so {name} would have no effect. Remove {name}, or test by url."
                ),
            );
            found.push(error.at(Path::attribute(name)));
        }
    }
    found.extend(arguments.url.as_known().and_then(|url| check_url(url)));
    found.extend(arguments.webhook_id.as_known().and_then(|id| {
        id.is_empty().then(|| {
            Diagnostic::error(
                "Empty webhook_id",
                "webhook_id is an empty string. Set it to the id of a webhook, or remove it and set url.",
            )
            .at(Path::attribute("webhook_id"))
        })
    }));
    found.extend(check_key("signing_key", arguments.signing_key));
    found
}

/// Runs the test. A failed delivery is a result.
pub(super) async fn run(
    call: &Configured<Webhooks>,
    arguments: &Arguments<'_>,
) -> Result<TestResult, Diagnostic> {
    let tested = match (arguments.webhook_id, arguments.url) {
        (Attr::Known(id), _) => call.client.test_by_id(id, &call.stop).await,
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
            call.client.test(&spec, &call.stop).await
        }
        _ => {
            return Err(Diagnostic::bug(
                "A test without a webhook_id or url passed the validation.",
            ));
        }
    };
    tested.map_err(|cause| {
        problem::of(
            "Test delivery not run",
            format_args!(
                "While asking Immuta for a test delivery to {}.",
                target(arguments)
            ),
            &cause,
        )
    })
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
