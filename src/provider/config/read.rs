//! Reads the settings from the provider block and the environment.

use std::time::Duration;

use super::{
    Config, RetryConfig,
    environment::{Environment, variable_of},
    setting::Setting,
};
use crate::{
    immuta::{self, Retry, Segment, Settings, settings},
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

/// The settings; none where a value is not known yet.
pub(in crate::provider) fn settings(
    config: &Config,
    environment: &Environment,
    provider: ProviderMetadata,
    terraform_version: &str,
) -> Result<Option<Settings>, Vec<Diagnostic>> {
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
        provider,
        terraform_version,
        environment.variable("TF_APPEND_USER_AGENT"),
    );
    Ok(values.into_settings(user_agent))
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
    let text = match appended {
        Some(appended) => format!("{base} {}", appended.trim()),
        None => base,
    };
    // A header takes visible ASCII alone.
    text.chars()
        .filter(|character| matches!(character, ' '..='~'))
        .collect()
}

/// What the provider block and the environment say, put together.
struct Values {
    location: Setting<url::Url>,
    token: Setting<Secret>,
    request_timeout: Setting<Duration>,
    operation_timeout: Setting<Duration>,
    retry: Setting<Retry>,
    max_concurrent_requests: Setting<usize>,
    ca_cert_pem: Setting<Option<String>>,
    insecure_skip_tls_verify: Setting<bool>,
}

impl Values {
    /// None where a value is not known yet.
    fn into_settings(self, user_agent: String) -> Option<Settings> {
        let token = self.token.required()?.into_inner();
        Some(Settings {
            request_timeout: self.request_timeout.or(settings::DEFAULT_REQUEST_TIMEOUT)?,
            operation_timeout: self
                .operation_timeout
                .or(settings::DEFAULT_OPERATION_TIMEOUT)?,
            retry: self.retry.or(Retry::default())?,
            max_concurrent_requests: self
                .max_concurrent_requests
                .or(settings::DEFAULT_MAX_CONCURRENT_REQUESTS)?,
            ca_cert_pem: self.ca_cert_pem.or(None)?,
            insecure_skip_tls_verify: self.insecure_skip_tls_verify.or(false)?,
            ..Settings::new(self.location.required()?, token, user_agent)
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
        token: reader.one(
            "token",
            &config.token,
            |text| Ok(text.into()),
            |token| check_token(token.expose()),
        ),
        request_timeout: reader.parsed("request_timeout", &config.request_timeout, duration::parse),
        operation_timeout: reader.parsed(
            "operation_timeout",
            &config.operation_timeout,
            duration::parse,
        ),
        retry: reader.retry(&config.retry),
        max_concurrent_requests: reader.count(config),
        ca_cert_pem: reader.parsed("ca_cert_pem", &config.ca_cert_pem, |pem| {
            immuta::check_ca_cert_pem(pem).map(|()| Some(pem.to_owned()))
        }),
        insecure_skip_tls_verify: reader.one(
            "insecure_skip_tls_verify",
            &config.insecure_skip_tls_verify,
            parse_bool,
            |_| Ok(()),
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
        check: impl FnOnce(&T) -> Result<(), String>,
    ) -> Setting<T> {
        let value = match attribute {
            Attr::Unknown => return Setting::Unknown,
            Attr::Known(value) => Ok(value.clone()),
            Attr::Null => match self.environment.get(name) {
                None => return Setting::Missing,
                Some(text) => parse(text),
            },
        };
        match value.and_then(|value| check(&value).map(|()| value)) {
            Ok(value) => Setting::Given(value),
            Err(reason) => {
                let from_environment = attribute.is_null();
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
        let text = self.one(name, attribute, |text| Ok(text.to_owned()), |_| Ok(()));
        text.then(|text| match parse(&text) {
            Ok(value) => Setting::Given(value),
            Err(reason) => {
                self.malformed(Path::attribute(name), name, attribute.is_null(), &reason);
                Setting::Malformed
            }
        })
    }

    fn location(&mut self, config: &Config) -> Setting<url::Url> {
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
        // What the configuration says of either beats what the environment says of the other.
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
            false => self.parsed("endpoint", &config.endpoint, immuta::check_base_url),
        }
    }

    fn retry(&mut self, attribute: &Attr<RetryConfig>) -> Setting<Retry> {
        let retry = match attribute {
            Attr::Null => return Setting::Missing,
            Attr::Unknown => return Setting::Unknown,
            Attr::Known(retry) => retry,
        };
        let default = Retry::default();
        let max_attempts = self.within("max_attempts", &retry.max_attempts, |number| {
            whole_number_from_1(number)
                .and_then(|count| u32::try_from(count).map_err(|_| "it is too large".to_owned()))
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
        let known = (|| {
            Some(Retry {
                max_attempts: max_attempts.or(default.max_attempts)?,
                min_backoff: min_backoff.or(default.min_backoff)?,
                max_backoff: max_backoff.or(default.max_backoff)?,
            })
        })();
        let Some(retry) = known else {
            return Setting::Unknown;
        };
        match retry.check() {
            Ok(()) => Setting::Given(retry),
            Err(reason) => {
                self.malformed(Path::attribute("retry"), "retry", false, reason);
                Setting::Malformed
            }
        }
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

    fn count(&mut self, config: &Config) -> Setting<usize> {
        let name = "max_concurrent_requests";
        let number = self.one(
            name,
            &config.max_concurrent_requests,
            |text| {
                text.parse()
                    .map_err(|_| "it must be a whole number from 1 on".to_owned())
            },
            |number| whole_number_from_1(number).map(drop),
        );
        number
            .then(|number| whole_number_from_1(&number).map_or(Setting::Malformed, Setting::Given))
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

fn whole_number_from_1(number: &Number) -> Result<usize, String> {
    number
        .as_i64()
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number >= 1)
        .ok_or_else(|| "it must be a whole number from 1 on".to_owned())
}

fn parse_bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("it must be \"true\" or \"false\"".to_owned()),
    }
}

/// A token goes into a header. What is wrong with it is said without showing it.
fn check_token(token: &str) -> Result<(), String> {
    if token.is_empty() {
        return Err("it is empty; set it, or leave it out and set IMMUTA_TOKEN".to_owned());
    }
    if token.chars().all(|character| character.is_ascii_graphic()) {
        return Ok(());
    }
    Err("it must hold visible ASCII characters alone: no blank, line break or other invisible character, as a copied token sometimes has at its end".to_owned())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
