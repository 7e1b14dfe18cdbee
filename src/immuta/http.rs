//! One attempt over HTTP: the client, and what its answers and failures come to. No decisions.
//!
//! The client is built, and root certificates are loaded, at the first call: most processes that Terraform starts only
//! give their schema.

use std::error::Error as StdError;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::Method;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
    USER_AGENT,
};
use reqwest::redirect;
use reqwest::{Certificate, Client, Response};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::error::{Error, ErrorKind};
use super::request::Request;
use super::settings::{Settings, is_loopback};

/// A connection is made in this time or not at all, and in three quarters of the attempt's: so that a host that does
/// not answer is told from an API that does not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two pieces of a body there is not more.
const STALL: Duration = Duration::from_secs(15);
/// Common servers close an idle connection after 5 s. One that is closed while a request is on its way leaves in doubt
/// whether the request arrived, so this side gives idle connections up first.
const IDLE: Duration = Duration::from_secs(4);
/// The answer's headers: how many, and their size in HTTP/2. In HTTP/1 hyper bounds their size to about 400 KiB.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// Headers that servers and gateways give their requests' ids in.
const REQUEST_IDS: [&str; 5] = [
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "cf-ray",
];

/// What one attempt gets for an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) request_id: Option<String>,
    /// As much of the body as came.
    pub(crate) body: Bytes,
    /// Why the body is not whole, if it is not.
    pub(crate) cut: Option<Cut>,
}

/// Why a body is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The connection was lost, or the body's framing broken.
    Lost,
    /// The rest did not come in time.
    Late,
    /// There is more than the request's limit.
    TooLarge,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// One of [`ErrorKind`]'s kinds for an attempt without an answer.
    pub(crate) kind: ErrorKind,
    /// Whether the API cannot have seen the request, since no connection to it was made.
    pub(crate) never_connected: bool,
    /// The cause in the words of the library that met it; not scrubbed.
    pub(crate) cause: String,
}

/// What makes one attempt.
#[async_trait]
pub(crate) trait Transport: Send + Sync {
    /// Sends the request once; ends within the time.
    async fn exchange(&self, request: &Request, time: Duration) -> Result<Answer, Trouble>;
}

/// The real transport.
pub(crate) struct Http {
    settings: Settings,
    headers: HeaderMap,
    client: OnceLock<Result<Client, Trouble>>,
}

impl Http {
    /// Does no IO. An error is one of the settings'.
    pub(crate) fn new(settings: &Settings) -> Result<Http, Error> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", settings.token.expose_secret()))
            .ok()
            .filter(|_| is_token(settings.token.expose_secret()))
            .ok_or_else(|| {
                Error::without_call(
                    ErrorKind::Settings,
                    "The token is empty, or holds a blank, a line break or a character that is not ASCII",
                )
            })?;
        authorization.set_sensitive(true);
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| {
            Error::without_call(
                ErrorKind::Settings,
                "The User-Agent (see TF_APPEND_USER_AGENT) holds a line break or a control character",
            )
        })?;
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (USER_AGENT, user_agent),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        Ok(Http {
            settings: settings.clone(),
            headers,
            client: OnceLock::new(),
        })
    }

    fn client(&self) -> Result<&Client, Trouble> {
        self.client
            .get_or_init(|| {
                // All that can fail here are certificates: the platform's or the configured ones.
                build(&self.settings).map_err(|error| Trouble {
                    kind: ErrorKind::Certificate,
                    never_connected: true,
                    cause: innermost(&error),
                })
            })
            .as_ref()
            .map_err(Trouble::clone)
    }
}

/// What a bearer token may be made of (RFC 6750 allows less, but that is the API's business).
fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn build(settings: &Settings) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT.min(settings.request_timeout * 3 / 4))
        .pool_idle_timeout(IDLE)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .tls_backend_rustls()
        .tls_danger_accept_invalid_certs(settings.insecure_skip_tls_verify);
    if is_loopback(&settings.base_url) {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &settings.ca_cert_pem {
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(pem.as_bytes())?);
    } else if settings.base_url.scheme() == "http" {
        // No certificate is ever verified: do not read the platform's, of which a small container has none.
        builder = builder.tls_certs_only([]);
    }
    // reqwest's own retry stays on: it repeats only what an HTTP/2 server says that it has not processed.
    builder.build()
}

#[async_trait]
impl Transport for Http {
    async fn exchange(&self, request: &Request, time: Duration) -> Result<Answer, Trouble> {
        // Building it, once, is not part of the attempt's time.
        let client = self.client()?;
        let until = Instant::now() + time;
        let url = request.url(&self.settings.base_url);
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let mut sending = client.request(method, url).headers(self.headers.clone());
        if let Some(body) = &request.body {
            sending = sending
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.bytes.expose_secret().to_owned());
        }
        match timeout_at(until, sending.send()).await {
            Ok(Ok(response)) => Ok(answer(response, request.body_limit, until).await),
            Ok(Err(error)) => Err(trouble(&error)),
            Err(_) => Err(Trouble {
                kind: ErrorKind::Timeout,
                never_connected: false,
                cause: String::new(),
            }),
        }
    }
}

async fn answer(mut response: Response, limit: usize, until: Instant) -> Answer {
    let headers = response.headers();
    let mut answer = Answer {
        status: response.status().as_u16(),
        content_type: text(headers, &CONTENT_TYPE),
        retry_after: text(headers, &RETRY_AFTER),
        location: text(headers, &LOCATION),
        request_id: REQUEST_IDS
            .iter()
            .find_map(|name| text(headers, &HeaderName::from_static(name))),
        body: Bytes::new(),
        cut: None,
    };
    if response
        .content_length()
        .is_some_and(|length| length > limit as u64)
    {
        answer.cut = Some(Cut::TooLarge);
        return answer;
    }
    let mut body = BytesMut::new();
    answer.cut = loop {
        match timeout_at(until.min(Instant::now() + STALL), response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() <= limit => {
                body.extend_from_slice(&chunk)
            }
            Ok(Ok(Some(_))) => break Some(Cut::TooLarge),
            Ok(Ok(None)) => break None,
            Ok(Err(_)) => break Some(Cut::Lost),
            Err(_) => break Some(Cut::Late),
        }
    };
    answer.body = body.freeze();
    answer
}

/// A header that is not text is as good as none.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn trouble(error: &reqwest::Error) -> Trouble {
    let never_connected = error.is_connect();
    let kind = match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(_)) => ErrorKind::Certificate,
        Some(_) if never_connected => ErrorKind::Tls,
        _ if error.is_builder() => ErrorKind::Unsendable,
        _ if error.is_dns() => ErrorKind::Dns,
        _ if never_connected && is_refused(error) => ErrorKind::Refused,
        _ if never_connected => ErrorKind::Connect,
        _ if error.is_timeout() => ErrorKind::Timeout,
        _ => ErrorKind::Lost,
    };
    Trouble {
        kind,
        never_connected,
        cause: innermost(error),
    }
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

/// Where a redirect led, for a message.
pub(crate) fn redirect_target(from: &Url, location: Option<&str>) -> String {
    match location.map(|location| from.join(location)) {
        Some(Ok(target)) => super::webhook_url::redacted(target.as_str()),
        Some(Err(_)) | None => "an unknown place".to_owned(),
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
