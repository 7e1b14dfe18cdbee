//! Whether a request is retried: a pure function of what was tried and what came of it.
//!
//! What counts is what the API can have done. Reads, updates and deletes may be retried; a create only when it is known
//! not to have been processed, since it would make a second webhook; a test delivery likewise, since receivers would
//! get it twice.

use std::time::Duration;

use super::backoff::Wait;
use crate::immuta::config::RetryPolicy;
use crate::immuta::error::GiveUpReason;

/// What a request does, and so what sending it twice would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RequestKind {
    /// GET: nothing.
    Read,
    /// PUT: the same again.
    Update,
    /// DELETE: nothing more.
    Delete,
    /// POST of a webhook: a second one.
    Create,
    /// POST of a test: a second delivery.
    TestDelivery,
}

impl RequestKind {
    /// Whether the request changes what webhooks there are.
    pub(crate) fn is_write(self) -> bool {
        matches!(
            self,
            RequestKind::Update | RequestKind::Delete | RequestKind::Create
        )
    }

    fn is_idempotent(self) -> bool {
        matches!(
            self,
            RequestKind::Read | RequestKind::Update | RequestKind::Delete
        )
    }
}

/// What came of one attempt, as far as it matters for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AttemptOutcome {
    /// A whole response, or one whose status says enough.
    Status(u16),
    /// The API is known not to have processed the request: no connection was made, or the server says so.
    KnownUnprocessed,
    /// The request was not sent, since its form, a certificate or the way to the API does not allow it. Another attempt
    /// changes nothing.
    Unsendable,
    /// It was or may have been sent, and no whole response came: reset, truncated, timed out.
    NoResponse,
}

impl AttemptOutcome {
    /// Whether a write with this outcome may have been applied although nothing confirms it.
    pub(crate) fn is_ambiguous(self) -> bool {
        match self {
            // 303 is what an API returns after it has done something.
            AttemptOutcome::Status(status) => matches!(status, 303 | 408 | 500 | 502..=599),
            AttemptOutcome::NoResponse => true,
            AttemptOutcome::KnownUnprocessed | AttemptOutcome::Unsendable => false,
        }
    }

    fn is_success(self) -> bool {
        matches!(self, AttemptOutcome::Status(200..=299))
    }

    fn is_known_unprocessed(self) -> bool {
        matches!(
            self,
            AttemptOutcome::Status(429) | AttemptOutcome::KnownUnprocessed
        )
    }

    fn is_transient(self) -> bool {
        match self {
            AttemptOutcome::Status(status) => matches!(status, 408 | 429 | 500 | 502..=599),
            AttemptOutcome::KnownUnprocessed | AttemptOutcome::NoResponse => true,
            AttemptOutcome::Unsendable => false,
        }
    }
}

/// How far an operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryState {
    /// Attempts of this request so far, at least 1.
    pub(crate) attempt: u32,
    /// Time since the operation began.
    pub(crate) elapsed: Duration,
    /// The operation's whole time.
    pub(crate) limit: Duration,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// It succeeded.
    Done,
    /// Wait, then send it again.
    Retry(Wait),
    /// Do not send it again.
    GiveUp(GiveUpReason),
}

/// Decides. `retry_after` is what the API asked for, if it did.
pub(crate) fn decide(
    policy: &RetryPolicy,
    kind: RequestKind,
    outcome: AttemptOutcome,
    retry_after: Option<Duration>,
    state: RetryState,
) -> RetryDecision {
    if outcome.is_success() {
        return RetryDecision::Done;
    }
    let may_retry =
        outcome.is_known_unprocessed() || (kind.is_idempotent() && outcome.is_transient());
    if !may_retry {
        return RetryDecision::GiveUp(GiveUpReason::NotRetryable);
    }
    if state.attempt >= policy.max_attempts {
        return RetryDecision::GiveUp(GiveUpReason::AttemptsExhausted);
    }
    let left = state.limit.saturating_sub(state.elapsed);
    let wait = Wait::after(policy, retry_after, state.attempt);
    if left.is_zero() || wait.at_least >= left {
        return RetryDecision::GiveUp(GiveUpReason::DeadlineExceeded);
    }
    RetryDecision::Retry(Wait {
        window: wait.window.min(left),
        ..wait
    })
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
