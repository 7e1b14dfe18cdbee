//! Makes the client's configuration of the provider block and the environment.

use std::path::PathBuf;

use super::{
    environment::Environment,
    model::Config,
    read::{CaSource, read},
};
use crate::{
    immuta::{BaseUrl, ClientConfig, Proxy, TrustStore},
    tfplugin::{Diagnostic, ProviderMetadata, path::Path},
};

/// Finds malformed values. What is missing may still come from an environment that a CI job which
/// only validates does not have.
pub(in crate::provider) fn validate(config: &Config, environment: &Environment) -> Vec<Diagnostic> {
    read(config, environment).1
}

/// The configuration of the client; none where a value is not known yet.
pub(in crate::provider) fn client_config(
    config: &Config,
    environment: &Environment,
    provider: ProviderMetadata,
    terraform_version: &str,
) -> Result<Option<ClientConfig>, Vec<Diagnostic>> {
    let (values, mut errors) = read(config, environment);
    if values.location.is_missing() {
        errors.push(
            Diagnostic::error(
                "Missing segment or endpoint",
                "The address of the Immuta API is not configured. Set segment to \"na\", \"eu\" or \"ap\" (or IMMUTA_SEGMENT), or set endpoint to the full base URL of the Request app API (or IMMUTA_ENDPOINT).",
            )
            .at(Path::attribute("segment")),
        );
    }
    if values.token.is_missing() {
        errors.push(
            Diagnostic::error(
                "Missing token",
                "No token is configured. Create a personal access token in the Request app, as a user with the permission APPLICATION_ADMIN, and set it in the environment variable IMMUTA_TOKEN or in token.",
            )
            .at(Path::attribute("token")),
        );
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let user_agent = user_agent(
        provider,
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
    Ok(proxy.filter(|_| !base_url.bypasses_proxy(no_proxy)))
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

fn user_agent(
    provider: ProviderMetadata,
    terraform_version: &str,
    appended: Option<&str>,
) -> String {
    let base = format!(
        "{}/{} Terraform/{terraform_version}",
        provider.name, provider.version
    );
    match appended {
        Some(appended) => format!("{base} {}", appended.trim()),
        None => base,
    }
}

#[cfg(test)]
#[path = "client_config_tests.rs"]
mod tests;
