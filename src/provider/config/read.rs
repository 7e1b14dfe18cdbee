//! Reads the client's configuration from the provider block and the environment.

use std::{num::NonZeroUsize, time::Duration};

use super::{
    Config, RetryConfig,
    environment::{Environment, variable_of},
    setting::Setting,
};
use crate::{
    immuta::{BaseUrl, CaCertificates, ClientConfig, RetryPolicy, Segment, Token},
    provider::{duration, secret::Secret},
    tfplugin::{
        Diagnostic, ProviderMetadata,
        path::Path,
        value::{Attr, Number},
    },
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
        environment.variable("TF_APPEND_USER_AGENT"),
    );
    Ok(values.into_client_config(user_agent))
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

/// What the provider block and the environment say, put together.
struct Values {
    location: Setting<BaseUrl>,
    token: Setting<Token>,
    request_timeout: Setting<Duration>,
    operation_timeout: Setting<Duration>,
    retry: Setting<RetryPolicy>,
    max_concurrent_requests: Setting<NonZeroUsize>,
    ca_certificates: Setting<Option<CaCertificates>>,
    insecure_skip_tls_verify: Setting<bool>,
}

impl Values {
    /// None where a value is not known yet.
    fn into_client_config(self, user_agent: String) -> Option<ClientConfig> {
        let defaults = ClientConfig::new(
            self.location.required()?,
            self.token.required()?,
            user_agent,
        );
        Some(ClientConfig {
            request_timeout: self.request_timeout.or(defaults.request_timeout)?,
            operation_timeout: self.operation_timeout.or(defaults.operation_timeout)?,
            retry: self.retry.or(defaults.retry)?,
            max_concurrent_requests: self
                .max_concurrent_requests
                .or(defaults.max_concurrent_requests)?,
            ca_certificates: self.ca_certificates.or(None)?,
            insecure_skip_tls_verify: self.insecure_skip_tls_verify.or(false)?,
            ..defaults
        })
    }
}

/// Every setting, and an error for each that is malformed.
fn read(config: &Config, environment: &Environment) -> (Values, Vec<Diagnostic>) {
    let mut reader = Reader {
        environment,
        errors: Vec::new(),
    };
    let values = Values {
        location: reader.location(config),
        token: reader.token(config),
        request_timeout: reader.parsed("request_timeout", &config.request_timeout, duration::parse),
        operation_timeout: reader.parsed(
            "operation_timeout",
            &config.operation_timeout,
            duration::parse,
        ),
        retry: reader.retry(&config.retry),
        max_concurrent_requests: reader.count(config),
        ca_certificates: reader.parsed("ca_cert_pem", &config.ca_cert_pem, |pem| {
            CaCertificates::from_pem(pem)
                .map(Some)
                .map_err(|problem| problem.to_string())
        }),
        insecure_skip_tls_verify: reader.one(
            "insecure_skip_tls_verify",
            &config.insecure_skip_tls_verify,
            parse_bool,
        ),
    };
    (values, reader.errors)
}

struct Reader<'a> {
    environment: &'a Environment,
    errors: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// One value: what the configuration says, else what the environment says.
    fn one<T: Clone>(
        &mut self,
        name: &'static str,
        attribute: &Attr<T>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Setting<T> {
        let parsed = match attribute {
            Attr::Unknown => return Setting::Unknown,
            Attr::Known(value) => Ok(value.clone()),
            Attr::Null => match self.environment.get(name) {
                None => return Setting::Missing,
                Some(text) => parse(text),
            },
        };
        self.given(name, attribute.is_null(), parsed)
    }

    /// What a parser made of the value that was written.
    fn given<T>(
        &mut self,
        name: &'static str,
        from_environment: bool,
        parsed: Result<T, String>,
    ) -> Setting<T> {
        match parsed {
            Ok(value) => Setting::Given(value),
            Err(reason) => {
                self.malformed(Path::attribute(name), name, from_environment, &reason);
                Setting::Malformed
            }
        }
    }

    /// A value that both places write as text.
    fn parsed<T>(
        &mut self,
        name: &'static str,
        attribute: &Attr<String>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Setting<T> {
        self.one(name, attribute, |text| Ok(text.to_owned()))
            .then(|text| self.given(name, attribute.is_null(), parse(&text)))
    }

    fn token(&mut self, config: &Config) -> Setting<Token> {
        let secret = self.one("token", &config.token, |text| Ok(Secret::from(text)));
        secret.then(|secret| {
            let token = Token::parse(secret.into_inner()).map_err(|problem| problem.to_string());
            self.given("token", config.token.is_null(), token)
        })
    }

    fn location(&mut self, config: &Config) -> Setting<BaseUrl> {
        let in_configuration = !config.segment.is_null() || !config.endpoint.is_null();
        let both = match in_configuration {
            true => config.segment.is_known() && config.endpoint.is_known(),
            false => {
                self.environment.get("segment").is_some()
                    && self.environment.get("endpoint").is_some()
            }
        };
        if both {
            let (what, which) = match in_configuration {
                true => (
                    "segment and endpoint are both set",
                    "one of the two attributes",
                ),
                false => (
                    "The environment variables IMMUTA_SEGMENT and IMMUTA_ENDPOINT are both set",
                    "one of the two variables, or set segment or endpoint in the provider block",
                ),
            };
            self.errors.push(
                Diagnostic::error(
                    "Segment and endpoint conflict",
                    format!("{what}, and each says where the API is. Remove {which}."),
                )
                .at(Path::attribute("endpoint")),
            );
            return Setting::Malformed;
        }
        // Either in the configuration takes precedence over the other in the environment.
        let segment = match in_configuration && config.segment.is_null() {
            true => Setting::Missing,
            false => self.parsed("segment", &config.segment, |text| {
                text.parse::<Segment>()
                    .map(|segment| segment.base_url())
                    .map_err(|_| "it must be \"na\", \"eu\" or \"ap\"".to_owned())
            }),
        };
        if !segment.is_missing() {
            return segment;
        }
        match in_configuration && config.endpoint.is_null() {
            true => Setting::Missing,
            false => self.parsed("endpoint", &config.endpoint, |text| {
                BaseUrl::parse(text).map_err(|problem| problem.to_string())
            }),
        }
    }

    fn retry(&mut self, attribute: &Attr<RetryConfig>) -> Setting<RetryPolicy> {
        let retry = match attribute {
            Attr::Null => return Setting::Missing,
            Attr::Unknown => return Setting::Unknown,
            Attr::Known(retry) => retry,
        };
        let default = RetryPolicy::default();
        let max_attempts = self.within("max_attempts", &retry.max_attempts, |number| {
            whole_number_from_1(number).and_then(|count| {
                u32::try_from(count.get()).map_err(|_| "it is too large".to_owned())
            })
        });
        let min_backoff = self.within("min_backoff", &retry.min_backoff, |text| {
            duration::parse(text)
        });
        let max_backoff = self.within("max_backoff", &retry.max_backoff, |text| {
            duration::parse(text)
        });
        if [
            max_attempts.is_malformed(),
            min_backoff.is_malformed(),
            max_backoff.is_malformed(),
        ]
        .contains(&true)
        {
            return Setting::Malformed;
        }
        let (Some(max_attempts), Some(min_backoff), Some(max_backoff)) = (
            max_attempts.or(default.max_attempts()),
            min_backoff.or(default.min_backoff()),
            max_backoff.or(default.max_backoff()),
        ) else {
            return Setting::Unknown;
        };
        let policy = RetryPolicy::new(max_attempts, min_backoff, max_backoff)
            .map_err(|problem| problem.to_string());
        self.given("retry", false, policy)
    }

    fn within<T, U>(
        &mut self,
        name: &'static str,
        attribute: &Attr<T>,
        parse: impl FnOnce(&T) -> Result<U, String>,
    ) -> Setting<U> {
        match attribute {
            Attr::Null => Setting::Missing,
            Attr::Unknown => Setting::Unknown,
            Attr::Known(value) => match parse(value) {
                Ok(value) => Setting::Given(value),
                Err(reason) => {
                    let path = Path::attribute("retry").child_attribute(name);
                    self.malformed(path, &format!("retry.{name}"), false, &reason);
                    Setting::Malformed
                }
            },
        }
    }

    fn count(&mut self, config: &Config) -> Setting<NonZeroUsize> {
        let name = "max_concurrent_requests";
        let attribute = &config.max_concurrent_requests;
        let number = self.one(name, attribute, |text| {
            text.parse::<Number>().map_err(|_| NOT_A_COUNT.to_owned())
        });
        number.then(|number| self.given(name, attribute.is_null(), whole_number_from_1(&number)))
    }

    fn malformed(&mut self, path: Path, name: &str, from_environment: bool, reason: &str) {
        let what = match from_environment {
            true => format!("The environment variable {}", variable_of(name)),
            false => name.to_owned(),
        };
        self.errors.push(
            Diagnostic::error(
                format!("Invalid {name}"),
                format!("{what} is not valid: {reason}."),
            )
            .at(path),
        );
    }
}

const NOT_A_COUNT: &str = "it must be a whole number, 1 or more";

fn whole_number_from_1(number: &Number) -> Result<NonZeroUsize, String> {
    number
        .as_i64()
        .and_then(|number| usize::try_from(number).ok())
        .and_then(NonZeroUsize::new)
        .ok_or_else(|| NOT_A_COUNT.to_owned())
}

fn parse_bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("it must be \"true\" or \"false\"".to_owned()),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
