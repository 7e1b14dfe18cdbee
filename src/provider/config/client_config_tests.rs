use std::{ffi::OsString, time::Duration};

use secrecy::ExposeSecret;

use super::*;
use crate::{
    immuta::{BaseUrl, RetryPolicy},
    provider::config::model::RetryConfig,
    tfplugin::value::{Attr, Number},
};

const PROVIDER: ProviderMetadata = ProviderMetadata {
    name: "provider",
    version: "1.2.3",
    address: "a/b",
    purpose: "",
};

fn environment(variables: &[(&str, &str)]) -> Environment {
    let owned = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), OsString::from(value)));
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
    assert!(text.contains("segment and endpoint are both set"), "{text}");

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
fn ca_certificates_come_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["immuta.example".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap();
    let pem = certificate.self_signed(&key).unwrap().pem();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // A comment in Latin-1.
    let bundle = [b"# Z\xfcrich\n", pem.as_bytes()].concat();
    std::fs::write(path("ca.pem"), bundle).unwrap();
    std::fs::write(path("text"), "hunter2").unwrap();

    let in_block = |path: &str| Config {
        ca_cert_file: known(path),
        ..complete()
    };
    let pem_variable = ("IMMUTA_CA_CERT_PEM", "nonsense");
    let file = path("ca.pem");
    for config in [
        client_config_of(&in_block(&file), &[]),
        // What the block says of either takes precedence.
        client_config_of(&in_block(&file), &[pem_variable]),
        client_config_of(&complete(), &[("IMMUTA_CA_CERT_FILE", &file)]),
    ] {
        assert!(config.ca_certificates.is_some());
    }
    for (name, reason) in [
        ("missing", "cannot be read (No such file"),
        ("", "cannot be read (Is a directory"),
        ("text", "contains no certificate"),
    ] {
        let path = path(name);
        // The file is for whoever uses the provider, not for whoever validates.
        assert_eq!(validate(&in_block(&path), &environment(&[])), []);
        for (config, variables, named) in [
            (in_block(&path), &[][..], "ca_cert_file is not valid"),
            (
                complete(),
                &[("IMMUTA_CA_CERT_FILE", path.as_str())],
                "variable IMMUTA_CA_CERT_FILE is",
            ),
        ] {
            let errors =
                client_config(&config, &environment(variables), PROVIDER, "1").unwrap_err();
            let (at, text) = only_error(errors);
            assert_eq!(at, "ca_cert_file");
            assert!(text.contains(reason) && text.contains(named), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    let (at, _) = only_error(validate(&in_block(""), &environment(&[])));
    assert_eq!(at, "ca_cert_file");

    let both = Config {
        ca_cert_pem: known(&pem),
        ..in_block(&file)
    };
    let (at, text) = only_error(validate(&both, &environment(&[])));
    assert_eq!(at, "ca_cert_file");
    assert!(
        text.contains("ca_cert_pem and ca_cert_file are both set"),
        "{text}"
    );
    let variables = [pem_variable, ("IMMUTA_CA_CERT_FILE", &file)];
    let (_, text) = only_error(validate(&complete(), &environment(&variables)));
    assert!(
        text.contains("IMMUTA_CA_CERT_PEM and IMMUTA_CA_CERT_FILE"),
        "{text}"
    );
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
fn what_is_set_wrongly_is_said_as_what_it_is() {
    let empty = Config {
        endpoint: known(""),
        ..complete()
    };
    for segment in [Attr::Null, known("eu")] {
        let config = Config {
            segment,
            ..empty.clone()
        };
        let (path, text) = only_error(validate(&config, &environment(&[])));
        assert_eq!(path, "endpoint");
        assert!(
            text.contains("endpoint is not valid: it is empty"),
            "{text}"
        );
    }
    let path_for_pem = Config {
        ca_cert_pem: known("/etc/ssl/company-ca.pem"),
        ..complete()
    };
    let (path, text) = only_error(validate(&path_for_pem, &environment(&[])));
    assert_eq!(path, "ca_cert_pem");
    assert!(
        text.contains("the path of a file") && text.contains("ca_cert_file"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStringExt;

    let no_text = || OsString::from_vec(b"t0ken\xff".to_vec());
    let variables = [("IMMUTA_TOKEN".into(), no_text())];
    let config = Config {
        token: Attr::Null,
        ..complete()
    };
    let errors = client_config(
        &config,
        &Environment::of(variables.into_iter()),
        PROVIDER,
        "1",
    );
    let (path, text) = only_error(errors.unwrap_err());
    assert_eq!(path, "token");
    assert!(
        text.contains("IMMUTA_TOKEN is not valid: it is not UTF-8"),
        "{text}"
    );
    assert!(!text.contains("t0ken"), "{text}");

    let variables = [("https_proxy".into(), no_text())];
    let errors = client_config(
        &complete(),
        &Environment::of(variables.into_iter()),
        PROVIDER,
        "1",
    );
    assert!(
        errors.unwrap_err()[0]
            .detail
            .contains("https_proxy is not valid: it is not UTF-8")
    );
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
fn the_proxy_is_what_the_usual_variables_name() {
    let proxy = |text, name| Some(Proxy::parse(text, name).unwrap());
    for (variables, expected) in [
        (&[][..], None),
        (
            &[
                ("HTTPS_PROXY", "a:1"),
                ("https_proxy", "b:1"),
                ("ALL_PROXY", "c:1"),
            ],
            proxy("a:1", "HTTPS_PROXY"),
        ),
        (
            &[("HTTPS_PROXY", ""), ("https_proxy", "b:1\n")],
            proxy("b:1", "https_proxy"),
        ),
        (
            &[
                ("HTTPS_PROXY", " "),
                ("ALL_PROXY", ""),
                ("all_proxy", "c:1"),
            ],
            proxy("c:1", "all_proxy"),
        ),
        (&[("HTTP_PROXY", "d:1")], None),
        (
            &[
                ("HTTPS_PROXY", "a:1"),
                ("NO_PROXY", "other, *.api.immutacloud.com"),
            ],
            None,
        ),
        (
            &[
                ("HTTPS_PROXY", "a:1"),
                ("NO_PROXY", ""),
                ("no_proxy", "immutacloud.com:443"),
            ],
            None,
        ),
        (
            &[("HTTPS_PROXY", "a:1"), ("NO_PROXY", "immutacloud.com:80")],
            proxy("a:1", "HTTPS_PROXY"),
        ),
        // What a desktop sets is not used beside HTTPS_PROXY.
        (
            &[("HTTPS_PROXY", "a:1"), ("ALL_PROXY", "socks://c:1")],
            proxy("a:1", "HTTPS_PROXY"),
        ),
    ] {
        let config = client_config_of(&complete(), variables);
        assert_eq!(config.proxy, expected, "{variables:?}");
    }
    let loopback = Config {
        segment: Attr::Null,
        endpoint: known("https://localhost:8443/marketplace"),
        ..complete()
    };
    let config = client_config_of(&loopback, &[("HTTPS_PROXY", "a:1")]);
    assert_eq!(config.proxy, None);
}

#[test]
fn a_malformed_proxy_is_named_and_not_shown() {
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        for value in [
            "ftp://u:hunter2@proxy:1",
            "http://u:hunter2^@proxy:1",
            "\"http://hunter2\"",
        ] {
            let variables = environment(&[(name, value)]);
            let errors = client_config(&complete(), &variables, PROVIDER, "1").unwrap_err();
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].summary, format!("Invalid {name}"));
            assert!(errors[0].detail.contains(name) && !errors[0].detail.contains("hunter2"));
        }
    }
}

#[test]
fn what_counts_of_the_environment() {
    let names = [
        "IMMUTA_TOKEN",
        "HTTPS_PROXY",
        "no_proxy",
        "SSL_CERT_DIR",
        "PATH",
        "TF_VAR_x",
    ];
    let all = names.map(|name| (name.into(), "x".into()));
    let kept = Environment::of(all.into_iter());
    assert!(names[..4].iter().all(|name| kept.variable(name).is_some()));
    assert!(names[4..].iter().all(|name| kept.variable(name).is_none()));
    assert!(!format!("{kept:?}").contains("\"x\""));
}

#[test]
fn the_trust_store_is_what_the_environment_names() {
    let store = |variables: &[(&str, &str)]| client_config_of(&complete(), variables).trust_store;
    assert_eq!(store(&[]), TrustStore::default());
    let empty = [("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")];
    assert_eq!(store(&empty), TrustStore::default());
    let separator = if cfg!(windows) { ";" } else { ":" };
    let directories = format!("a{separator}{separator}b");
    let named = store(&[("SSL_CERT_FILE", "ca.pem"), ("SSL_CERT_DIR", &directories)]);
    assert_eq!(named.file, Some("ca.pem".into()));
    assert_eq!(named.directories, [PathBuf::from("a"), PathBuf::from("b")]);
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
