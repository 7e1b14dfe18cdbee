//! The one loop around an attempt: its turn, the attempt, the verdict, the wait.
//!
//! What all operations of a process share is here: the limit of requests in flight and the hold after a 429.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::info;
use url::Url;

use super::backoff;
use super::error::{Ended, Error, ErrorKind};
use super::hold::Hold;
use super::http::{Answer, Cut, Transport, Trouble};
use super::operation::{Impatience, Operation};
use super::request::Request;
use super::retry::{self, Outcome, Progress, Reason, Verdict};
use super::scrub::Scrubber;
use super::settings::{Retry, Settings};
use super::told::{Told, millis};

/// Sends requests.
pub(crate) struct Sender {
    transport: Box<dyn Transport>,
    pub(super) base_url: Url,
    /// The token, and every key and part of a url that was sent or told: an answer may quote what another call sent.
    scrubber: Mutex<Scrubber>,
    policy: Retry,
    request_timeout: Duration,
    permits: Semaphore,
    hold: Hold,
}

/// What came of a request with all of its attempts.
pub(crate) struct Sent {
    /// An answer with a status that is a success (its body may be cut), or what went wrong.
    pub(crate) result: Result<Answer, Error>,
    /// Whether any attempt may have been carried out without a whole answer that says so.
    pub(crate) in_doubt: bool,
}

/// What came of one attempt.
pub(super) enum Attempt {
    Answer(Answer),
    Trouble(Trouble),
    /// Terraform asked to stop, and it was not waited for any longer.
    Interrupted,
}

impl Sender {
    pub(crate) fn new(settings: &Settings, transport: Box<dyn Transport>) -> Sender {
        Sender {
            transport,
            base_url: settings.base_url.clone(),
            scrubber: Mutex::new(Scrubber::new([settings.token.clone()])),
            policy: settings.retry,
            request_timeout: settings.request_timeout,
            permits: Semaphore::new(settings.max_concurrent_requests.min(Semaphore::MAX_PERMITS)),
            hold: Hold::default(),
        }
    }

    /// Notes secrets: no message and no log shows them from now on.
    pub(crate) fn keep_secret(&self, secrets: impl IntoIterator<Item = SecretString>) {
        self.known_secrets().extend(secrets);
    }

    /// What cuts the secrets that are known so far, and these, out of a text.
    pub(crate) fn scrubber(&self, secrets: Vec<SecretString>) -> Scrubber {
        let mut known = self.known_secrets();
        known.extend(secrets);
        known.clone()
    }

    fn known_secrets(&self) -> MutexGuard<'_, Scrubber> {
        self.scrubber.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request as often as the policy and the operation allow.
    pub(crate) async fn send(&self, request: &Request, operation: &Operation) -> Sent {
        self.keep_secret(request.secrets());
        let told = Told::new(self, request);
        let policy = Retry {
            max_attempts: operation.max_attempts.unwrap_or(self.policy.max_attempts),
            ..self.policy
        };
        let mut attempt = 0;
        let mut in_doubt = false;
        let mut last: Option<Error> = None;
        loop {
            let permit = match self.turn(operation, &told).await {
                Ok(permit) => permit,
                Err(impatience) => {
                    let error = told.not_sent(impatience, last, attempt);
                    return Sent {
                        result: Err(error),
                        in_doubt,
                    };
                }
            };
            attempt += 1;
            let begun = Instant::now();
            let tried = self.attempt(request, operation).await;
            drop(permit);
            told.log(&tried, attempt, begun.elapsed());

            let (outcome, retry_after) = match &tried {
                Attempt::Answer(answer) => (outcome_of(answer), answer.retry_after.as_deref()),
                Attempt::Trouble(trouble) => (outcome_of_trouble(trouble), None),
                Attempt::Interrupted => {
                    in_doubt |= request.class.is_write();
                    let error = told.interrupted().after(attempt, None);
                    return Sent {
                        result: Err(error),
                        in_doubt,
                    };
                }
            };
            in_doubt |= outcome.leaves_doubt();
            let retry_after =
                retry_after.and_then(|header| backoff::retry_after(header, SystemTime::now()));
            let progress = Progress {
                attempt,
                elapsed: operation.elapsed(),
                limit: operation.limit(),
            };
            let verdict = retry::verdict(&policy, request.class, outcome, retry_after, progress);
            let random: f64 = rand::random();
            if outcome == Outcome::Answered(429) {
                // Given up or not: everyone else waits.
                let wait = match verdict {
                    Verdict::Retry(wait) => wait,
                    Verdict::Done | Verdict::GiveUp(_) => {
                        retry::wait(&policy, retry_after, attempt)
                    }
                };
                self.hold.extend(Instant::now() + wait.jittered(random));
            }
            let error = match tried {
                // A success; also one whose body was cut, once it is not tried again: its reader makes the most of it.
                Attempt::Answer(answer)
                    if is_success(answer.status) && !matches!(verdict, Verdict::Retry(_)) =>
                {
                    return Sent {
                        result: Ok(answer),
                        in_doubt,
                    };
                }
                Attempt::Answer(answer) => told.refused(&answer),
                Attempt::Trouble(trouble) => told.unanswered(&trouble),
                Attempt::Interrupted => told.interrupted(),
            };
            match verdict {
                Verdict::Retry(wait) => {
                    let length = wait.jittered(random);
                    info!(
                        method = request.method,
                        path = told.path(),
                        wait_ms = millis(length),
                        next_attempt = attempt + 1,
                        max_attempts = policy.max_attempts,
                        reason = %error,
                        "waiting before the next attempt"
                    );
                    // After a 429 the hold is the wait.
                    if outcome != Outcome::Answered(429)
                        && let Err(impatience) = operation.patiently(sleep(length)).await
                    {
                        let error = told.not_sent(impatience, Some(error), attempt);
                        return Sent {
                            result: Err(error),
                            in_doubt,
                        };
                    }
                    last = Some(error);
                }
                Verdict::Done => {
                    return Sent {
                        result: Err(error.after(attempt, None)),
                        in_doubt,
                    };
                }
                Verdict::GiveUp(reason) => {
                    let ended = match reason {
                        Reason::NotRepeatable => None,
                        Reason::AttemptsUsed => Some(Ended::AttemptsUsed),
                        Reason::Deadline => Some(Ended::Deadline),
                    };
                    return Sent {
                        result: Err(error.after(attempt, ended)),
                        in_doubt,
                    };
                }
            }
        }
    }

    /// Waits until the request may be sent: no hold, and a place among those in flight.
    async fn turn(
        &self,
        operation: &Operation,
        told: &Told<'_>,
    ) -> Result<SemaphorePermit<'_>, Impatience> {
        loop {
            if let Some(until) = self.hold.until(Instant::now()) {
                if until >= operation.deadline() {
                    return Err(Impatience::Deadline);
                }
                info!(
                    method = told.request.method,
                    path = told.path(),
                    wait_ms = millis(until.saturating_duration_since(Instant::now())),
                    "Immuta asked to slow down (429): all requests wait"
                );
                operation.patiently(sleep_until(until)).await?;
                continue;
            }
            let Ok(permit) = operation.patiently(self.permits.acquire()).await? else {
                return Err(Impatience::Stopped); // never closed
            };
            if operation.left().is_zero() {
                return Err(Impatience::Deadline);
            }
            // A 429 may have come while this waited for its place.
            if self.hold.until(Instant::now()).is_none() {
                return Ok(permit);
            }
        }
    }

    async fn attempt(&self, request: &Request, operation: &Operation) -> Attempt {
        let time = self.request_timeout.min(operation.left());
        let interrupted = async {
            if request.class.is_write() {
                operation.grace_over().await;
            } else {
                operation.stopped().await;
            }
        };
        tokio::select! {
            biased;
            result = self.transport.exchange(request, time) => match result {
                Ok(answer) => Attempt::Answer(answer),
                Err(trouble) => Attempt::Trouble(trouble),
            },
            () = interrupted => Attempt::Interrupted,
        }
    }

    /// Reads a success, or says why it cannot be read. `what` names what was expected, such as `a webhook`.
    pub(crate) fn understand<T>(
        &self,
        request: &Request,
        answer: &Answer,
        what: &str,
        decode: impl FnOnce(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<T, Error> {
        decode(&answer.body).map_err(|problem| {
            Told::new(self, request).not_understood(answer, what, Some(&problem))
        })
    }

    /// A success that is foreign.
    pub(crate) fn unreadable(&self, request: &Request, answer: &Answer, what: &str) -> Error {
        Told::new(self, request).not_understood(answer, what, None)
    }
}

fn outcome_of(answer: &Answer) -> Outcome {
    match answer.cut {
        Some(Cut::Lost | Cut::Late) if is_success(answer.status) => Outcome::Unanswered,
        _ => Outcome::Answered(answer.status),
    }
}

fn outcome_of_trouble(trouble: &Trouble) -> Outcome {
    match trouble.kind {
        ErrorKind::Certificate => Outcome::Untrusted,
        ErrorKind::Unsendable => Outcome::Unsendable,
        _ if trouble.never_connected => Outcome::NeverConnected,
        _ => Outcome::Unanswered,
    }
}

pub(super) fn is_success(status: u16) -> bool {
    matches!(status, 200..=299)
}
