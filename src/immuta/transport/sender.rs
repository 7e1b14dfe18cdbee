//! The loop around an attempt: wait for a permit, send, decide, wait.
//!
//! What all operations of a process share is here: the limit of concurrent requests, the pause after a 429, and the
//! secrets that no message may show.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::info;

use super::Transport;
use super::backoff::{self, Wait};
use super::operation::{Interrupted, Operation};
use super::rate_limit::RateLimitPause;
use super::report::{RequestReport, millis};
use super::request::Request;
use super::response::{Attempt, Response, TransportError, Truncation};
use super::retry::{self, AttemptOutcome, RetryDecision, RetryState};
use crate::immuta::config::{BaseUrl, ClientConfig, RetryPolicy};
use crate::immuta::error::{Error, ErrorKind};
use crate::immuta::redact::{KnownSecrets, Redactor};

/// Sends requests.
pub(crate) struct Sender {
    transport: Box<dyn Transport>,
    base_url: BaseUrl,
    secrets: KnownSecrets,
    policy: RetryPolicy,
    request_timeout: Duration,
    permits: Semaphore,
    pause: RateLimitPause,
}

/// What came of a request with all of its attempts.
pub(crate) struct Sent {
    /// A response with a status that is a success (its body may be truncated), or what went wrong.
    pub(crate) result: Result<Response, Error>,
    /// Whether any attempt may have been applied without a whole response that says so.
    pub(crate) ambiguous: bool,
}

impl Sender {
    pub(crate) fn new(config: &ClientConfig, transport: Box<dyn Transport>) -> Sender {
        let permits = config
            .max_concurrent_requests
            .get()
            .min(Semaphore::MAX_PERMITS);
        Sender {
            transport,
            base_url: config.base_url.clone(),
            secrets: KnownSecrets::new([config.token.secret().clone()]),
            policy: config.retry,
            request_timeout: config.request_timeout,
            permits: Semaphore::new(permits),
            pause: RateLimitPause::default(),
        }
    }

    /// Registers secrets: no message and no log shows them from now on.
    pub(crate) fn register_secrets(&self, secrets: impl IntoIterator<Item = SecretString>) {
        self.secrets.register(secrets);
    }

    /// What redacts the secrets that are known so far.
    pub(crate) fn redactor(&self) -> Redactor {
        self.secrets.redactor()
    }

    fn report<'a>(&'a self, request: &'a Request) -> RequestReport<'a> {
        RequestReport::new(&self.secrets, &self.base_url, request)
    }

    /// Sends a request as often as the policy and the operation allow.
    pub(crate) async fn send(&self, request: &Request, operation: &Operation) -> Sent {
        self.register_secrets(request.secrets());
        let report = self.report(request);
        let mut ambiguous = false;
        let result = self
            .send_until_decided(request, operation, &report, &mut ambiguous)
            .await;
        Sent { result, ambiguous }
    }

    async fn send_until_decided(
        &self,
        request: &Request,
        operation: &Operation,
        report: &RequestReport<'_>,
        ambiguous: &mut bool,
    ) -> Result<Response, Error> {
        let policy = RetryPolicy {
            max_attempts: operation.max_attempts.unwrap_or(self.policy.max_attempts),
            ..self.policy
        };
        let mut number = 0;
        let mut last: Option<Error> = None;
        loop {
            let permit = match self.acquire_permit(operation, report).await {
                Ok(permit) => permit,
                Err(interrupted) => return Err(report.not_sent(interrupted, last, number)),
            };
            number += 1;
            let started = Instant::now();
            let attempt = self.attempt(request, operation).await;
            drop(permit);
            report.log(&attempt, number, started.elapsed());

            let (outcome, retry_after) = match &attempt {
                Attempt::Response(response) => {
                    (outcome_of(response), response.retry_after.as_deref())
                }
                Attempt::Failed(error) => (outcome_of_error(error), None),
                Attempt::Cancelled => {
                    *ambiguous |= request.kind.is_write();
                    return Err(report.cancelled().after(number, None));
                }
            };
            *ambiguous |= outcome.is_ambiguous();
            let retry_after =
                retry_after.and_then(|header| backoff::retry_after(header, SystemTime::now()));
            let state = RetryState {
                attempt: number,
                elapsed: operation.elapsed(),
                limit: operation.limit(),
            };
            let decision = retry::decide(&policy, request.kind, outcome, retry_after, state);
            let random: f64 = rand::random();
            let is_rate_limited = outcome == AttemptOutcome::Status(429);
            if is_rate_limited {
                // Whether this request is retried or not: all others wait.
                let wait = match decision {
                    RetryDecision::Retry(wait) => wait,
                    RetryDecision::Done | RetryDecision::GiveUp(_) => {
                        Wait::after(&policy, retry_after, number)
                    }
                };
                self.pause.extend(Instant::now() + wait.jittered(random));
            }
            let error = match attempt {
                // A success; also one whose body was truncated, once it is not retried: its reader uses what came.
                Attempt::Response(response)
                    if response.is_success() && !matches!(decision, RetryDecision::Retry(_)) =>
                {
                    return Ok(response);
                }
                Attempt::Response(response) => report.refused(&response),
                Attempt::Failed(error) => report.no_response(&error),
                Attempt::Cancelled => report.cancelled(),
            };
            let wait = match decision {
                RetryDecision::Retry(wait) => wait.jittered(random),
                RetryDecision::Done => return Err(error.after(number, None)),
                RetryDecision::GiveUp(reason) => return Err(error.after(number, Some(reason))),
            };
            info!(
                method = %request.method,
                path = report.path(),
                wait_ms = millis(wait),
                next_attempt = number + 1,
                max_attempts = policy.max_attempts,
                reason = %error,
                "waiting before the next attempt"
            );
            // After a 429 the pause of all requests is the wait.
            if !is_rate_limited && let Err(interrupted) = operation.bounded(sleep(wait)).await {
                return Err(report.not_sent(interrupted, Some(error), number));
            }
            last = Some(error);
        }
    }

    /// Waits until the request may be sent: no pause, and a place among the concurrent requests.
    async fn acquire_permit(
        &self,
        operation: &Operation,
        report: &RequestReport<'_>,
    ) -> Result<SemaphorePermit<'_>, Interrupted> {
        loop {
            if let Some(until) = self.pause.until(Instant::now()) {
                if until >= operation.deadline() {
                    return Err(Interrupted::DeadlineExceeded);
                }
                info!(
                    method = %report.method(),
                    path = report.path(),
                    wait_ms = millis(until.saturating_duration_since(Instant::now())),
                    "rate limited (429): all requests wait"
                );
                operation.bounded(sleep_until(until)).await?;
                continue;
            }
            let Ok(permit) = operation.bounded(self.permits.acquire()).await? else {
                return Err(Interrupted::Cancelled); // never closed
            };
            if operation.left().is_zero() {
                return Err(Interrupted::DeadlineExceeded);
            }
            // A 429 may have come while this waited for its permit.
            if self.pause.until(Instant::now()).is_none() {
                return Ok(permit);
            }
        }
    }

    async fn attempt(&self, request: &Request, operation: &Operation) -> Attempt {
        let time = self.request_timeout.min(operation.left());
        let cancelled = async {
            if request.kind.is_write() {
                operation.grace_over().await;
            } else {
                operation.cancelled().await;
            }
        };
        // Biased: a response that is there is taken, even if the cancellation came with it.
        tokio::select! {
            biased;
            result = self.transport.attempt(request, time) => match result {
                Ok(response) => Attempt::Response(response),
                Err(error) => Attempt::Failed(error),
            },
            () = cancelled => Attempt::Cancelled,
        }
    }

    /// Parses a success, or says why it cannot be parsed. `what` names what was expected, such as `a webhook`.
    pub(crate) fn decode<T>(
        &self,
        request: &Request,
        response: &Response,
        what: &str,
        decode: impl FnOnce(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<T, Error> {
        decode(&response.body).map_err(|problem| {
            self.report(request)
                .invalid_response(response, what, Some(&problem))
        })
    }

    /// A success whose body is not what the API sends.
    pub(crate) fn unrecognized(&self, request: &Request, response: &Response, what: &str) -> Error {
        self.report(request).invalid_response(response, what, None)
    }
}

fn outcome_of(response: &Response) -> AttemptOutcome {
    match response.truncated {
        Some(Truncation::ConnectionLost | Truncation::TimedOut) if response.is_success() => {
            AttemptOutcome::NoResponse
        }
        _ => AttemptOutcome::Status(response.status),
    }
}

fn outcome_of_error(error: &TransportError) -> AttemptOutcome {
    match error.kind {
        ErrorKind::Certificate
        | ErrorKind::CaAsServerCertificate
        | ErrorKind::ClientCertificate
        | ErrorKind::TlsRefused
        | ErrorKind::TrustStore
        | ErrorKind::ProxyAuthentication
        | ErrorKind::InvalidRequest => AttemptOutcome::Unsendable,
        _ if error.known_unprocessed => AttemptOutcome::KnownUnprocessed,
        _ => AttemptOutcome::NoResponse,
    }
}
