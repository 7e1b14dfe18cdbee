//! What went wrong with the API, in words that a user can act on and without any secret.
//!
//! `Display` is complete: the request, what happened, the number of attempts, and why there was no other attempt.
//! [`Error::advice`] says what to do next. Text from outside is redacted before it gets here.

use std::fmt;

use http::Method;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Terraform asked the provider to stop.
    Cancelled,
    /// The operation's time was used up.
    DeadlineExceeded,
    /// The host's name did not resolve.
    Dns,
    /// The host refused the connection.
    Refused,
    /// The connection was not made, for another reason or in time.
    Connect,
    /// The proxy demands a user name and password.
    ProxyAuthentication,
    /// The API's certificate was not accepted.
    Certificate,
    /// The API presents a CA certificate as its own.
    CaAsServerCertificate,
    /// The API demands a client certificate.
    ClientCertificate,
    /// The API refused the TLS handshake.
    TlsRefused,
    /// Something in front of the API refused the request.
    Firewall,
    /// There are no CA certificates that the API's certificate could be verified with.
    TrustStore,
    /// The TLS handshake failed otherwise.
    Tls,
    /// The request could not be built or sent as HTTP.
    InvalidRequest,
    /// No whole response came in time.
    Timeout,
    /// The connection was lost before the whole response had come.
    ConnectionLost,
    /// The API redirected, which is never followed.
    Redirect,
    /// The API returned a status that is no success; see [`Error::status`].
    Status,
    /// The response is larger than any that makes sense.
    TooLarge,
    /// The response is a success that could not be parsed.
    InvalidResponse,
    /// The API returned an existing webhook as the result of a create.
    IdInUse,
    /// The history is too long to be sorted.
    HistoryTooLong,
    /// The provider itself is at fault.
    Internal,
}

/// What a 404, 405 or 501 says does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotFoundKind {
    /// The webhook: the API said so in its own words.
    Webhook,
    /// Perhaps the webhook, perhaps the whole route: a 404 that is not the API's own, or is about a route.
    RouteOrWebhook,
    /// The method on this route.
    Route,
}

/// Why a request was not sent again, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GiveUpReason {
    /// Another attempt could do harm, or would end like this one.
    NotRetryable,
    /// All attempts that the retry policy allows were made.
    AttemptsExhausted,
    /// No time is left for another attempt.
    DeadlineExceeded,
    /// Terraform asked to stop.
    Cancelled,
}

/// What went wrong. Cheap to clone and to move.
#[derive(Clone)]
pub struct Error(Box<Facts>);

#[derive(Clone)]
struct Facts {
    kind: ErrorKind,
    /// None where nothing was to be sent.
    method: Option<Method>,
    path: String,
    status: Option<u16>,
    not_found: Option<NotFoundKind>,
    /// What happened: a clause after method and path, or a sentence where there is no request.
    what: String,
    attempts: u32,
    gave_up: Option<GiveUpReason>,
    /// More sentences.
    note: String,
}

impl Error {
    /// An error without a request; `what` is a sentence without its full stop.
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Error {
        Error(Box::new(Facts {
            kind,
            method: None,
            path: String::new(),
            status: None,
            not_found: None,
            what: what.into(),
            attempts: 0,
            gave_up: None,
            note: String::new(),
        }))
    }

    /// An error of a request; `what` is a clause that follows method and path.
    pub(crate) fn for_request(
        kind: ErrorKind,
        method: &Method,
        path: &str,
        what: impl Into<String>,
    ) -> Error {
        let mut error = Error::new(kind, what);
        error.0.method = Some(method.clone());
        error.0.path = path.to_owned();
        error
    }

    pub(crate) fn with_status(mut self, status: u16, not_found: Option<NotFoundKind>) -> Error {
        self.0.status = Some(status);
        self.0.not_found = not_found;
        self
    }

    pub(crate) fn after(mut self, attempts: u32, gave_up: Option<GiveUpReason>) -> Error {
        self.0.attempts = attempts;
        self.0.gave_up = gave_up;
        self
    }

    /// The same error, once it is known that the webhook does not exist.
    pub(crate) fn into_not_found(mut self) -> Error {
        self.0.not_found = Some(NotFoundKind::Webhook);
        self.with_note("The webhook no longer exists in Immuta.")
    }

    /// Adds a sentence.
    pub(crate) fn with_note(mut self, sentence: &str) -> Error {
        if !self.0.note.is_empty() {
            self.0.note.push(' ');
        }
        self.0.note.push_str(sentence);
        self
    }

    pub(crate) fn not_found_kind(&self) -> Option<NotFoundKind> {
        self.0.not_found
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status that the API returned, if it did.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Whether there was no (other) attempt because Terraform asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.kind == ErrorKind::Cancelled || self.0.gave_up == Some(GiveUpReason::Cancelled)
    }

    /// Whether this deployment of Immuta does not offer the endpoint, as far as the response tells.
    pub fn is_route_missing(&self) -> bool {
        self.0.not_found.is_some()
    }

    /// What to do next: one or two sentences.
    pub fn advice(&self) -> &'static str {
        if self.0.not_found == Some(NotFoundKind::Webhook) {
            return GONE;
        }
        if self.0.gave_up == Some(GiveUpReason::Cancelled) {
            return advice(ErrorKind::Cancelled, None);
        }
        advice(self.0.kind, self.0.status)
    }
}

const PROXY_CREDENTIALS: &str = "Put the user name and password, percent-encoded, into the proxy's URL in HTTPS_PROXY or ALL_PROXY: \
    http://user:password@proxy.example.com:3128.";

const GONE: &str = "Immuta holds no webhook with this id: it was deleted outside of Terraform, or the id is not one of this \
    tenant. If Terraform manages the webhook, run terraform plan again to see what remains to be done; otherwise correct \
    the id.";

fn advice(kind: ErrorKind, status: Option<u16>) -> &'static str {
    match kind {
        ErrorKind::Cancelled => "Run the command again; it continues from the saved state.",
        ErrorKind::DeadlineExceeded => {
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
        ErrorKind::ProxyAuthentication => PROXY_CREDENTIALS,
        ErrorKind::Certificate => {
            "If a private certificate authority (CA) signed the certificate, or a proxy inspects TLS, set ca_cert_file (or \
             IMMUTA_CA_CERT_FILE) or ca_cert_pem to that CA's certificate. Check the endpoint and this machine's clock too."
        }
        ErrorKind::CaAsServerCertificate => {
            "Give the server a certificate for its name that the CA has issued (one without CA:TRUE), and set \
             ca_cert_file or ca_cert_pem to the CA's own certificate."
        }
        ErrorKind::ClientCertificate => {
            "The provider authenticates with a token only, and has no client certificate to present. Set the endpoint to \
             an address that does not demand one, or ask whoever runs the gateway there to let the provider through."
        }
        ErrorKind::TlsRefused => {
            "Check that the endpoint speaks TLS 1.2 or 1.3 on that port. A server that demands a client certificate may \
             refuse like this too: the provider has none to present."
        }
        ErrorKind::Firewall => {
            "Immuta itself returns JSON. A firewall, gateway or proxy in front of it does not let this request through: \
             ask whoever runs it to allow this machine, and check the endpoint in the provider's configuration."
        }
        ErrorKind::TrustStore => {
            "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR, install the system's CA certificates (package \
             ca-certificates), or set ca_cert_file (or IMMUTA_CA_CERT_FILE) or ca_cert_pem."
        }
        ErrorKind::Tls => {
            "Check that the endpoint speaks TLS 1.2 or 1.3 on that port, and that no proxy in between interrupts it."
        }
        ErrorKind::InvalidRequest => "Check the endpoint in the provider's configuration.",
        ErrorKind::Timeout => {
            "Run the command again. If this happens often, raise request_timeout in the provider's configuration."
        }
        ErrorKind::ConnectionLost => {
            "Run the command again. If this happens often, look for a proxy or firewall that closes connections."
        }
        ErrorKind::Redirect => {
            "Redirects are not followed, since the token would follow them. Set the endpoint to the API's final address; \
             a redirect to a sign-in page often means that a gateway requires a sign-in."
        }
        ErrorKind::InvalidResponse | ErrorKind::TooLarge => {
            "Check that the endpoint is that of the Request app's API and that no proxy responds in its place. If so, \
             please report this to the provider's developers, with the log of TF_LOG_PROVIDER=TRACE (secrets are redacted)."
        }
        ErrorKind::IdInUse => {
            "Give each webhook its own url, and import the existing webhook if it is not managed yet."
        }
        ErrorKind::HistoryTooLong => "Adoption at the history in the Request app.",
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
             belongs to the configured segment: a token of one segment is not valid in another."
        }
        403 => {
            "The token's user needs the permission APPLICATION_ADMIN (on older accounts GOVERNANCE). Ask an \
             administrator for it, or use the token of a user who has it."
        }
        404 | 405 | 501 => {
            "Check the segment or endpoint in the provider's configuration. If it is right, this deployment of Immuta \
             does not offer this endpoint."
        }
        407 => PROXY_CREDENTIALS,
        408 | 500..=599 => {
            "This is a problem on Immuta's side or of a proxy in front of it. Run the command again later; if it \
             persists, contact Immuta support."
        }
        413 => "Shorten the url or the signing key.",
        429 => {
            "The API accepts no more requests for now. Run the command again later, or lower max_concurrent_requests in \
             the provider's configuration."
        }
        400 | 409 | 422 => "Correct what the API objects to, and run the command again.",
        _ => {
            "Correct what the API objects to; if its response does not say, contact Immuta support."
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.0;
        let ends_early = matches!(
            facts.gave_up,
            Some(GiveUpReason::DeadlineExceeded | GiveUpReason::Cancelled)
        );
        if let Some(method) = &facts.method {
            write!(formatter, "{method} {} ", facts.path)?;
        }
        formatter.write_str(&facts.what)?;
        if facts.attempts > 1 {
            write!(formatter, " (after {} attempts)", facts.attempts)?;
        }
        match facts.gave_up {
            None | Some(GiveUpReason::NotRetryable | GiveUpReason::AttemptsExhausted) => {}
            Some(GiveUpReason::DeadlineExceeded) => {
                formatter.write_str("; operation_timeout leaves no time for another attempt")?
            }
            Some(GiveUpReason::Cancelled) => {
                formatter.write_str("; not retried, since Terraform asked to stop")?
            }
        }
        if !facts.what.ends_with(['.', '?', '!']) || facts.attempts > 1 || ends_early {
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
        Error::for_request(ErrorKind::Status, &Method::PUT, "/x", "returned an error")
            .with_status(status, None)
    }

    #[test]
    fn display_is_a_sentence_with_attempts_end_and_notes() {
        let error = status(503);
        assert_eq!(error.to_string(), "PUT /x returned an error.");
        let error = error.after(4, Some(GiveUpReason::AttemptsExhausted));
        assert_eq!(
            error.to_string(),
            "PUT /x returned an error (after 4 attempts)."
        );
        let error = error
            .after(2, Some(GiveUpReason::DeadlineExceeded))
            .with_note("One.")
            .with_note("Two.");
        assert_eq!(
            error.to_string(),
            "PUT /x returned an error (after 2 attempts); operation_timeout leaves no time for another \
             attempt. One. Two."
        );
        let error = Error::new(ErrorKind::Internal, "The list was interrupted");
        assert_eq!(error.to_string(), "The list was interrupted.");
    }

    #[test]
    fn advice_fits_what_happened() {
        for (code, says) in [
            (401, "segment"),
            (403, "APPLICATION_ADMIN"),
            (404, "endpoint"),
            (407, "HTTPS_PROXY"),
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
        let gone = status(404).into_not_found().advice();
        assert!(gone.contains("terraform plan again") && gone.contains("correct the id"));
        for (kind, says) in [
            (ErrorKind::Certificate, "ca_cert_pem"),
            (ErrorKind::Dns, "resolve"),
            (ErrorKind::Refused, "HTTPS_PROXY"),
            (ErrorKind::ProxyAuthentication, "HTTPS_PROXY"),
            (ErrorKind::TrustStore, "SSL_CERT_FILE"),
            (ErrorKind::CaAsServerCertificate, "CA:TRUE"),
            (ErrorKind::ClientCertificate, "client certificate"),
            (ErrorKind::TlsRefused, "client certificate"),
            (ErrorKind::Firewall, "gateway"),
            (ErrorKind::Timeout, "request_timeout"),
            (ErrorKind::DeadlineExceeded, "operation_timeout"),
            (ErrorKind::Redirect, "endpoint"),
            (ErrorKind::Cancelled, "again"),
        ] {
            let error = Error::for_request(kind, &Method::GET, "/x", "failed");
            assert!(error.advice().contains(says), "{kind:?}");
        }
        let stopped = status(503).after(1, Some(GiveUpReason::Cancelled));
        assert!(stopped.is_cancelled() && stopped.advice().contains("again"));
    }
}
