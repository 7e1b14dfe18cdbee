//! What messages and the log say of one request, without secrets.

use std::sync::OnceLock;
use std::time::Duration;

use tracing::{debug, trace};

use super::body::{self, ErrorBody};
use super::error::{Ended, Error, ErrorKind};
use super::http::{Answer, Cut, Trouble, redirect_target};
use super::operation::Impatience;
use super::request::Request;
use super::retry::Class;
use super::scrub::Scrubber;
use super::send::{Attempt, Sender, is_success};

/// Characters of the API's message in an error.
const MESSAGE: usize = 500;
/// Characters of a body in the log.
const LOGGED_BODY: usize = 16 * 1024;
/// Characters of a path, a header or a cause in an error or in the log.
const SHORT_TEXT: usize = 300;

/// What messages and the log say of one request. Of most requests they say nothing, and then nothing is cleaned.
pub(super) struct Told<'a> {
    sender: &'a Sender,
    pub(super) request: &'a Request,
    cleaned: OnceLock<Cleaned>,
}

/// The request's path without secrets, and what cuts them out.
struct Cleaned {
    path: String,
    scrubber: Scrubber,
}

impl<'a> Told<'a> {
    pub(super) fn new(sender: &'a Sender, request: &'a Request) -> Told<'a> {
        Told {
            sender,
            request,
            cleaned: OnceLock::new(),
        }
    }

    fn cleaned(&self) -> &Cleaned {
        self.cleaned.get_or_init(|| {
            let scrubber = self.sender.scrubber(self.request.secrets());
            Cleaned {
                path: self.request.shown_path(|id| scrubber.clean(id, SHORT_TEXT)),
                scrubber,
            }
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.cleaned().path
    }

    fn scrubber(&self) -> &Scrubber {
        &self.cleaned().scrubber
    }

    fn error(&self, kind: ErrorKind, clause: String) -> Error {
        Error::of_call(kind, self.request.method, self.path(), clause)
    }

    /// A success that is not what was expected; `what` names that, and `problem` is what its reader met.
    pub(super) fn not_understood(
        &self,
        answer: &Answer,
        what: &str,
        problem: Option<&serde_json::Error>,
    ) -> Error {
        let status = status_text(answer.status);
        let name = body::name(answer);
        let (kind, clause) = match problem {
            _ if answer.cut == Some(Cut::TooLarge) => {
                let limit = self.request.body_limit / (1024 * 1024);
                (
                    ErrorKind::TooLarge,
                    format!("was answered with {status} and more than {limit} MiB"),
                )
            }
            Some(problem) if name == body::OTHER_JSON => {
                let problem = self.scrubber().clean(&problem.to_string(), SHORT_TEXT);
                (
                    ErrorKind::Unreadable,
                    format!("was answered with {status} and JSON that is not {what} ({problem})"),
                )
            }
            _ => (
                ErrorKind::Unreadable,
                format!("was answered with {status} and {name} instead of {what}"),
            ),
        };
        self.error(kind, clause).with_status(answer.status, None)
    }

    /// An answer that is no success.
    pub(super) fn refused(&self, answer: &Answer) -> Error {
        let status = status_text(answer.status);
        if matches!(answer.status, 300..=399) {
            let target = redirect_target(
                &self.request.url(&self.sender.base_url),
                answer.location.as_deref(),
            );
            let clause = format!(
                "was answered with {status}, a redirect to {}",
                self.scrubber().clean(&target, SHORT_TEXT)
            );
            return self
                .error(ErrorKind::Redirect, clause)
                .with_status(answer.status, None);
        }
        let body = body::read(answer);
        let missing = body::missing(answer.status, &body);
        let clause = match body {
            ErrorBody::Message { text, .. } => {
                format!(
                    "was answered with {status}: \"{}\"",
                    self.scrubber().clean(&text, MESSAGE)
                )
            }
            ErrorBody::Foreign(name) => format!("was answered with {status} and {name}"),
        };
        let kind = if is_success(answer.status) {
            ErrorKind::Lost
        } else {
            ErrorKind::Status
        };
        self.error(kind, clause).with_status(answer.status, missing)
    }

    /// No answer.
    pub(super) fn unanswered(&self, trouble: &Trouble) -> Error {
        let host = self.sender.base_url.host_str().unwrap_or_default();
        let cause = self.scrubber().clean(&trouble.cause, SHORT_TEXT);
        let clause = match trouble.kind {
            ErrorKind::Dns => format!(
                "could not be sent: the name of {host}, or of the proxy before it, does not resolve ({cause})"
            ),
            ErrorKind::Refused => format!(
                "could not be sent: {host}, or the proxy before it, refused the connection ({cause})"
            ),
            ErrorKind::Certificate => {
                format!("could not be sent: the certificate of {host} was not accepted ({cause})")
            }
            ErrorKind::Tls => format!("could not be sent: no TLS connection to {host} ({cause})"),
            ErrorKind::Connect => format!("could not be sent: no connection to {host} ({cause})"),
            ErrorKind::Timeout => {
                "was not answered in time (see request_timeout and operation_timeout)".to_owned()
            }
            ErrorKind::Unsendable => format!("could not be sent ({cause})"),
            _ => format!("was not answered: the connection was lost ({cause})"),
        };
        self.error(trouble.kind, clause)
    }

    /// Terraform asked to stop while the request was on its way.
    pub(super) fn interrupted(&self) -> Error {
        let clause = match self.request.class {
            Class::Read => "was given up, since Terraform asked to stop",
            Class::Deliver => {
                "was given up, since Terraform asked to stop; the test may have been delivered"
            }
            Class::Create | Class::Replace | Class::Remove => {
                "was sent and not answered within 10 s after Terraform asked to stop; it may have been carried out"
            }
        };
        self.error(ErrorKind::Stopped, clause.to_owned())
    }

    /// Not sent, or not again.
    pub(super) fn not_sent(
        &self,
        impatience: Impatience,
        last: Option<Error>,
        attempts: u32,
    ) -> Error {
        let (ended, kind, clause) = match impatience {
            Impatience::Stopped => (
                Ended::Stopped,
                ErrorKind::Stopped,
                "was not sent, since Terraform asked to stop",
            ),
            Impatience::Deadline => (
                Ended::Deadline,
                ErrorKind::Deadline,
                "was not sent, since operation_timeout was used up before its turn came (Immuta asked to slow down, or \
                 others were first)",
            ),
        };
        match last {
            Some(last) => last.after(attempts, Some(ended)),
            None => self.error(kind, clause.to_owned()),
        }
    }

    /// One DEBUG event for each call of the API; bodies at TRACE, with secrets cut.
    pub(super) fn log(&self, tried: &Attempt, attempt: u32, latency: Duration) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let method = self.request.method;
        let path = self.path();
        let latency_ms = millis(latency);
        match tried {
            Attempt::Answer(answer) => {
                let request_id = answer
                    .request_id
                    .as_deref()
                    .map(|id| self.scrubber().clean(id, SHORT_TEXT));
                debug!(
                    method,
                    path,
                    status = answer.status,
                    latency_ms,
                    attempt,
                    request_id,
                    "called the API"
                );
            }
            Attempt::Trouble(trouble) => {
                let error = self.unanswered(trouble).to_string();
                debug!(method, path, latency_ms, attempt, error, "called the API");
            }
            Attempt::Interrupted => {
                debug!(
                    method,
                    path,
                    latency_ms,
                    attempt,
                    error = "interrupted",
                    "called the API"
                );
            }
        }
        if tracing::enabled!(tracing::Level::TRACE) {
            let sent = self
                .request
                .body
                .as_ref()
                .map(|body| self.scrubber().clean(&body.logged, LOGGED_BODY));
            let query = self.request.query.as_str();
            trace!(method, path, query, attempt, body = sent, "the request");
            if let Attempt::Answer(answer) = tried {
                let text = String::from_utf8_lossy(&answer.body);
                let received = if answer.cut.is_some() {
                    self.scrubber().clean_broken_off(&text, LOGGED_BODY)
                } else {
                    self.scrubber().clean(&text, LOGGED_BODY)
                };
                trace!(
                    method,
                    path,
                    attempt,
                    status = answer.status,
                    body = received,
                    "the answer"
                );
            }
        }
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

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
