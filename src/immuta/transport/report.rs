//! What messages and logs say of one request, without secrets.

use std::sync::OnceLock;
use std::time::Duration;

use http::Method;
use tracing::{debug, trace};
use url::Url;

use super::error_body::{self, ErrorBody};
use super::operation::Interrupted;
use super::request::Request;
use super::response::{Attempt, Response, TransportError, Truncation};
use super::retry::RequestKind;
use crate::immuta::config::BaseUrl;
use crate::immuta::error::{Error, ErrorKind, GiveUpReason};
use crate::immuta::redact::{KnownSecrets, Redactor};
use crate::immuta::webhook_url;

/// Characters of the API's message in an error.
const MESSAGE: usize = 500;
/// Characters of a body in the log.
const LOGGED_BODY: usize = 16 * 1024;
/// Characters of a path, a header or a cause in an error or in the log.
const SHORT_TEXT: usize = 300;

/// What messages and logs say of one request. Of most requests they say nothing, and then nothing is redacted.
pub(crate) struct RequestReport<'a> {
    secrets: &'a KnownSecrets,
    base_url: &'a BaseUrl,
    request: &'a Request,
    redacted: OnceLock<Redacted>,
}

/// The request's path without secrets, and what redacts them.
struct Redacted {
    path: String,
    redactor: Redactor,
}

impl<'a> RequestReport<'a> {
    pub(crate) fn new(
        secrets: &'a KnownSecrets,
        base_url: &'a BaseUrl,
        request: &'a Request,
    ) -> RequestReport<'a> {
        RequestReport {
            secrets,
            base_url,
            request,
            redacted: OnceLock::new(),
        }
    }

    fn redacted(&self) -> &Redacted {
        self.redacted.get_or_init(|| {
            let redactor = self.secrets.redactor();
            Redacted {
                path: self
                    .request
                    .shown_path(|id| redactor.redact(id, SHORT_TEXT)),
                redactor,
            }
        })
    }

    pub(crate) fn method(&self) -> &Method {
        &self.request.method
    }

    pub(crate) fn path(&self) -> &str {
        &self.redacted().path
    }

    fn redactor(&self) -> &Redactor {
        &self.redacted().redactor
    }

    fn error(&self, kind: ErrorKind, clause: String) -> Error {
        Error::for_request(kind, &self.request.method, self.path(), clause)
    }

    /// A success that is not what was expected; `what` names that, and `problem` is what its reader met.
    pub(crate) fn invalid_response(
        &self,
        response: &Response,
        what: &str,
        problem: Option<&serde_json::Error>,
    ) -> Error {
        let status = status_text(response.status);
        let name = error_body::describe(response);
        let (kind, clause) = match problem {
            _ if response.truncated == Some(Truncation::TooLarge) => {
                let limit = self.request.response_limit / (1024 * 1024);
                (
                    ErrorKind::TooLarge,
                    format!("returned {status} and more than {limit} MiB"),
                )
            }
            Some(problem) if name == error_body::OTHER_JSON => {
                let problem = self.redactor().redact(&problem.to_string(), SHORT_TEXT);
                (
                    ErrorKind::InvalidResponse,
                    format!("returned {status} and JSON that is not {what} ({problem})"),
                )
            }
            _ => (
                ErrorKind::InvalidResponse,
                format!("returned {status} and {name} instead of {what}"),
            ),
        };
        self.error(kind, clause).with_status(response.status, None)
    }

    /// A response that is no success.
    pub(crate) fn refused(&self, response: &Response) -> Error {
        let status = status_text(response.status);
        if matches!(response.status, 300..=399) {
            let target = redirect_target(
                &self.request.url(&self.base_url.0),
                response.location.as_deref(),
            );
            let clause = format!(
                "returned {status}, a redirect to {}",
                self.redactor().redact(&target, SHORT_TEXT)
            );
            return self
                .error(ErrorKind::Redirect, clause)
                .with_status(response.status, None);
        }
        let body = error_body::parse(response);
        let not_found = error_body::not_found_kind(response.status, &body);
        let gateway = error_body::gateway(response);
        let clause = match body {
            ErrorBody::Message { text, .. } => {
                format!(
                    "returned {status}: \"{}\"",
                    self.redactor().redact(&text, MESSAGE)
                )
            }
            ErrorBody::Unrecognized(name) => match gateway {
                Some((_, meaning)) => format!("returned {status} and {name}: {meaning}"),
                None => format!("returned {status} and {name}"),
            },
        };
        let kind = if response.is_success() {
            ErrorKind::ConnectionLost
        } else {
            gateway.map_or(ErrorKind::Status, |(kind, _)| kind)
        };
        self.error(kind, clause)
            .with_status(response.status, not_found)
    }

    /// No response.
    pub(crate) fn no_response(&self, error: &TransportError) -> Error {
        let host = self.base_url.0.host_str().unwrap_or_default();
        let cause = self.redactor().redact(&error.cause, SHORT_TEXT);
        let clause = match error.kind {
            ErrorKind::Dns => format!(
                "could not be sent: the name of {host}, or of the proxy in front of it, does not resolve ({cause})"
            ),
            ErrorKind::Refused => format!(
                "could not be sent: {host}, or the proxy in front of it, refused the connection ({cause})"
            ),
            ErrorKind::Certificate => {
                format!("could not be sent: the certificate of {host} was not accepted ({cause})")
            }
            ErrorKind::ProxyAuthentication => format!(
                "could not be sent: the proxy that {cause} names returned 407 Proxy Authentication Required"
            ),
            ErrorKind::CaAsServerCertificate => format!(
                "could not be sent: {host} presents a CA certificate as its server certificate, which is not accepted ({cause})"
            ),
            ErrorKind::ClientCertificate => format!(
                "could not be sent: {host} demands a client certificate, which the provider cannot present ({cause})"
            ),
            ErrorKind::TlsRefused => {
                format!("could not be sent: {host} refused the TLS handshake ({cause})")
            }
            ErrorKind::TrustStore => format!("could not be sent: {cause}"),
            ErrorKind::Tls => format!("could not be sent: no TLS connection to {host} ({cause})"),
            ErrorKind::Connect => format!("could not be sent: no connection to {host} ({cause})"),
            ErrorKind::Timeout => {
                "received no response in time (see request_timeout and operation_timeout)"
                    .to_owned()
            }
            ErrorKind::InvalidRequest => format!("could not be sent ({cause})"),
            _ if error.known_unprocessed => {
                format!("was refused by the server before it was processed ({cause})")
            }
            _ => format!("received no response: the connection was lost ({cause})"),
        };
        self.error(error.kind, clause)
    }

    /// Terraform asked to stop while the request was on its way.
    pub(crate) fn cancelled(&self) -> Error {
        let clause = match self.request.kind {
            RequestKind::Read => "was cancelled, since Terraform asked to stop",
            RequestKind::TestDelivery => {
                "was cancelled, since Terraform asked to stop; the test may have been delivered"
            }
            RequestKind::Create | RequestKind::Update | RequestKind::Delete => {
                "was sent and received no response within 10 s after Terraform asked to stop; it may have been applied"
            }
        };
        self.error(ErrorKind::Cancelled, clause.to_owned())
    }

    /// Not sent, or not again.
    pub(crate) fn not_sent(
        &self,
        interrupted: Interrupted,
        last: Option<Error>,
        attempts: u32,
    ) -> Error {
        let (reason, kind, clause) = match interrupted {
            Interrupted::Cancelled => (
                GiveUpReason::Cancelled,
                ErrorKind::Cancelled,
                "was not sent, since Terraform asked to stop",
            ),
            Interrupted::DeadlineExceeded => (
                GiveUpReason::DeadlineExceeded,
                ErrorKind::DeadlineExceeded,
                "was not sent, since operation_timeout was used up first (by a rate limit, or by other requests)",
            ),
        };
        match last {
            Some(last) => last.after(attempts, Some(reason)),
            None => self.error(kind, clause.to_owned()),
        }
    }

    /// One DEBUG event for each attempt; bodies at TRACE, with secrets redacted.
    pub(crate) fn log(&self, tried: &Attempt, attempt: u32, latency: Duration) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let method = self.request.method.as_str();
        let path = self.path();
        let latency_ms = millis(latency);
        match tried {
            Attempt::Response(response) => {
                let request_id = response
                    .request_id
                    .as_deref()
                    .map(|id| self.redactor().redact(id, SHORT_TEXT));
                debug!(
                    method,
                    path,
                    status = response.status,
                    latency_ms,
                    attempt,
                    request_id,
                    "HTTP request"
                );
            }
            Attempt::Failed(error) => {
                let error = self.no_response(error).to_string();
                debug!(method, path, latency_ms, attempt, error, "HTTP request");
            }
            Attempt::Cancelled => {
                debug!(
                    method,
                    path,
                    latency_ms,
                    attempt,
                    error = "cancelled",
                    "HTTP request"
                );
            }
        }
        if tracing::enabled!(tracing::Level::TRACE) {
            let sent = self
                .request
                .body
                .as_ref()
                .map(|body| self.redactor().redact(&body.logged, LOGGED_BODY));
            let query = self.request.query.as_str();
            trace!(
                method,
                path,
                query,
                attempt,
                body = sent,
                "HTTP request body"
            );
            if let Attempt::Response(response) = tried {
                let text = String::from_utf8_lossy(&response.body);
                let received = if response.truncated.is_some() {
                    self.redactor().redact_truncated(&text, LOGGED_BODY)
                } else {
                    self.redactor().redact(&text, LOGGED_BODY)
                };
                trace!(
                    method,
                    path,
                    attempt,
                    status = response.status,
                    body = received,
                    "HTTP response body"
                );
            }
        }
    }
}

/// Where a redirect leads, for a message.
fn redirect_target(from: &Url, location: Option<&str>) -> String {
    match location.map(|location| from.join(location)) {
        Some(Ok(target)) => webhook_url::redacted(target.as_str()),
        Some(Err(_)) | None => "an unknown location".to_owned(),
    }
}

fn status_text(status: u16) -> String {
    match http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
    {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
