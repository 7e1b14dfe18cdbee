//! The provider block: its schema, and how it and the environment become a [`ClientConfig`].

mod environment;
mod read;
mod setting;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(super) use self::environment::Environment;
use self::read::{CaSource, read};
use super::secret::Secret;
use crate::{
    immuta::{BaseUrl, ClientConfig, Proxy, TrustStore, is_direct},
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
    ca_cert_file: Attr<String>,
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
            "Maximum number of attempts of a request, the first one included. Default `4`.",
        ),
        Attribute::string("min_backoff").optional().description(
            "The longest wait before the second attempt; it doubles with each further attempt (exponential backoff with jitter). Default `500ms`.",
        ),
        Attribute::string("max_backoff").optional().description(
            "No wait is longer than this, whatever the API asks for. Default `30s`.",
        ),
    ];
    Schema::new(
        "Manages the webhooks of the Immuta Request app. Every attribute but `retry` can also be set with an environment variable, which is `IMMUTA_` and its name in capitals (`IMMUTA_TOKEN`, …); the configuration takes precedence over environment variables.",
    )
    .attribute(Attribute::string("segment").optional().description(
        "The global segment of your Immuta tenant: `na` (North America), `eu` (Europe) or `ap` (Asia Pacific). Conflicts with `endpoint`; one of the two is needed. Can also be set with the `IMMUTA_SEGMENT` environment variable.",
    ))
    .attribute(Attribute::string("endpoint").optional().description(
        "The full base URL of the Request app API, such as `https://na.api.immutacloud.com/marketplace`. Conflicts with `segment`. Plain `http://` is allowed for loopback addresses only, since the token would travel unencrypted. Can also be set with the `IMMUTA_ENDPOINT` environment variable.",
    ))
    .attribute(Attribute::string("token").optional().sensitive().description(
        "A personal access token of the Request app, of a user with the permission `APPLICATION_ADMIN` and of the same segment. Can also be set with the `IMMUTA_TOKEN` environment variable, which is the better place for it.",
    ))
    .attribute(Attribute::string("request_timeout").optional().description(
        "How long one HTTP request may take, from connecting to the last byte of the response, as a duration such as `30s` or `1m30s`. Default `30s`. Can also be set with the `IMMUTA_REQUEST_TIMEOUT` environment variable.",
    ))
    .attribute(Attribute::string("operation_timeout").optional().description(
        "How long one operation on a webhook may take, all attempts and waits included. Default `2m`. Can also be set with the `IMMUTA_OPERATION_TIMEOUT` environment variable.",
    ))
    .attribute(Attribute::nested("retry", Nesting::Single, retry).optional().description(
        "How requests are retried after a transient error (HTTP 408, 429, 5xx but 501, network errors). A create is retried only when it is known not to have been processed.",
    ))
    .attribute(Attribute::number("max_concurrent_requests").optional().description(
        "Maximum number of concurrent requests. Default `10`. Can also be set with the `IMMUTA_MAX_CONCURRENT_REQUESTS` environment variable.",
    ))
    .attribute(Attribute::string("ca_cert_pem").optional().description(
        "CA certificates, in PEM, that the API's certificate is verified with instead of the system trust store. Conflicts with `ca_cert_file`. Can also be set with the `IMMUTA_CA_CERT_PEM` environment variable.",
    ))
    .attribute(Attribute::string("ca_cert_file").optional().description(
        "The path of a file with CA certificates, in PEM, that the API's certificate is verified with instead of the system trust store. Conflicts with `ca_cert_pem`. Can also be set with the `IMMUTA_CA_CERT_FILE` environment variable.",
    ))
    .attribute(Attribute::bool("insecure_skip_tls_verify").optional().description(
        "Do not verify the API's certificate. Anyone on the way can then read the token; for tests only. Default `false`. Can also be set with the `IMMUTA_INSECURE_SKIP_TLS_VERIFY` environment variable.",
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
        environment
            .text("TF_APPEND_USER_AGENT")
            .and_then(Result::ok),
    );
    let Some((config, ca_source)) = values.into_client_config(user_agent) else {
        return Ok(None);
    };
    let ca_certificates = ca_source.map(CaSource::load).transpose();
    Ok(Some(ClientConfig {
        proxy: proxy(environment, &config.base_url).map_err(|error| vec![error])?,
        ca_certificates: ca_certificates.map_err(|error| vec![error])?,
        trust_store: trust_store(environment),
        ..config
    }))
}

/// As the CLI reads the variables, but one that is malformed is an error: without the proxy the token would go out
/// directly. Upper case takes precedence over lower case, and `HTTPS_PROXY` over `ALL_PROXY`. `HTTP_PROXY` is checked
/// only: the API is reached without TLS on this machine alone, where no proxy is.
fn proxy(environment: &Environment, base_url: &BaseUrl) -> Result<Option<Proxy>, Diagnostic> {
    let parsed = |names| match environment.first(names) {
        None => Ok(None),
        Some((name, text)) => text
            .and_then(|text| Proxy::parse(text, name).map_err(|problem| problem.to_string()))
            .map(Some)
            .map_err(|problem| invalid_variable(name, &problem)),
    };
    parsed(["HTTP_PROXY", "http_proxy"])?;
    let proxy = match parsed(["HTTPS_PROXY", "https_proxy"])? {
        Some(proxy) => Some(proxy),
        None => parsed(["ALL_PROXY", "all_proxy"])?,
    };
    let no_proxy = match environment.first(["NO_PROXY", "no_proxy"]) {
        None => "",
        Some((name, text)) => text.map_err(|problem| invalid_variable(name, &problem))?,
    };
    Ok(proxy.filter(|_| !is_direct(no_proxy, base_url)))
}

fn invalid_variable(name: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Invalid {name}"),
        format!("The environment variable {name} is not valid: {problem}. Correct it or unset it."),
    )
}

/// As the CLI reads them: an empty variable counts as unset.
fn trust_store(environment: &Environment) -> TrustStore {
    let directories = environment
        .variable("SSL_CERT_DIR")
        .map(std::env::split_paths);
    TrustStore {
        file: environment.variable("SSL_CERT_FILE").map(PathBuf::from),
        directories: directories
            .into_iter()
            .flatten()
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
    }
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
