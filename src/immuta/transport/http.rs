//! One attempt over HTTP: the client, its responses and its errors. No decisions.
//!
//! The client is built, and root certificates are loaded, at the first request: most processes that Terraform starts
//! only return their schema.

use std::error::Error as StdError;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf, Bytes, BytesMut};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT,
};
use reqwest::redirect;
use reqwest::{Certificate, Client};
use rustls::CertificateError;
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout_at};

use super::Transport;
use super::request::Request;
use super::response::{Response, TransportError, Truncation};
use super::trust_store;
use crate::immuta::config::ClientConfig;
use crate::immuta::error::ErrorKind;
use crate::immuta::proxy::Proxy;

/// A connection is made in this time or not at all, and in three quarters of the attempt's: so that a host that does
/// not respond can be distinguished from an API that does not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time between two pieces of a body.
const STALL: Duration = Duration::from_secs(15);
/// Common servers close an idle connection after 5 s. Whether a request arrived that was sent just then is unknown, so
/// this side closes idle connections first.
const IDLE: Duration = Duration::from_secs(4);
/// The response's headers: how many, and their size in HTTP/2. In HTTP/1 hyper bounds their size to about 400 KiB.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// What the HTTP client says of a 407 in response to CONNECT, whose type it does not show.
const PROXY_REFUSES: &str = "tunnel error: proxy authorization required";

/// Headers in which servers and gateways return the request's id.
const REQUEST_IDS: [&str; 5] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "cf-ray",
];

/// The real transport.
pub(crate) struct HttpTransport {
    config: ClientConfig,
    headers: HeaderMap,
    built: OnceLock<Result<Built, TransportError>>,
}

struct Built {
    client: Client,
    /// What is wrong with a part of the system trust store, if it is used and anything is.
    trust_store_problem: Option<String>,
}

impl HttpTransport {
    /// Does no IO.
    pub(crate) fn new(config: &ClientConfig) -> HttpTransport {
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, config.token.authorization.clone()),
            (USER_AGENT, header_value(&config.user_agent)),
            (ACCEPT, HeaderValue::from_static("application/json")),
            // A compressed body could be larger than its bound.
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        ]);
        HttpTransport {
            config: config.clone(),
            headers,
            built: OnceLock::new(),
        }
    }

    fn built(&self) -> Result<&Built, TransportError> {
        self.built
            .get_or_init(|| {
                build(&self.config).map_err(|(kind, cause)| TransportError {
                    kind,
                    known_unprocessed: true,
                    cause,
                })
            })
            .as_ref()
            .map_err(TransportError::clone)
    }
}

/// The text as a header, without the characters that a header cannot hold.
fn header_value(text: &str) -> HeaderValue {
    let visible: String = text.chars().filter(|c| matches!(c, ' '..='~')).collect();
    HeaderValue::from_str(&visible).unwrap_or(HeaderValue::from_static(""))
}

fn build(config: &ClientConfig) -> Result<Built, (ErrorKind, String)> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT.min(config.request_timeout * 3 / 4))
        .pool_idle_timeout(IDLE)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .tls_backend_rustls()
        .tls_danger_accept_invalid_certs(config.insecure_skip_tls_verify);
    builder = builder.no_proxy();
    if let Some(proxy) = &config.proxy {
        let proxy = reqwest::Proxy::all(proxy.url.clone())
            .map_err(|error| (ErrorKind::InvalidRequest, innermost(&error)))?;
        builder = builder.proxy(proxy);
    }
    // All else that can fail here are certificates.
    let certificate_error = |error: reqwest::Error| (ErrorKind::Certificate, innermost(&error));
    let mut trust_store_problem = None;
    let certificates = match &config.ca_certificates {
        Some(certificates) => Some(certificates.0.clone()),
        // No certificate is ever verified: do not read the system's, of which a small container has none.
        None if config.base_url.0.scheme() == "http" => Some(Vec::new()),
        None if config.insecure_skip_tls_verify => None,
        None => {
            let store = &config.trust_store;
            let loaded = trust_store::load(store);
            loaded
                .map_err(|problem| (ErrorKind::TrustStore, problem))?
                .map(|loaded| {
                    trust_store_problem = loaded.problem;
                    loaded.certificates
                })
        }
    };
    if let Some(certificates) = certificates {
        let certificates: reqwest::Result<Vec<Certificate>> = certificates
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect();
        builder = builder.tls_certs_only(certificates.map_err(certificate_error)?);
    }
    // reqwest's own retry stays on: it resends twice, at once, what an HTTP/2 server says that it has not processed.
    Ok(Built {
        client: builder.build().map_err(certificate_error)?,
        trust_store_problem,
    })
}

#[async_trait]
impl Transport for HttpTransport {
    async fn attempt(&self, request: &Request, time: Duration) -> Result<Response, TransportError> {
        // Building it, once, is not part of the attempt's time.
        let built = self.built()?;
        let until = Instant::now() + time;
        let url = request.url(&self.config.base_url.0);
        let mut sending = built
            .client
            .request(request.method.clone(), url)
            .headers(self.headers.clone());
        if let Some(body) = &request.body {
            sending = sending
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.bytes.expose_secret().to_owned());
        }
        match timeout_at(until, sending.send()).await {
            Ok(Ok(response)) => Ok(receive(response, request.response_limit, until).await),
            Ok(Err(error)) => {
                let mut error = transport_error(&error, self.config.proxy.as_ref());
                if let (ErrorKind::Certificate, Some(problem)) =
                    (error.kind, &built.trust_store_problem)
                {
                    error.cause = format!("{}; {problem}", error.cause);
                }
                Err(error)
            }
            Err(_) => Err(TransportError {
                kind: ErrorKind::Timeout,
                known_unprocessed: false,
                cause: String::new(),
            }),
        }
    }
}

async fn receive(mut response: reqwest::Response, limit: usize, until: Instant) -> Response {
    let headers = response.headers();
    let mut received = Response {
        status: response.status().as_u16(),
        content_type: text(headers, &CONTENT_TYPE),
        retry_after: text(headers, &RETRY_AFTER),
        location: text(headers, &LOCATION),
        request_id: REQUEST_IDS
            .iter()
            .find_map(|name| text(headers, &HeaderName::from_static(name))),
        body: Bytes::new(),
        compressed: None,
        truncated: None,
    };
    let compressed = compressed(headers);
    if response
        .content_length()
        .is_some_and(|length| length > limit as u64)
    {
        received.truncated = Some(Truncation::TooLarge);
        return received;
    }
    let mut body = BytesMut::new();
    received.truncated = loop {
        match timeout_at(until.min(Instant::now() + STALL), response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() <= limit => {
                body.extend_from_slice(&chunk)
            }
            Ok(Ok(Some(_))) => break Some(Truncation::TooLarge),
            Ok(Ok(None)) => break None,
            Ok(Err(_)) => break Some(Truncation::ConnectionLost),
            Err(_) => break Some(Truncation::TimedOut),
        }
    };
    match compressed {
        Some(_) if !body.is_empty() => received.compressed = compressed,
        _ => received.body = without_bom(body.freeze()),
    }
    received
}

/// JSON has no byte order mark, and readers may ignore one (RFC 8259, 8.1).
fn without_bom(mut body: Bytes) -> Bytes {
    if body.starts_with(b"\xef\xbb\xbf") {
        body.advance(3);
    }
    body
}

/// What a body with this `Content-Encoding` is called, if it is encoded.
fn compressed(headers: &HeaderMap) -> Option<&'static str> {
    let encoding = headers.get(CONTENT_ENCODING)?.as_bytes().trim_ascii();
    match encoding.to_ascii_lowercase().as_slice() {
        b"" | b"identity" => None,
        b"gzip" | b"x-gzip" => Some("a gzip-compressed body"),
        b"deflate" => Some("a deflate-compressed body"),
        b"br" => Some("a Brotli-compressed body"),
        b"zstd" => Some("a zstd-compressed body"),
        _ => Some("a body in an encoding that was not asked for"),
    }
}

/// A header that is not text is as good as none.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn transport_error(error: &reqwest::Error, proxy: Option<&Proxy>) -> TransportError {
    let never_connected = error.is_connect();
    if let Some(proxy) = proxy
        && never_connected
        && causes(error).any(|cause| cause.to_string() == PROXY_REFUSES)
    {
        return TransportError {
            kind: ErrorKind::ProxyAuthentication,
            known_unprocessed: true,
            cause: proxy.variable.to_owned(),
        };
    }
    let kind = match tls_error(error).map(|tls| tls_kind(tls, never_connected)) {
        Some(Some(kind)) => kind,
        _ if error.is_builder() => ErrorKind::InvalidRequest,
        _ if error.is_dns() => ErrorKind::Dns,
        _ if never_connected && is_refused(error) => ErrorKind::Refused,
        _ if never_connected => ErrorKind::Connect,
        _ if error.is_timeout() => ErrorKind::Timeout,
        _ => ErrorKind::ConnectionLost,
    };
    TransportError {
        kind,
        known_unprocessed: never_connected
            || kind == ErrorKind::ClientCertificate
            || is_unprocessed(error),
        cause: innermost(error),
    }
}

/// What a TLS error says, if it is one of the handshake.
fn tls_kind(error: &rustls::Error, never_connected: bool) -> Option<ErrorKind> {
    use rustls::AlertDescription as Alert;

    match error {
        // rustls passes it on as an error of a library that is not used here directly.
        rustls::Error::InvalidCertificate(problem @ CertificateError::Other(_))
            if format!("{problem:?}").contains("CaUsedAsEndEntity") =>
        {
            Some(ErrorKind::CaAsServerCertificate)
        }
        rustls::Error::InvalidCertificate(_) => Some(ErrorKind::Certificate),
        // What is said of a certificate is said of the client's, and none was presented. In TLS 1.3 it comes when the
        // handshake is over for this side.
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied,
        ) => Some(ErrorKind::ClientCertificate),
        rustls::Error::AlertReceived(
            Alert::HandshakeFailure | Alert::ProtocolVersion | Alert::InsufficientSecurity,
        ) if never_connected => Some(ErrorKind::TlsRefused),
        _ => never_connected.then_some(ErrorKind::Tls),
    }
}

/// Whether the request never got to a connection, or the server says that it has not processed it (RFC 9113, 8.7).
fn is_unprocessed(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let never_sent = cause
            .downcast_ref()
            .is_some_and(|error: &hyper::Error| error.is_canceled());
        // Of a GOAWAY only the streams get the error that are above its last stream; h2 lets the others end.
        let refused = cause.downcast_ref().is_some_and(|error: &h2::Error| {
            error.is_remote()
                && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
        });
        never_sent || refused
    })
}

/// The causes, outermost first. An `io::Error` hides what it was made of from `source`.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn is_refused(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
