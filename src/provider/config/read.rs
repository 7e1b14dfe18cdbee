//! Reads the settings from the provider block and the environment.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use super::{
    environment::{Environment, variable_of},
    model::{Config, RetryConfig},
    setting::Setting,
};
use crate::{
    immuta::{BaseUrl, CaCertificates, ClientConfig, RetryPolicy, Segment, Token},
    provider::{duration, secret::Secret},
    tfplugin::{
        Diagnostic,
        path::Path,
        value::{Attr, Number},
    },
};

/// Where CA certificates come from.
pub(super) enum CaSource {
    Pem(CaCertificates),
    File {
        path: PathBuf,
        from_environment: bool,
    },
}

impl CaSource {
    /// Reads the file, where one is named. Not done to validate: the file may exist only where the provider runs.
    pub(super) fn load(self) -> Result<CaCertificates, Diagnostic> {
        let (path, from_environment) = match self {
            CaSource::Pem(certificates) => return Ok(certificates),
            CaSource::File {
                path,
                from_environment,
            } => (path, from_environment),
        };
        let certificates = match std::fs::read(path) {
            // Bundles have comments in any encoding.
            Ok(content) => CaCertificates::from_pem(&String::from_utf8_lossy(&content))
                .map_err(|problem| format!("of the file that it names, {problem}")),
            Err(error) => Err(format!("the file that it names cannot be read ({error})")),
        };
        let attribute = Path::attribute("ca_cert_file");
        certificates
            .map_err(|reason| malformed(attribute, "ca_cert_file", from_environment, &reason))
    }
}

/// What the provider block and the environment say, put together.
pub(super) struct Values {
    pub(super) location: Setting<BaseUrl>,
    pub(super) token: Setting<Token>,
    request_timeout: Setting<Duration>,
    operation_timeout: Setting<Duration>,
    retry: Setting<RetryPolicy>,
    max_concurrent_requests: Setting<NonZeroUsize>,
    ca_certificates: Setting<Option<CaSource>>,
    insecure_skip_tls_verify: Setting<bool>,
}

impl Values {
    /// The configuration but for CA certificates, and where these come from. None where a value is not known yet.
    pub(super) fn into_client_config(
        self,
        user_agent: String,
    ) -> Option<(ClientConfig, Option<CaSource>)> {
        let defaults = ClientConfig::new(
            self.location.required()?,
            self.token.required()?,
            user_agent,
        );
        let ca_source = self.ca_certificates.or(None)?;
        let config = ClientConfig {
            request_timeout: self.request_timeout.or(defaults.request_timeout)?,
            operation_timeout: self.operation_timeout.or(defaults.operation_timeout)?,
            retry: self.retry.or(defaults.retry)?,
            max_concurrent_requests: self
                .max_concurrent_requests
                .or(defaults.max_concurrent_requests)?,
            insecure_skip_tls_verify: self.insecure_skip_tls_verify.or(false)?,
            ..defaults
        };
        Some((config, ca_source))
    }
}

/// Every setting, and an error for each that is malformed.
pub(super) fn read(config: &Config, environment: &Environment) -> (Values, Vec<Diagnostic>) {
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
        ca_certificates: reader.ca_certificates(config),
        insecure_skip_tls_verify: reader.one(
            "insecure_skip_tls_verify",
            &config.insecure_skip_tls_verify,
            parse_bool,
        ),
    };
    (values, reader.errors)
}

/// Makes a value of a text, or says why it cannot; a clause.
type Parser<'a, T> = &'a dyn Fn(&str) -> Result<T, String>;

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
                Some(text) => text.and_then(parse),
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
        self.exclusive(
            ["segment", "endpoint"],
            [&config.segment, &config.endpoint],
            "each says where the API is",
            [
                &|text| match text.parse::<Segment>() {
                    Ok(segment) => Ok(segment.base_url()),
                    Err(_) => Err("it must be \"na\", \"eu\" or \"ap\"".to_owned()),
                },
                &|text| BaseUrl::parse(text).map_err(|problem| problem.to_string()),
            ],
        )
    }

    fn ca_certificates(&mut self, config: &Config) -> Setting<Option<CaSource>> {
        let from_environment = config.ca_cert_file.is_null();
        self.exclusive(
            ["ca_cert_pem", "ca_cert_file"],
            [&config.ca_cert_pem, &config.ca_cert_file],
            "each says which CA certificates are trusted",
            [
                &|text| match CaCertificates::from_pem(text) {
                    Ok(certificates) => Ok(Some(CaSource::Pem(certificates))),
                    Err(problem) => Err(problem.to_string()),
                },
                &|text| match text {
                    "" => {
                        Err("it is empty; set it to the path of a file, or leave it out".to_owned())
                    }
                    path => Ok(Some(CaSource::File {
                        path: path.into(),
                        from_environment,
                    })),
                },
            ],
        )
    }

    /// One of two attributes. What the configuration says of either takes precedence over what the environment says of
    /// the other.
    fn exclusive<T>(
        &mut self,
        names: [&'static str; 2],
        attributes: [&Attr<String>; 2],
        why: &str,
        parsers: [Parser<'_, T>; 2],
    ) -> Setting<T> {
        let sources = names.into_iter().zip(attributes).zip(parsers);
        for ((name, attribute), parse) in sources.clone() {
            // Often the default of a variable: malformed rather than one too many.
            if attribute.as_known().is_some_and(String::is_empty) {
                return self.parsed(name, attribute, parse);
            }
        }
        let [first, second] = names;
        let in_configuration = attributes.iter().any(|attribute| !attribute.is_null());
        let both = match in_configuration {
            true => attributes.iter().all(|attribute| attribute.is_known()),
            false => names
                .iter()
                .all(|name| self.environment.get(name).is_some()),
        };
        if both {
            let detail = match in_configuration {
                true => format!(
                    "{first} and {second} are both set, and {why}. Remove one of the two attributes."
                ),
                false => {
                    let [one, other] = names.map(variable_of);
                    format!(
                        "The environment variables {one} and {other} are both set, and {why}. Remove one of the two variables, or set {first} or {second} in the provider block."
                    )
                }
            };
            let error = Diagnostic::error("Invalid attribute combination", detail);
            self.errors.push(error.at(Path::attribute(second)));
            return Setting::Malformed;
        }
        for ((name, attribute), parse) in sources {
            if in_configuration && attribute.is_null() {
                continue;
            }
            let setting = self.parsed(name, attribute, parse);
            if !setting.is_missing() {
                return setting;
            }
        }
        Setting::Missing
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
        self.errors
            .push(malformed(path, name, from_environment, reason));
    }
}

fn malformed(path: Path, name: &str, from_environment: bool, reason: &str) -> Diagnostic {
    let what = match from_environment {
        true => format!("The environment variable {}", variable_of(name)),
        false => name.to_owned(),
    };
    Diagnostic::error(
        format!("Invalid {name}"),
        format!("{what} is not valid: {reason}."),
    )
    .at(path)
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
