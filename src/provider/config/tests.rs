use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;
use crate::immuta::{BaseUrl, RetryPolicy};

const PROVIDER: ProviderMetadata = ProviderMetadata {
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

fn client_config_of(config: &Config, variables: &[(&str, &str)]) -> ClientConfig {
    client_config(config, &environment(variables), PROVIDER, "1.11.4")
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
    let config = client_config_of(&complete(), &[]);
    assert_eq!(
        config.base_url,
        BaseUrl::parse("https://eu.api.immutacloud.com/marketplace").unwrap()
    );
    assert_eq!(config.token.secret().expose_secret(), "t0ken");
    assert_eq!(config.request_timeout, Duration::from_secs(30));
    assert_eq!(config.operation_timeout, Duration::from_secs(120));
    assert_eq!(config.retry, RetryPolicy::default());
    assert_eq!(config.max_concurrent_requests.get(), 10);
    assert!(!config.insecure_skip_tls_verify);
}

#[test]
fn everything_but_retry_can_come_from_the_environment() {
    let config = client_config_of(
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
        config.base_url,
        BaseUrl::parse("http://127.0.0.1:8080/marketplace").unwrap()
    );
    assert_eq!(config.request_timeout, Duration::from_millis(500));
    assert_eq!(config.operation_timeout, Duration::from_secs(90));
    assert_eq!(config.max_concurrent_requests.get(), 3);
    assert!(config.insecure_skip_tls_verify);
    assert!(config.ca_certificates.is_none());
}

#[test]
fn the_configuration_takes_precedence_over_the_environment() {
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
    let config = client_config_of(&config, &variables);
    assert_eq!(
        config.base_url,
        BaseUrl::parse("https://immuta.example.com/marketplace").unwrap()
    );
    assert_eq!(config.token.secret().expose_secret(), "t0ken");
    assert_eq!(config.request_timeout, Duration::from_secs(5));
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
    let errors = client_config(&nothing, &environment(&[]), PROVIDER, "1").unwrap_err();
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
        let made = client_config(&config, &environment(&[]), PROVIDER, "1").unwrap();
        assert!(made.is_none(), "{config:?}");
    }
}

#[test]
fn the_user_agent_names_both_versions() {
    assert_eq!(
        user_agent(PROVIDER, "1.11.4", None),
        "provider/1.2.3 Terraform/1.11.4"
    );
    assert_eq!(
        user_agent(PROVIDER, "1.11.4", Some(" ci/7\n")),
        "provider/1.2.3 Terraform/1.11.4 ci/7"
    );
}
