//! The provider block: its schema, and how it and the environment become [`Settings`].

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{duration, secret::Secret};
use crate::{
    immuta::{self, Retry, Segment, Settings, settings},
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

/// The environment variables that configure the provider, as they were at the start.
#[derive(Clone)]
pub(super) struct Environment(HashMap<String, String>);

impl Environment {
    pub(super) fn of_process() -> Self {
        let relevant = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let ours = name.starts_with("IMMUTA_") || name == "TF_APPEND_USER_AGENT";
            Some((name, value.into_string().ok()?)).filter(|_| ours)
        });
        Self(relevant.collect())
    }

    /// The variable for an attribute. An empty one counts as unset.
    fn get(&self, attribute: &str) -> Option<&str> {
        self.variable(&variable_of(attribute))
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// The values may be secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

fn variable_of(attribute: &str) -> String {
    format!("IMMUTA_{}", attribute.to_uppercase())
}

/// Finds malformed values. What is missing may still come from an environment that a CI job which
/// only validates does not have.
pub(super) fn validate(config: &Config, environment: &Environment) -> Vec<Diagnostic> {
    read(config, environment).1
}

/// The settings; none where a value is not known yet.
pub(super) fn settings(
    config: &Config,
    environment: &Environment,
    about: About,
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
        about,
        terraform_version,
        environment.variable("TF_APPEND_USER_AGENT"),
    );
    Ok(values.into_settings(user_agent))
}

fn user_agent(about: About, terraform_version: &str, appended: Option<&str>) -> String {
    let base = format!(
        "{}/{} Terraform/{terraform_version}",
        about.name, about.version
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

/// A value of the configuration or the environment.
#[derive(Clone, Debug)]
enum Setting<T> {
    Given(T),
    Missing,
    /// Core does not know it yet.
    Unknown,
    /// An error was reported.
    Malformed,
}

impl<T> Setting<T> {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed)
    }

    fn then<U>(self, next: impl FnOnce(T) -> Setting<U>) -> Setting<U> {
        match self {
            Self::Given(value) => next(value),
            Self::Missing => Setting::Missing,
            Self::Unknown => Setting::Unknown,
            Self::Malformed => Setting::Malformed,
        }
    }

    /// The value or its default; none where it is not known yet.
    fn or(self, default: T) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Missing => Some(default),
            Self::Unknown | Self::Malformed => None,
        }
    }

    fn required(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            _ => None,
        }
    }
}

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
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const ABOUT: About = About {
        name: "provider",
        version: "1.2.3",
        address: "a/b",
        purpose: "",
    };

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment(owned.collect())
    }

    fn known(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    fn complete() -> Config {
        Config {
            segment: known("eu"),
            token: Attr::Known("t0ken".into()),
            ..Config::default()
        }
    }

    fn settings_of(config: &Config, variables: &[(&str, &str)]) -> Settings {
        settings(config, &environment(variables), ABOUT, "1.11.4")
            .unwrap()
            .unwrap()
    }

    /// The attribute path and the text of the only error.
    fn only_error(errors: Vec<Diagnostic>) -> (String, String) {
        assert_eq!(errors.len(), 1, "{errors:?}");
        let error = errors.into_iter().next().unwrap();
        (
            error.attribute.unwrap().to_string(),
            format!("{}: {}", error.summary, error.detail),
        )
    }

    #[test]
    fn nothing_but_segment_and_token_is_needed() {
        let settings = settings_of(&complete(), &[]);
        assert_eq!(
            settings.base_url.as_str(),
            "https://eu.api.immutacloud.com/marketplace"
        );
        assert_eq!(settings.token.expose_secret(), "t0ken");
        assert_eq!(settings.request_timeout, Duration::from_secs(30));
        assert_eq!(settings.operation_timeout, Duration::from_secs(120));
        assert_eq!(settings.retry, Retry::default());
        assert_eq!(settings.max_concurrent_requests, 10);
        assert!(!settings.insecure_skip_tls_verify);
    }

    #[test]
    fn everything_but_retry_can_come_from_the_environment() {
        let settings = settings_of(
            &Config::default(),
            &[
                ("IMMUTA_ENDPOINT", "http://127.0.0.1:8080/marketplace"),
                ("IMMUTA_TOKEN", "t0ken"),
                ("IMMUTA_REQUEST_TIMEOUT", "500ms"),
                ("IMMUTA_OPERATION_TIMEOUT", "1m30s"),
                ("IMMUTA_MAX_CONCURRENT_REQUESTS", "3"),
                ("IMMUTA_INSECURE_SKIP_TLS_VERIFY", "true"),
                ("IMMUTA_CA_CERT_PEM", ""),
            ],
        );
        assert_eq!(
            settings.base_url.as_str(),
            "http://127.0.0.1:8080/marketplace"
        );
        assert_eq!(settings.request_timeout, Duration::from_millis(500));
        assert_eq!(settings.operation_timeout, Duration::from_secs(90));
        assert_eq!(settings.max_concurrent_requests, 3);
        assert!(settings.insecure_skip_tls_verify);
        assert!(settings.ca_cert_pem.is_none());
    }

    #[test]
    fn the_configuration_beats_the_environment() {
        let config = Config {
            segment: Attr::Null,
            endpoint: known("https://immuta.example.com/marketplace"),
            request_timeout: known("5s"),
            ..complete()
        };
        let variables = [
            ("IMMUTA_SEGMENT", "na"),
            ("IMMUTA_TOKEN", "other"),
            ("IMMUTA_REQUEST_TIMEOUT", "nonsense"),
        ];
        let settings = settings_of(&config, &variables);
        assert_eq!(settings.base_url.host_str(), Some("immuta.example.com"));
        assert_eq!(settings.token.expose_secret(), "t0ken");
        assert_eq!(settings.request_timeout, Duration::from_secs(5));
    }

    #[test]
    fn both_ways_to_say_where_in_one_place_conflict() {
        let both = Config {
            endpoint: known("https://x.example.com"),
            ..complete()
        };
        let (path, text) = only_error(validate(&both, &environment(&[])));
        assert_eq!(path, "endpoint");
        assert!(text.contains("conflict"), "{text}");

        let variables = [
            ("IMMUTA_SEGMENT", "na"),
            ("IMMUTA_ENDPOINT", "https://x.example.com"),
        ];
        let (_, text) = only_error(validate(&Config::default(), &environment(&variables)));
        assert!(
            text.contains("IMMUTA_SEGMENT and IMMUTA_ENDPOINT"),
            "{text}"
        );
        assert_eq!(validate(&complete(), &environment(&variables)), []);
    }

    #[test]
    fn what_is_missing_is_told_when_the_provider_is_configured_only() {
        let nothing = Config::default();
        assert_eq!(validate(&nothing, &environment(&[])), []);
        let errors = settings(&nothing, &environment(&[]), ABOUT, "1").unwrap_err();
        let texts: Vec<_> = errors.iter().map(|error| error.detail.as_str()).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts[0].contains("IMMUTA_SEGMENT") && texts[0].contains("IMMUTA_ENDPOINT"));
        assert!(texts[1].contains("IMMUTA_TOKEN"));
    }

    #[test]
    fn a_malformed_value_is_an_error_on_its_path() {
        let retry = |retry| Config {
            retry: Attr::Known(retry),
            ..complete()
        };
        let number = |number: i64| Attr::Known(Number::from(number));
        let cases = [
            (
                Config {
                    segment: known("us"),
                    ..complete()
                },
                "segment",
            ),
            (
                Config {
                    segment: Attr::Null,
                    endpoint: known("http://immuta.example.com"),
                    ..complete()
                },
                "endpoint",
            ),
            (
                Config {
                    segment: Attr::Null,
                    endpoint: known("immuta"),
                    ..complete()
                },
                "endpoint",
            ),
            (
                Config {
                    token: Attr::Known("".into()),
                    ..complete()
                },
                "token",
            ),
            (
                Config {
                    token: Attr::Known("t0ken\n".into()),
                    ..complete()
                },
                "token",
            ),
            (
                Config {
                    request_timeout: known("30"),
                    ..complete()
                },
                "request_timeout",
            ),
            (
                Config {
                    operation_timeout: known("0s"),
                    ..complete()
                },
                "operation_timeout",
            ),
            (
                Config {
                    max_concurrent_requests: number(0),
                    ..complete()
                },
                "max_concurrent_requests",
            ),
            (
                Config {
                    ca_cert_pem: known("no certificate"),
                    ..complete()
                },
                "ca_cert_pem",
            ),
            (
                retry(RetryConfig {
                    max_attempts: number(0),
                    ..RetryConfig::default()
                }),
                "retry.max_attempts",
            ),
            (
                retry(RetryConfig {
                    min_backoff: known("x"),
                    ..RetryConfig::default()
                }),
                "retry.min_backoff",
            ),
            (
                retry(RetryConfig {
                    min_backoff: known("1m"),
                    ..RetryConfig::default()
                }),
                "retry",
            ),
        ];
        for (config, expected) in cases {
            let (path, text) = only_error(validate(&config, &environment(&[])));
            assert_eq!(path, expected, "{text}");
            assert!(!text.contains("t0ken"), "{text}");
        }
    }

    #[test]
    fn a_malformed_variable_is_named() {
        let variables = [("IMMUTA_REQUEST_TIMEOUT", "soon")];
        let (path, text) = only_error(validate(&complete(), &environment(&variables)));
        assert_eq!(path, "request_timeout");
        assert!(text.contains("IMMUTA_REQUEST_TIMEOUT"), "{text}");
    }

    #[test]
    fn an_unknown_value_is_no_error_and_gives_no_settings() {
        let unknown = [
            Config {
                segment: Attr::Unknown,
                ..complete()
            },
            Config {
                segment: Attr::Null,
                endpoint: Attr::Unknown,
                ..complete()
            },
            Config {
                token: Attr::Unknown,
                ..complete()
            },
            Config {
                retry: Attr::Unknown,
                ..complete()
            },
            Config {
                request_timeout: Attr::Unknown,
                ..complete()
            },
        ];
        for config in unknown {
            let made = settings(&config, &environment(&[]), ABOUT, "1").unwrap();
            assert!(made.is_none(), "{config:?}");
        }
    }

    #[test]
    fn the_user_agent_names_both_versions() {
        assert_eq!(
            user_agent(ABOUT, "1.11.4", None),
            "provider/1.2.3 Terraform/1.11.4"
        );
        assert_eq!(
            user_agent(ABOUT, "1.11.4", Some(" ci/7\n")),
            "provider/1.2.3 Terraform/1.11.4 ci/7"
        );
    }
}
