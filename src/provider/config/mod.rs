//! The provider block: its schema, and how it and the environment become a [`ClientConfig`].

mod environment;
mod read;
mod setting;

use serde::{Deserialize, Serialize};

pub(super) use self::environment::Environment;
use self::read::read;
use super::secret::Secret;
use crate::{
    immuta::ClientConfig,
    tfplugin::{
        About, Attribute, Diagnostic, Nesting, Schema,
        path::Path,
        value::{Attr, Number},
    },
};

/// The attributes of the provider block.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Config {
    segment: Attr<String>,
    endpoint: Attr<String>,
    token: Attr<Secret>,
    request_timeout: Attr<String>,
    operation_timeout: Attr<String>,
    retry: Attr<RetryConfig>,
    max_concurrent_requests: Attr<Number>,
    ca_cert_pem: Attr<String>,
    insecure_skip_tls_verify: Attr<bool>,
}

/// The attributes of `retry`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct RetryConfig {
    max_attempts: Attr<Number>,
    min_backoff: Attr<String>,
    max_backoff: Attr<String>,
}

pub(super) fn schema() -> Schema {
    let retry = vec![
        Attribute::number("max_attempts").optional().description(
            "How many times a request is sent at the most, the first time included. Default `4`.",
        ),
        Attribute::string("min_backoff").optional().description(
            "The wait before the second attempt is at most this, and at most twice as long before each further one. Default `500ms`.",
        ),
        Attribute::string("max_backoff").optional().description(
            "No wait is longer than this, whatever the API asks for. Default `30s`.",
        ),
    ];
    Schema::new(
        "Manages the webhooks of the Immuta Request app. Every attribute but `retry` can come from the environment instead, from the variable `IMMUTA_` and its name in capitals (`IMMUTA_TOKEN`, …); what is written here beats the environment.",
    )
    .attribute(Attribute::string("segment").optional().description(
        "The global segment of your Immuta tenant: `na` (North America), `eu` (Europe) or `ap` (Asia Pacific). Conflicts with `endpoint`; one of the two is needed. Or `IMMUTA_SEGMENT`.",
    ))
    .attribute(Attribute::string("endpoint").optional().description(
        "The full base URL of the Request app API, such as `https://na.api.immutacloud.com/marketplace`. Conflicts with `segment`. Plain `http://` is allowed for loopback addresses only, since the token would travel in the clear. Or `IMMUTA_ENDPOINT`.",
    ))
    .attribute(Attribute::string("token").optional().sensitive().description(
        "A personal access token of the Request app, of a user with the permission `APPLICATION_ADMIN` and of the same segment. Better kept in `IMMUTA_TOKEN`.",
    ))
    .attribute(Attribute::string("request_timeout").optional().description(
        "How long one HTTP request may take, from connecting to the last byte of the answer, as a duration such as `30s` or `1m30s`. Default `30s`. Or `IMMUTA_REQUEST_TIMEOUT`.",
    ))
    .attribute(Attribute::string("operation_timeout").optional().description(
        "How long one operation on a webhook may take, all attempts and waits included. Default `2m`. Or `IMMUTA_OPERATION_TIMEOUT`.",
    ))
    .attribute(Attribute::nested("retry", Nesting::Single, retry).optional().description(
        "How requests are repeated that failed for a passing reason (HTTP 408, 429, 5xx but 501, network errors). A create is repeated only when Immuta provably did not process it.",
    ))
    .attribute(Attribute::number("max_concurrent_requests").optional().description(
        "How many requests are under way at once at the most. Default `10`. Or `IMMUTA_MAX_CONCURRENT_REQUESTS`.",
    ))
    .attribute(Attribute::string("ca_cert_pem").optional().description(
        "Certificates, in PEM, of the authorities that are trusted to sign the API's certificate, in place of those that the system trusts. Or `IMMUTA_CA_CERT_PEM`.",
    ))
    .attribute(Attribute::bool("insecure_skip_tls_verify").optional().description(
        "Do not verify the API's certificate. Anyone on the way can then read the token; for tests only. Default `false`. Or `IMMUTA_INSECURE_SKIP_TLS_VERIFY`.",
    ))
}

/// Finds malformed values. What is missing may still come from an environment that a CI job which
/// only validates does not have.
pub(super) fn validate(config: &Config, environment: &Environment) -> Vec<Diagnostic> {
    read(config, environment).1
}

/// The configuration of the client; none where a value is not known yet.
pub(super) fn client_config(
    config: &Config,
    environment: &Environment,
    about: About,
    terraform_version: &str,
) -> Result<Option<ClientConfig>, Vec<Diagnostic>> {
    let (values, mut errors) = read(config, environment);
    if values.location.is_missing() {
        errors.push(
            Diagnostic::error(
                "Segment or endpoint missing",
                "The provider does not know which Immuta to talk to. Set segment to \"na\", \"eu\" or \"ap\" (or IMMUTA_SEGMENT), or set endpoint to the full base URL of the Request app API (or IMMUTA_ENDPOINT).",
            )
            .at(Path::attribute("segment")),
        );
    }
    if values.token.is_missing() {
        errors.push(
            Diagnostic::error(
                "Token missing",
                "The provider has no token to authenticate with. Create a personal access token in the Request app, as a user with the permission APPLICATION_ADMIN, and give it in the environment variable IMMUTA_TOKEN or in token.",
            )
            .at(Path::attribute("token")),
        );
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let user_agent = user_agent(
        about,
        terraform_version,
        environment.variable("TF_APPEND_USER_AGENT"),
    );
    Ok(values.into_client_config(user_agent))
}

fn user_agent(about: About, terraform_version: &str, appended: Option<&str>) -> String {
    let base = format!(
        "{}/{} Terraform/{terraform_version}",
        about.name, about.version
    );
    match appended {
        Some(appended) => format!("{base} {}", appended.trim()),
        None => base,
    }
}

#[cfg(test)]
mod tests;
