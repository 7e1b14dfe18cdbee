//! What a [`Client`](super::Client) is made of. Each value is checked once, where it is parsed.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::proxy::{self, Proxy};
use super::webhook_url::{self, InvalidUrl};

/// The configuration of a client. `Debug` shows no secret.
#[derive(Clone)]
pub struct ClientConfig {
    /// What the API's paths are appended to.
    pub base_url: BaseUrl,
    /// The personal access token.
    pub token: Token,
    /// The `User-Agent` header. Characters that a header cannot hold are left out.
    pub user_agent: String,
    /// Bounds one attempt, from connect to the last byte of the response. Above zero.
    pub request_timeout: Duration,
    /// Bounds one operation with all of its attempts and waits. Above zero.
    pub operation_timeout: Duration,
    /// How often a request is sent, and how long the client waits in between.
    pub retry: RetryPolicy,
    /// Maximum concurrent requests, over all operations.
    pub max_concurrent_requests: NonZeroUsize,
    /// What requests go through. `None` is no proxy, whatever the environment says.
    pub proxy: Option<Proxy>,
    /// Certificates that are trusted INSTEAD of the system trust store.
    pub ca_certificates: Option<CaCertificates>,
    /// Where the system trust store is.
    pub trust_store: TrustStore,
    /// Whether the API's certificate is not verified at all.
    pub insecure_skip_tls_verify: bool,
}

impl ClientConfig {
    /// The default of `request_timeout`.
    pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
    /// The default of `operation_timeout`.
    pub const DEFAULT_OPERATION_TIMEOUT: Duration = Duration::from_secs(120);
    /// The default of `max_concurrent_requests`.
    pub const DEFAULT_MAX_CONCURRENT_REQUESTS: NonZeroUsize = NonZeroUsize::new(10).unwrap();

    /// A configuration with the defaults.
    pub fn new(base_url: BaseUrl, token: Token, user_agent: String) -> ClientConfig {
        ClientConfig {
            base_url,
            token,
            user_agent,
            request_timeout: ClientConfig::DEFAULT_REQUEST_TIMEOUT,
            operation_timeout: ClientConfig::DEFAULT_OPERATION_TIMEOUT,
            retry: RetryPolicy::default(),
            max_concurrent_requests: ClientConfig::DEFAULT_MAX_CONCURRENT_REQUESTS,
            proxy: None,
            ca_certificates: None,
            trust_store: TrustStore::default(),
            insecure_skip_tls_verify: false,
        }
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientConfig")
            .field("base_url", &webhook_url::redacted(self.base_url.0.as_str()))
            .field("request_timeout", &self.request_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("retry", &self.retry)
            .field("max_concurrent_requests", &self.max_concurrent_requests)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .finish_non_exhaustive()
    }
}

/// The URL that the API's paths are appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(pub(super) Url);

/// Why a text cannot be the base URL; a clause that does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// It is the empty string.
    #[error(
        "it is empty; set it to the full base URL of the Request app's API, or leave it out and set segment"
    )]
    Empty,
    /// It is no URL that a request could be sent to.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// It has a userinfo part.
    #[error("it must not contain a user name or password: the token authenticates")]
    Userinfo,
    /// It has a query.
    #[error("it must not contain a query")]
    Query,
    /// It is plain `http` and not loopback.
    #[error(
        "it must start with https:// (plain http:// would send the token unencrypted, and is allowed for loopback \
         addresses only)"
    )]
    Unencrypted,
}

impl BaseUrl {
    /// Parses a base URL. Plain `http` is for loopback only, since the token would travel unencrypted.
    ///
    /// # Errors
    ///
    /// Why it cannot be one.
    pub fn parse(text: &str) -> Result<BaseUrl, InvalidBaseUrl> {
        if text.is_empty() {
            return Err(InvalidBaseUrl::Empty);
        }
        webhook_url::check(text)?;
        if webhook_url::has_userinfo(text) {
            return Err(InvalidBaseUrl::Userinfo);
        }
        if text.contains('?') {
            return Err(InvalidBaseUrl::Query);
        }
        let base_url = BaseUrl(Url::parse(text).map_err(|_| InvalidUrl::Host)?);
        if base_url.0.scheme() == "http" && !base_url.is_loopback() {
            return Err(InvalidBaseUrl::Unencrypted);
        }
        Ok(base_url)
    }

    /// Whether requests to it go directly, whatever proxy there is: it is in this list of `NO_PROXY`, or leads to this
    /// machine only.
    pub fn bypasses_proxy(&self, no_proxy: &str) -> bool {
        match (self.0.host_str(), self.0.port_or_known_default()) {
            _ if self.is_loopback() => true,
            (Some(host), Some(port)) => proxy::is_exempt(no_proxy, host, port),
            _ => true,
        }
    }

    /// Whether it leads to this machine only.
    pub(super) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
            Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
            None => false,
        }
    }
}

/// A personal access token. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Token {
    secret: SecretString,
    /// `Bearer …`, marked as sensitive.
    pub(super) authorization: HeaderValue,
}

/// Why a text cannot be a token; a clause that does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// It is the empty string.
    #[error("it is empty; set it, or leave it out and set IMMUTA_TOKEN")]
    Empty,
    /// It cannot stand in a header.
    #[error(
        "it must consist of visible ASCII characters only: no whitespace, line break or other invisible character, as a \
         copied token sometimes has at its end"
    )]
    InvisibleCharacter,
}

impl Token {
    /// Parses a token. RFC 6750 allows fewer characters, but which of them a token has is for the API to say.
    ///
    /// # Errors
    ///
    /// Why it cannot be one.
    pub fn parse(secret: SecretString) -> Result<Token, InvalidToken> {
        let text = secret.expose_secret();
        if text.is_empty() {
            return Err(InvalidToken::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken::InvisibleCharacter);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {text}"))
            .map_err(|_| InvalidToken::InvisibleCharacter)?;
        authorization.set_sensitive(true);
        Ok(Token {
            secret,
            authorization,
        })
    }

    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

/// How often a request is sent, and how long the client waits in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts of one request, the first included. At least 1.
    pub(super) max_attempts: u32,
    /// The window that the wait before the second attempt is drawn from; it doubles with each further attempt.
    pub(super) min_backoff: Duration,
    /// No wait is longer, not even one that the API asks for.
    pub(super) max_backoff: Duration,
}

/// Why three values are no retry policy; a sentence without its full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRetryPolicy {
    /// Not even a first attempt.
    #[error("max_attempts must be at least 1, since it counts the first attempt")]
    NoAttempt,
    /// No wait at all.
    #[error("min_backoff must be above zero")]
    NoBackoff,
    /// The least wait is longer than the longest.
    #[error("max_backoff must not be below min_backoff")]
    Crossed,
}

impl RetryPolicy {
    /// Makes a policy.
    ///
    /// # Errors
    ///
    /// Why the three values do not fit together.
    pub fn new(
        max_attempts: u32,
        min_backoff: Duration,
        max_backoff: Duration,
    ) -> Result<RetryPolicy, InvalidRetryPolicy> {
        if max_attempts == 0 {
            Err(InvalidRetryPolicy::NoAttempt)
        } else if min_backoff.is_zero() {
            Err(InvalidRetryPolicy::NoBackoff)
        } else if max_backoff < min_backoff {
            Err(InvalidRetryPolicy::Crossed)
        } else {
            Ok(RetryPolicy {
                max_attempts,
                min_backoff,
                max_backoff,
            })
        }
    }

    /// Attempts of one request, the first included.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The window that the wait before the second attempt is drawn from.
    pub fn min_backoff(&self) -> Duration {
        self.min_backoff
    }

    /// The longest wait.
    pub fn max_backoff(&self) -> Duration {
        self.max_backoff
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 4,
            min_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
        }
    }
}

/// Where the system's CA certificates are read from, instead of the usual places: what `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` say. Where the system itself verifies certificates (macOS, Windows), it has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustStore {
    /// A file of certificates in PEM.
    pub file: Option<PathBuf>,
    /// Directories of such files.
    pub directories: Vec<PathBuf>,
}

/// Certificates of authorities (CAs).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaCertificates(pub(super) Vec<CertificateDer<'static>>);

/// Why a text holds no CA certificates; a clause that does not quote it. Certificates are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCaCertificates {
    /// This certificate is broken.
    #[error("certificate {0} is not well-formed PEM")]
    Malformed(usize),
    /// This certificate is none that a chain could end with.
    #[error("certificate {0} is not an X.509 certificate that can be a root")]
    NotARoot(usize),
    /// It is the path of a file.
    #[error(
        "it is the path of a file instead of its content; set ca_cert_file (or IMMUTA_CA_CERT_FILE) to that path"
    )]
    Path,
    /// There is none.
    #[error("it contains no certificate (nothing between BEGIN CERTIFICATE and END CERTIFICATE)")]
    Empty,
}

impl CaCertificates {
    /// Parses PEM.
    ///
    /// # Errors
    ///
    /// What is wrong with the first certificate that cannot be used.
    pub fn from_pem(pem: &str) -> Result<CaCertificates, InvalidCaCertificates> {
        let mut certificates = Vec::new();
        for (number, certificate) in (1..).zip(CertificateDer::pem_slice_iter(pem.as_bytes())) {
            let certificate = certificate.map_err(|_| InvalidCaCertificates::Malformed(number))?;
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|_| InvalidCaCertificates::NotARoot(number))?;
            certificates.push(certificate);
        }
        match certificates.is_empty() {
            true if is_path(pem) => Err(InvalidCaCertificates::Path),
            true => Err(InvalidCaCertificates::Empty),
            false => Ok(CaCertificates(certificates)),
        }
    }
}

/// Whether a text without PEM is meant to be the path of a file. The Base64 of a certificate has slashes too.
fn is_path(text: &str) -> bool {
    let text = text.trim();
    let starts = ["/", "./", "../", "~", ".\\", "..\\"];
    let ends = [".pem", ".crt", ".cer", ".cert", ".der"];
    let is_one_line = !text.contains(char::is_control);
    is_one_line
        && (starts.iter().any(|start| text.starts_with(start))
            || text
                .get(1..3)
                .is_some_and(|drive| matches!(drive, ":\\" | ":/"))
            || ends
                .iter()
                .any(|end| text.to_ascii_lowercase().ends_with(end)))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
