//! Whether a request is tried again: a pure function of what was tried and what came of it.
//!
//! The measure is what the API can have done. Reads, replacements and removals may be repeated; a create only when it
//! provably was not processed, since it would make a second webhook; a test delivery likewise, since receivers would
//! get it twice.

use std::time::Duration;

use super::backoff;
use super::settings::Retry;

/// What repeating a request would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// GET: nothing.
    Read,
    /// PUT: the same again.
    Replace,
    /// DELETE: nothing more.
    Remove,
    /// POST of a webhook: a second one.
    Create,
    /// POST of a test: a second delivery.
    Deliver,
}

impl Class {
    /// Whether the request changes what webhooks there are.
    pub fn is_write(self) -> bool {
        matches!(self, Class::Replace | Class::Remove | Class::Create)
    }

    fn is_repeatable(self) -> bool {
        matches!(self, Class::Read | Class::Replace | Class::Remove)
    }
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A whole answer, or one whose status says enough.
    Answered(u16),
    /// The connection was never made, so the API has not seen the request.
    NeverConnected,
    /// The API's certificate was not accepted, so it has not seen the request. Trying again changes nothing.
    Untrusted,
    /// The request could not be sent at all. Trying again changes nothing.
    Unsendable,
    /// It was or may have been sent, and no whole answer came: reset, cut short, timed out.
    Unanswered,
}

impl Outcome {
    /// Whether a write with this outcome may have been carried out although nothing confirms it.
    pub fn leaves_doubt(self) -> bool {
        match self {
            // 303 is what an API answers with after it has done something.
            Outcome::Answered(status) => matches!(status, 303 | 408 | 500 | 502..=599),
            Outcome::Unanswered => true,
            Outcome::NeverConnected | Outcome::Untrusted | Outcome::Unsendable => false,
        }
    }

    fn is_success(self) -> bool {
        matches!(self, Outcome::Answered(200..=299))
    }

    fn is_provably_unprocessed(self) -> bool {
        matches!(self, Outcome::Answered(429) | Outcome::NeverConnected)
    }

    fn is_passing(self) -> bool {
        match self {
            Outcome::Answered(status) => matches!(status, 408 | 429 | 500 | 502..=599),
            Outcome::NeverConnected | Outcome::Unanswered => true,
            Outcome::Untrusted | Outcome::Unsendable => false,
        }
    }
}

/// How far an operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Attempts of this request so far, at least 1.
    pub attempt: u32,
    /// Time since the operation began.
    pub elapsed: Duration,
    /// The operation's whole time.
    pub limit: Duration,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeded.
    Done,
    /// Wait, then try again.
    Retry(Wait),
    /// Do not try again.
    GiveUp(Reason),
}

/// A wait whose length is drawn apart from the decision; see [`Wait::jittered`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What the API asked for, clamped.
    pub at_least: Duration,
    /// The window that the wait is drawn from (full jitter).
    pub window: Duration,
}

/// Why there is no other attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Another attempt could do harm, or would end like this one.
    NotRepeatable,
    /// As often as the settings allow.
    AttemptsUsed,
    /// No time left.
    Deadline,
}

/// Decides. `retry_after` is what the API asked for, if it did.
pub fn verdict(
    policy: &Retry,
    class: Class,
    outcome: Outcome,
    retry_after: Option<Duration>,
    progress: Progress,
) -> Verdict {
    if outcome.is_success() {
        return Verdict::Done;
    }
    let may_repeat =
        outcome.is_provably_unprocessed() || (class.is_repeatable() && outcome.is_passing());
    if !may_repeat {
        return Verdict::GiveUp(Reason::NotRepeatable);
    }
    if progress.attempt >= policy.max_attempts {
        return Verdict::GiveUp(Reason::AttemptsUsed);
    }
    let left = progress.limit.saturating_sub(progress.elapsed);
    let wait = wait(policy, retry_after, progress.attempt);
    if left.is_zero() || wait.at_least >= left {
        return Verdict::GiveUp(Reason::Deadline);
    }
    Verdict::Retry(Wait {
        window: wait.window.min(left),
        ..wait
    })
}

/// The wait after an attempt, without regard to the operation's time. After a 429 all requests of the process keep it,
/// also when the one that met it gives up.
pub fn wait(policy: &Retry, retry_after: Option<Duration>, attempt: u32) -> Wait {
    Wait {
        at_least: retry_after.unwrap_or_default().min(policy.max_backoff),
        window: backoff::window(policy, attempt),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: Retry = Retry {
        max_attempts: 4,
        min_backoff: Duration::from_millis(500),
        max_backoff: Duration::from_secs(30),
    };

    fn progress(attempt: u32, elapsed: u64) -> Progress {
        Progress {
            attempt,
            elapsed: Duration::from_secs(elapsed),
            limit: Duration::from_secs(120),
        }
    }

    fn retried(class: Class, outcome: Outcome) -> bool {
        matches!(
            verdict(&POLICY, class, outcome, None, progress(1, 0)),
            Verdict::Retry(_)
        )
    }

    #[test]
    fn which_outcomes_are_retried() {
        use Class::{Create, Deliver, Read, Remove, Replace};
        use Outcome::{Answered, NeverConnected, Unanswered, Unsendable, Untrusted};
        // outcome, for GET, PUT and DELETE, for both kinds of POST
        let table = [
            (Answered(408), true, false),
            (Answered(429), true, true),
            (Answered(500), true, false),
            (Answered(501), false, false),
            (Answered(502), true, false),
            (Answered(503), true, false),
            (Answered(504), true, false),
            (Answered(599), true, false),
            (NeverConnected, true, true),
            (Unanswered, true, false),
            (Untrusted, false, false),
            (Unsendable, false, false),
            (Answered(301), false, false),
            (Answered(307), false, false),
            (Answered(400), false, false),
            (Answered(401), false, false),
            (Answered(403), false, false),
            (Answered(404), false, false),
            (Answered(409), false, false),
            (Answered(413), false, false),
            (Answered(422), false, false),
            (Answered(425), false, false),
            (Answered(600), false, false),
        ];
        for (outcome, repeatable, post) in table {
            for class in [Read, Replace, Remove] {
                assert_eq!(retried(class, outcome), repeatable, "{class:?} {outcome:?}");
            }
            for class in [Create, Deliver] {
                assert_eq!(retried(class, outcome), post, "{class:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn success_is_done() {
        for status in [200, 201, 202, 204, 299] {
            let verdict = verdict(
                &POLICY,
                Class::Create,
                Outcome::Answered(status),
                None,
                progress(4, 500),
            );
            assert_eq!(verdict, Verdict::Done);
        }
    }

    #[test]
    fn attempts_and_time_run_out() {
        let outcome = Outcome::Answered(503);
        let after = |attempt, elapsed, retry_after: Option<u64>| {
            let retry_after = retry_after.map(Duration::from_secs);
            verdict(
                &POLICY,
                Class::Read,
                outcome,
                retry_after,
                progress(attempt, elapsed),
            )
        };
        assert!(matches!(after(3, 0, None), Verdict::Retry(_)));
        assert_eq!(after(4, 0, None), Verdict::GiveUp(Reason::AttemptsUsed));
        assert_eq!(after(1, 120, None), Verdict::GiveUp(Reason::Deadline));
        assert_eq!(after(1, 95, Some(3600)), Verdict::GiveUp(Reason::Deadline));
        assert!(
            matches!(after(1, 80, Some(3600)), Verdict::Retry(Wait { at_least, .. }) if at_least == POLICY.max_backoff)
        );
    }

    #[test]
    fn what_leaves_a_create_in_doubt() {
        for status in [303, 408, 500, 502, 503, 504] {
            assert!(Outcome::Answered(status).leaves_doubt(), "{status}");
        }
        for status in [
            200, 204, 301, 307, 400, 401, 403, 404, 409, 413, 422, 429, 501,
        ] {
            assert!(!Outcome::Answered(status).leaves_doubt(), "{status}");
        }
        assert!(Outcome::Unanswered.leaves_doubt());
        for outcome in [
            Outcome::NeverConnected,
            Outcome::Untrusted,
            Outcome::Unsendable,
        ] {
            assert!(!outcome.leaves_doubt(), "{outcome:?}");
        }
    }

    fn class() -> impl Strategy<Value = Class> {
        prop_oneof![
            Just(Class::Read),
            Just(Class::Replace),
            Just(Class::Remove),
            Just(Class::Create),
            Just(Class::Deliver),
        ]
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            (100_u16..700).prop_map(Outcome::Answered),
            Just(Outcome::NeverConnected),
            Just(Outcome::Untrusted),
            Just(Outcome::Unsendable),
            Just(Outcome::Unanswered),
        ]
    }

    proptest! {
        #[test]
        fn bounds_hold(
            class in class(),
            outcome in outcome(),
            max_attempts in 1_u32..1000,
            min in 1_u64..100_000,
            span in 0_u64..100_000,
            retry_after in proptest::option::of(any::<u64>()),
            attempt in 1_u32..2000,
            elapsed in any::<u32>(),
            limit in any::<u32>(),
            random in 0.0_f64..1.0,
        ) {
            let policy = Retry {
                max_attempts,
                min_backoff: Duration::from_millis(min),
                max_backoff: Duration::from_millis(min + span),
            };
            let progress = Progress {
                attempt,
                elapsed: Duration::from_millis(elapsed.into()),
                limit: Duration::from_millis(limit.into()),
            };
            let verdict = verdict(&policy, class, outcome, retry_after.map(Duration::from_secs), progress);
            if let Verdict::Retry(wait) = verdict {
                let length = wait.jittered(random);
                prop_assert!(attempt < max_attempts);
                prop_assert!(length <= policy.max_backoff);
                prop_assert!(progress.elapsed + length <= progress.limit);
                if let Some(asked) = retry_after {
                    prop_assert!(length >= policy.max_backoff.min(Duration::from_secs(asked)));
                }
                if matches!(class, Class::Create | Class::Deliver) {
                    prop_assert!(matches!(outcome, Outcome::NeverConnected | Outcome::Answered(429)));
                    prop_assert!(!outcome.leaves_doubt());
                }
            }
            if let Outcome::Answered(200..=299) = outcome {
                prop_assert_eq!(verdict, Verdict::Done);
            } else {
                prop_assert_ne!(verdict, Verdict::Done);
            }
        }
    }
}
