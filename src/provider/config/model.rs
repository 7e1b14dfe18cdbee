//! The attributes of the provider block.

use serde::{Deserialize, Serialize};

use crate::{
    provider::secret::Secret,
    tfplugin::{
        Attribute, NestingMode, Schema,
        value::{Attr, Number},
    },
};

/// The attributes of the provider block.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Config {
    pub(super) segment: Attr<String>,
    pub(super) endpoint: Attr<String>,
    pub(super) token: Attr<Secret>,
    pub(super) request_timeout: Attr<String>,
    pub(super) operation_timeout: Attr<String>,
    pub(super) retry: Attr<RetryConfig>,
    pub(super) max_concurrent_requests: Attr<Number>,
    pub(super) ca_cert_pem: Attr<String>,
    pub(super) ca_cert_file: Attr<String>,
    pub(super) insecure_skip_tls_verify: Attr<bool>,
}

/// The attributes of `retry`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct RetryConfig {
    pub(super) max_attempts: Attr<Number>,
    pub(super) min_backoff: Attr<String>,
    pub(super) max_backoff: Attr<String>,
}

pub(in crate::provider) fn schema() -> Schema {
    let retry = vec![
        Attribute::number("max_attempts").optional().description(
            "Maximum number of attempts for a request, the first one included. Defaults to `4`.",
        ),
        Attribute::string("min_backoff").optional().description(
            "The longest wait before the second attempt; it doubles before each further one (exponential backoff with jitter). Defaults to `500ms`.",
        ),
        Attribute::string("max_backoff").optional().description(
            "The longest wait before any attempt, also where the API asks for a longer one. Defaults to `30s`.",
        ),
    ];
    Schema::new(
        "Manages the webhooks of the Immuta Request app. Every attribute but `retry` can also be set with an environment variable, `IMMUTA_` and its name in capitals (`IMMUTA_TOKEN`, …). The configuration takes precedence over environment variables.",
    )
    .attribute(Attribute::string("segment").optional().description(
        "The global segment of your Immuta tenant: `na` (North America), `eu` (Europe) or `ap` (Asia Pacific). Conflicts with `endpoint`; one of the two is required. Can also be set with the `IMMUTA_SEGMENT` environment variable.",
    ))
    .attribute(Attribute::string("endpoint").optional().description(
        "The full base URL of the Request app API, such as `https://na.api.immutacloud.com/marketplace`. Conflicts with `segment`. Plain `http://` is allowed for loopback addresses only, since the token would be sent unencrypted. Can also be set with the `IMMUTA_ENDPOINT` environment variable.",
    ))
    .attribute(Attribute::string("token").optional().sensitive().description(
        "A personal access token of the Request app, of a user with the permission `APPLICATION_ADMIN` and of the same segment. Prefer the environment variable `IMMUTA_TOKEN`.",
    ))
    .attribute(Attribute::string("request_timeout").optional().description(
        "How long one HTTP request may take, from connecting to the last byte of the response, as a duration such as `30s` or `1m30s`. Defaults to `30s`. Can also be set with the `IMMUTA_REQUEST_TIMEOUT` environment variable.",
    ))
    .attribute(Attribute::string("operation_timeout").optional().description(
        "How long one operation on a webhook may take, all attempts and waits included. Defaults to `2m`. Can also be set with the `IMMUTA_OPERATION_TIMEOUT` environment variable.",
    ))
    .attribute(Attribute::nested("retry", NestingMode::Single, retry).optional().description(
        "How requests are retried after transient errors (HTTP 408, 429, 5xx except 501, network errors). A create is retried only when it is known not to have been processed.",
    ))
    .attribute(Attribute::number("max_concurrent_requests").optional().description(
        "Maximum concurrent requests. Defaults to `10`. Can also be set with the `IMMUTA_MAX_CONCURRENT_REQUESTS` environment variable.",
    ))
    .attribute(Attribute::string("ca_cert_pem").optional().description(
        "Certificates of the certificate authorities (CA bundle, PEM) that are trusted to sign the API's certificate, instead of the system trust store. Conflicts with `ca_cert_file`. Can also be set with the `IMMUTA_CA_CERT_PEM` environment variable.",
    ))
    .attribute(Attribute::string("ca_cert_file").optional().description(
        "The path of a file with certificates of the certificate authorities (CA bundle, PEM) that are trusted to sign the API's certificate, instead of the system trust store. Conflicts with `ca_cert_pem`. Can also be set with the `IMMUTA_CA_CERT_FILE` environment variable.",
    ))
    .attribute(Attribute::bool("insecure_skip_tls_verify").optional().description(
        "Do not verify the API's certificate. Anyone between the provider and the API can then read the token; for tests only. Defaults to `false`. Can also be set with the `IMMUTA_INSECURE_SKIP_TLS_VERIFY` environment variable.",
    ))
}
