//! What a [`Webhooks`](super::Webhooks) is made of, and the checks of the values that a user writes.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::SecretString;
use url::{Host, Url};

/// Bounds one attempt, from connect to the last byte of the answer, unless the settings say otherwise.
pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Bounds one operation with all of its attempts and waits, unless the settings say otherwise.
pub const DEFAULT_OPERATION_TIMEOUT: Duration = Duration::from_secs(120);
/// Requests in flight at once, unless the settings say otherwise.
pub const DEFAULT_MAX_CONCURRENT_REQUESTS: usize = 10;

/// How often a request is tried, and how long is waited in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts of one request, the first included. At least 1.
    pub max_attempts: u32,
    /// The window that the wait before the second attempt is drawn from; it doubles with each further attempt.
    pub min_backoff: Duration,
    /// No wait is longer, not even one that the API asks for.
    pub max_backoff: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            max_attempts: 4,
            min_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
        }
    }
}

impl Retry {
    /// Says what is wrong with the three values together, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.max_attempts == 0 {
            Err("max_attempts must be at least 1, since it counts the first attempt")
        } else if self.min_backoff.is_zero() {
            Err("min_backoff must be above zero")
        } else if self.max_backoff < self.min_backoff {
            Err("max_backoff must not be below min_backoff")
        } else {
            Ok(())
        }
    }
}

/// The settings of one configuration of the provider. `Debug` shows no secret.
#[derive(Clone)]
pub struct Settings {
    /// What the API's paths are appended to; see [`check_base_url`].
    pub base_url: Url,
    /// The personal access token.
    pub token: SecretString,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Bounds one attempt, from connect to the last byte of the answer.
    pub request_timeout: Duration,
    /// Bounds one operation with all of its attempts and waits.
    pub operation_timeout: Duration,
    /// How often a request is tried, and how long is waited in between.
    pub retry: Retry,
    /// Requests in flight at once, over all operations. At least 1.
    pub max_concurrent_requests: usize,
    /// PEM certificates that are trusted INSTEAD of the platform's roots; see [`check_ca_cert_pem`].
    pub ca_cert_pem: Option<String>,
    /// Whether the API's certificate is not verified at all.
    pub insecure_skip_tls_verify: bool,
}

impl Settings {
    /// Settings with the defaults of this module.
    pub fn new(base_url: Url, token: SecretString, user_agent: String) -> Settings {
        Settings {
            base_url,
            token,
            user_agent,
            request_timeout: DEFAULT_REQUEST_TIMEOUT,
            operation_timeout: DEFAULT_OPERATION_TIMEOUT,
            retry: Retry::default(),
            max_concurrent_requests: DEFAULT_MAX_CONCURRENT_REQUESTS,
            ca_cert_pem: None,
            insecure_skip_tls_verify: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field(
                "base_url",
                &super::webhook_url::redacted(self.base_url.as_str()),
            )
            .field("request_timeout", &self.request_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("retry", &self.retry)
            .field("max_concurrent_requests", &self.max_concurrent_requests)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .finish_non_exhaustive()
    }
}

/// Checks the base URL that a user wrote. The error is a clause that says what is wrong, without the URL.
///
/// Plain `http` is for loopback only, since the token would travel in the clear.
pub fn check_base_url(text: &str) -> Result<Url, String> {
    super::webhook_url::check(text).map_err(|problem| problem.to_string())?;
    if super::webhook_url::has_user_info(text) {
        return Err(
            "it must not hold a user name or password: the token is what authenticates".to_owned(),
        );
    }
    if text.contains('?') {
        return Err("it must not hold a query".to_owned());
    }
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(
            "it must start with https:// (plain http:// would send the token in the clear, \
                    and is for loopback addresses only)"
                .to_owned(),
        );
    }
    Ok(url)
}

/// Whether the URL leads to this machine only.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

/// Checks the certificates that a user wants to trust. The error is a clause that says what is wrong, without the text.
pub fn check_ca_cert_pem(pem: &str) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
        let number = index + 1;
        let certificate =
            certificate.map_err(|_| format!("certificate {number} is not well-formed PEM"))?;
        roots.add(certificate).map_err(|_| {
            format!("certificate {number} is not an X.509 certificate that can be a root")
        })?;
    }
    if roots.is_empty() {
        return Err(
            "it holds no certificate (nothing between BEGIN CERTIFICATE and END CERTIFICATE)"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let settings = Settings::new(
            Url::parse("https://user:hunter2@example.com/x?key=hunter2").unwrap(),
            "hunter2".into(),
            "agent".to_owned(),
        );
        assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    }

    #[test]
    fn base_urls() {
        for good in [
            "https://na.api.immutacloud.com/marketplace",
            "https://immuta.example:8443/marketplace/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/x",
            "http://localhost:1234/marketplace",
            "http://immuta.localhost",
        ] {
            assert!(
                check_base_url(good).is_ok(),
                "{good}: {:?}",
                check_base_url(good)
            );
        }
        for (bad, says) in [
            ("http://immuta.example", "in the clear"),
            ("http://127.0.0.1.evil.example", "in the clear"),
            ("http://localhost.evil.example", "in the clear"),
            ("https://user:pw@immuta.example", "user name or password"),
            ("https://immuta.example/?a=b", "query"),
            ("https://immuta.example/#a", "fragment"),
            ("na.api.immutacloud.com", "https://"),
            ("", "https://"),
        ] {
            let error = check_base_url(bad).unwrap_err();
            assert!(error.contains(says), "{bad}: {error}");
            assert!(!error.contains("pw"), "{error}");
        }
    }

    #[test]
    fn certificates() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["immuta.example".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        assert_eq!(check_ca_cert_pem(&certificate.pem()), Ok(()));
        let twice = format!("# a comment\n{}\n{}", certificate.pem(), certificate.pem());
        assert_eq!(check_ca_cert_pem(&twice), Ok(()));
        for bad in [
            "",
            "nonsense",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &certificate.pem().replace("-----END CERTIFICATE-----", ""),
            &key.serialize_pem(),
        ] {
            let error = check_ca_cert_pem(bad).unwrap_err();
            assert!(
                !error.contains("AAAA") && !error.contains("PRIVATE"),
                "{error}"
            );
        }
    }

    #[test]
    fn retry_values() {
        assert_eq!(Retry::default().check(), Ok(()));
        let zero = Retry {
            max_attempts: 0,
            ..Retry::default()
        };
        assert!(zero.check().is_err());
        let crossed = Retry {
            min_backoff: Duration::from_secs(31),
            ..Retry::default()
        };
        assert!(crossed.check().is_err());
        let none = Retry {
            min_backoff: Duration::ZERO,
            ..Retry::default()
        };
        assert!(none.check().is_err());
    }
}
