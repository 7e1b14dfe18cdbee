//! What went wrong with the API, in words that a user can act on and without any secret.
//!
//! `Display` is complete: the call, what happened, how often it was tried, and why it was not tried again.
//! [`Error::advice`] says what to do next. Nothing that came from outside gets in here unscrubbed.

use std::fmt;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting cannot be used: a token that is no header value, a retry policy without attempts.
    Settings,
    /// A webhook's id is none that could be put into a path.
    WebhookId,
    /// Terraform asked the provider to stop.
    Stopped,
    /// The operation's time was used up.
    Deadline,
    /// The host's name did not resolve.
    Dns,
    /// The host refused the connection.
    Refused,
    /// The connection was not made, for another reason or in time.
    Connect,
    /// The API's certificate was not accepted.
    Certificate,
    /// The TLS handshake failed otherwise.
    Tls,
    /// The request could not be put together or sent as HTTP.
    Unsendable,
    /// No whole answer came in time.
    Timeout,
    /// The connection was lost before the whole answer had come.
    Lost,
    /// The API led elsewhere, which is never followed.
    Redirect,
    /// The API answered with a status that is no success; see [`Error::status`].
    Status,
    /// The answer is larger than any that makes sense.
    TooLarge,
    /// The answer is a success that cannot be understood.
    Unreadable,
    /// The API answered a create with a webhook that is already another one's.
    IdInUse,
    /// The history is too long to be put in order.
    HistoryTooLong,
    /// The provider itself is at fault.
    Internal,
}

/// What a 404, 405 or 501 says is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The webhook: the API said so in its own words.
    Webhook,
    /// Perhaps the webhook, perhaps the whole route: a 404 that is not the API's own, or is about a route.
    RouteOrWebhook,
    /// The method on this route.
    Route,
}

/// Why a request was not tried again, or at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// As often as the settings allow.
    AttemptsUsed,
    /// No time left for another attempt.
    Deadline,
    /// Terraform asked to stop.
    Stopped,
}

/// What went wrong. Cheap to clone and to move.
#[derive(Clone)]
pub struct Error(Box<Facts>);

#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) kind: ErrorKind,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
    pub(crate) missing: Option<Missing>,
    /// What happened, as a clause after method and path, or as a sentence where there is no call.
    pub(crate) what: String,
    pub(crate) attempts: u32,
    pub(crate) ended: Option<Ended>,
    /// More sentences.
    pub(crate) note: String,
}

impl Error {
    /// An error before or outside of any call; `what` is a sentence without its full stop.
    pub(crate) fn without_call(kind: ErrorKind, what: impl Into<String>) -> Error {
        Error(Box::new(Facts {
            kind,
            method: "",
            path: String::new(),
            status: None,
            missing: None,
            what: what.into(),
            attempts: 0,
            ended: None,
            note: String::new(),
        }))
    }

    /// An error of a call; `what` is a clause that follows method and path.
    pub(crate) fn of_call(
        kind: ErrorKind,
        method: &'static str,
        path: &str,
        what: impl Into<String>,
    ) -> Error {
        let mut error = Error::without_call(kind, what);
        error.0.method = method;
        error.0.path = path.to_owned();
        error
    }

    pub(crate) fn with_status(mut self, status: u16, missing: Option<Missing>) -> Error {
        self.0.status = Some(status);
        self.0.missing = missing;
        self
    }

    pub(crate) fn after(mut self, attempts: u32, ended: Option<Ended>) -> Error {
        self.0.attempts = attempts;
        self.0.ended = ended;
        self
    }

    /// The same, where it was found out that the webhook is gone.
    pub(crate) fn about_a_lost_webhook(mut self) -> Error {
        self.0.missing = Some(Missing::Webhook);
        self.noting("Immuta has no such webhook any more.")
    }

    /// Adds a sentence.
    pub(crate) fn noting(mut self, sentence: &str) -> Error {
        if !self.0.note.is_empty() {
            self.0.note.push(' ');
        }
        self.0.note.push_str(sentence);
        self
    }

    pub(crate) fn missing(&self) -> Option<Missing> {
        self.0.missing
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status that the API answered with, if it did.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The method of the call; empty where nothing was to be sent.
    pub fn method(&self) -> &str {
        self.0.method
    }

    /// The path of the call below the base URL, without a query; empty where nothing was to be sent.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Whether Terraform asked to stop, and that is why there was no (other) attempt.
    pub fn is_stop(&self) -> bool {
        self.0.kind == ErrorKind::Stopped || self.0.ended == Some(Ended::Stopped)
    }

    /// What to do next: one or two sentences.
    pub fn advice(&self) -> &'static str {
        if self.0.missing == Some(Missing::Webhook) {
            return GONE;
        }
        if self.0.ended == Some(Ended::Stopped) {
            return advice(ErrorKind::Stopped, None);
        }
        advice(self.0.kind, self.0.status)
    }
}

const GONE: &str = "The webhook was deleted outside of Terraform. Run terraform plan again to see what is left to do.";

fn advice(kind: ErrorKind, status: Option<u16>) -> &'static str {
    match kind {
        ErrorKind::Settings => "Correct the provider's configuration.",
        ErrorKind::WebhookId => {
            "Use the id that Immuta gave to the webhook, a uuid such as 3f0c9a52-6d0e-4b57-9d0c-0f4c1c7b2a11."
        }
        ErrorKind::Stopped => "Run the command again; it goes on from the state that was saved.",
        ErrorKind::Deadline => {
            "Run the command again. If this happens often, raise operation_timeout, or lower Terraform's -parallelism."
        }
        ErrorKind::Dns => {
            "Check the segment or endpoint in the provider's configuration, and that this machine can resolve names \
             outside of its network."
        }
        ErrorKind::Refused | ErrorKind::Connect => {
            "Check the segment or endpoint in the provider's configuration, and that firewalls and proxies (HTTPS_PROXY, \
             NO_PROXY) let this machine reach it."
        }
        ErrorKind::Certificate => {
            "If a company's own authority signed the certificate, or a proxy opens TLS connections, give that authority's \
             certificate in ca_cert_pem (or IMMUTA_CA_CERT_PEM). Check the endpoint and this machine's clock too."
        }
        ErrorKind::Tls => {
            "Check that the endpoint speaks TLS 1.2 or 1.3 on that port, and that no proxy between breaks it off."
        }
        ErrorKind::Unsendable => "Check the endpoint in the provider's configuration.",
        ErrorKind::Timeout => {
            "Run the command again. If this happens often, raise request_timeout in the provider's configuration."
        }
        ErrorKind::Lost => {
            "Run the command again. If this happens often, look for a proxy or firewall that cuts connections."
        }
        ErrorKind::Redirect => {
            "Redirects are not followed, since the token would follow them. Set the endpoint to where the API really is; \
             a redirect to a sign-in page often means that something in between wants a sign-in."
        }
        ErrorKind::Unreadable | ErrorKind::TooLarge => {
            "Check that the endpoint is that of the Request app's API and that no proxy answers in its place. If it is, \
             please report this to the provider's developers, with the log of TF_LOG_PROVIDER=TRACE (secrets are cut out)."
        }
        ErrorKind::IdInUse => {
            "Give each webhook a url of its own, and import the one that exists where it is not managed yet."
        }
        ErrorKind::HistoryTooLong => "Look at the history in the Request app.",
        ErrorKind::Internal => {
            "This is an error in the provider. Please report it, with the log of TF_LOG_PROVIDER=TRACE."
        }
        ErrorKind::Status => advice_for_status(status.unwrap_or_default()),
    }
}

fn advice_for_status(status: u16) -> &'static str {
    match status {
        401 => {
            "Check that the token is a personal access token of the Request app, that it has not expired, and that it \
             belongs to the configured segment: a token of one segment is not known to another."
        }
        403 => {
            "The token's user needs the permission APPLICATION_ADMIN (on older accounts GOVERNANCE). Ask an \
             administrator for it, or use the token of a user who has it."
        }
        404 | 405 | 501 => {
            "Check the segment or endpoint in the provider's configuration. If it is right, this deployment of Immuta \
             does not offer the call."
        }
        407 => "Check the user name and password in the proxy's URL (HTTPS_PROXY).",
        408 | 500..=599 => {
            "This is a problem on Immuta's side or of a proxy before it. Run the command again later; if it stays, ask \
             Immuta's support."
        }
        413 => "Shorten the url or the signing key.",
        429 => {
            "The API takes no more requests for now. Run the command again later, or lower max_concurrent_requests in \
             the provider's configuration."
        }
        400 | 409 | 422 => "Correct what the API objects to, and run the command again.",
        _ => "Correct what the API objects to; if its answer does not say, ask Immuta's support.",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.0;
        if facts.method.is_empty() {
            formatter.write_str(&facts.what)?;
        } else {
            write!(formatter, "{} {} {}", facts.method, facts.path, facts.what)?;
        }
        if facts.attempts > 1 {
            write!(formatter, " (after {} attempts)", facts.attempts)?;
        }
        match facts.ended {
            None | Some(Ended::AttemptsUsed) => {}
            Some(Ended::Deadline) => {
                formatter.write_str("; operation_timeout leaves no time for another attempt")?
            }
            Some(Ended::Stopped) => {
                formatter.write_str("; not tried again, since Terraform asked to stop")?
            }
        }
        if !facts.what.ends_with(['.', '?', '!']) || facts.attempts > 1 || facts.ended.is_some() {
            formatter.write_str(".")?;
        }
        if !facts.note.is_empty() {
            write!(formatter, " {}", facts.note)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Error {
        Error::of_call(ErrorKind::Status, "PUT", "/x", "was answered with an error")
            .with_status(status, None)
    }

    #[test]
    fn display_is_a_sentence_with_attempts_end_and_notes() {
        let error = status(503);
        assert_eq!(error.to_string(), "PUT /x was answered with an error.");
        let error = error.after(4, Some(Ended::AttemptsUsed));
        assert_eq!(
            error.to_string(),
            "PUT /x was answered with an error (after 4 attempts)."
        );
        let error = error
            .after(2, Some(Ended::Deadline))
            .noting("One.")
            .noting("Two.");
        assert_eq!(
            error.to_string(),
            "PUT /x was answered with an error (after 2 attempts); operation_timeout leaves no time for another \
             attempt. One. Two."
        );
        let error = Error::without_call(ErrorKind::Settings, "The token is empty");
        assert_eq!(error.to_string(), "The token is empty.");
        assert_eq!(
            (error.method(), error.path(), error.status()),
            ("", "", None)
        );
    }

    #[test]
    fn advice_fits_what_happened() {
        for (code, says) in [
            (401, "segment"),
            (403, "APPLICATION_ADMIN"),
            (404, "endpoint"),
            (413, "Shorten"),
            (422, "objects"),
            (429, "max_concurrent_requests"),
            (500, "Immuta's side"),
            (501, "does not offer"),
            (418, "support"),
        ] {
            assert!(
                status(code).advice().contains(says),
                "{code}: {}",
                status(code).advice()
            );
        }
        assert!(
            status(404)
                .about_a_lost_webhook()
                .advice()
                .contains("terraform plan again")
        );
        for (kind, says) in [
            (ErrorKind::Certificate, "ca_cert_pem"),
            (ErrorKind::Dns, "resolve"),
            (ErrorKind::Refused, "HTTPS_PROXY"),
            (ErrorKind::Timeout, "request_timeout"),
            (ErrorKind::Deadline, "operation_timeout"),
            (ErrorKind::Redirect, "endpoint"),
            (ErrorKind::Stopped, "again"),
        ] {
            let error = Error::of_call(kind, "GET", "/x", "failed");
            assert!(error.advice().contains(says), "{kind:?}");
        }
        let stopped = status(503).after(1, Some(Ended::Stopped));
        assert!(stopped.is_stop() && stopped.advice().contains("again"));
    }
}
