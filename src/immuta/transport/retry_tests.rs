use proptest::prelude::*;

use super::*;

const POLICY: RetryPolicy = RetryPolicy {
    max_attempts: 4,
    min_backoff: Duration::from_millis(500),
    max_backoff: Duration::from_secs(30),
};

fn state(attempt: u32, elapsed: u64) -> RetryState {
    RetryState {
        attempt,
        elapsed: Duration::from_secs(elapsed),
        limit: Duration::from_secs(120),
    }
}

fn retried(kind: RequestKind, outcome: AttemptOutcome) -> bool {
    matches!(
        decide(&POLICY, kind, outcome, None, state(1, 0)),
        RetryDecision::Retry(_)
    )
}

#[test]
fn which_outcomes_are_retried() {
    use AttemptOutcome::{KnownUnprocessed, NoResponse, Status, Unsendable};
    use RequestKind::{Create, Delete, Read, TestDelivery, Update};
    // outcome, for GET, PUT and DELETE, for both kinds of POST
    let table = [
        (Status(408), true, false),
        (Status(429), true, true),
        (Status(500), true, false),
        (Status(501), false, false),
        (Status(502), true, false),
        (Status(503), true, false),
        (Status(504), true, false),
        (Status(599), true, false),
        (KnownUnprocessed, true, true),
        (NoResponse, true, false),
        (Unsendable, false, false),
        (Status(301), false, false),
        (Status(307), false, false),
        (Status(400), false, false),
        (Status(401), false, false),
        (Status(403), false, false),
        (Status(404), false, false),
        (Status(409), false, false),
        (Status(413), false, false),
        (Status(422), false, false),
        (Status(425), false, false),
        (Status(600), false, false),
    ];
    for (outcome, idempotent, post) in table {
        for kind in [Read, Update, Delete] {
            assert_eq!(retried(kind, outcome), idempotent, "{kind:?} {outcome:?}");
        }
        for kind in [Create, TestDelivery] {
            assert_eq!(retried(kind, outcome), post, "{kind:?} {outcome:?}");
        }
    }
}

#[test]
fn success_is_done() {
    for status in [200, 201, 202, 204, 299] {
        let decision = decide(
            &POLICY,
            RequestKind::Create,
            AttemptOutcome::Status(status),
            None,
            state(4, 500),
        );
        assert_eq!(decision, RetryDecision::Done);
    }
}

#[test]
fn attempts_and_time_run_out() {
    let outcome = AttemptOutcome::Status(503);
    let after = |attempt, elapsed, retry_after: Option<u64>| {
        let retry_after = retry_after.map(Duration::from_secs);
        decide(
            &POLICY,
            RequestKind::Read,
            outcome,
            retry_after,
            state(attempt, elapsed),
        )
    };
    assert!(matches!(after(3, 0, None), RetryDecision::Retry(_)));
    assert_eq!(
        after(4, 0, None),
        RetryDecision::GiveUp(GiveUpReason::AttemptsExhausted)
    );
    assert_eq!(
        after(1, 120, None),
        RetryDecision::GiveUp(GiveUpReason::DeadlineExceeded)
    );
    assert_eq!(
        after(1, 95, Some(3600)),
        RetryDecision::GiveUp(GiveUpReason::DeadlineExceeded)
    );
    assert!(
        matches!(after(1, 80, Some(3600)), RetryDecision::Retry(Wait { at_least, .. }) if at_least == POLICY.max_backoff)
    );
}

#[test]
fn which_outcomes_are_ambiguous() {
    for status in [303, 408, 500, 502, 503, 504] {
        assert!(AttemptOutcome::Status(status).is_ambiguous(), "{status}");
    }
    for status in [
        200, 204, 301, 307, 400, 401, 403, 404, 409, 413, 422, 429, 501,
    ] {
        assert!(!AttemptOutcome::Status(status).is_ambiguous(), "{status}");
    }
    assert!(AttemptOutcome::NoResponse.is_ambiguous());
    for outcome in [AttemptOutcome::KnownUnprocessed, AttemptOutcome::Unsendable] {
        assert!(!outcome.is_ambiguous(), "{outcome:?}");
    }
}

fn kind() -> impl Strategy<Value = RequestKind> {
    prop_oneof![
        Just(RequestKind::Read),
        Just(RequestKind::Update),
        Just(RequestKind::Delete),
        Just(RequestKind::Create),
        Just(RequestKind::TestDelivery),
    ]
}

fn outcome() -> impl Strategy<Value = AttemptOutcome> {
    prop_oneof![
        (100_u16..700).prop_map(AttemptOutcome::Status),
        Just(AttemptOutcome::KnownUnprocessed),
        Just(AttemptOutcome::Unsendable),
        Just(AttemptOutcome::NoResponse),
    ]
}

proptest! {
    #[test]
    fn bounds_hold(
        kind in kind(),
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
        let policy = RetryPolicy {
            max_attempts,
            min_backoff: Duration::from_millis(min),
            max_backoff: Duration::from_millis(min + span),
        };
        let state = RetryState {
            attempt,
            elapsed: Duration::from_millis(elapsed.into()),
            limit: Duration::from_millis(limit.into()),
        };
        let decision = decide(&policy, kind, outcome, retry_after.map(Duration::from_secs), state);
        if let RetryDecision::Retry(wait) = decision {
            let length = wait.jittered(random);
            prop_assert!(attempt < max_attempts);
            prop_assert!(length <= policy.max_backoff);
            prop_assert!(state.elapsed + length <= state.limit);
            if let Some(asked) = retry_after {
                prop_assert!(length >= policy.max_backoff.min(Duration::from_secs(asked)));
            }
            if matches!(kind, RequestKind::Create | RequestKind::TestDelivery) {
                prop_assert!(matches!(outcome, AttemptOutcome::KnownUnprocessed | AttemptOutcome::Status(429)));
                prop_assert!(!outcome.is_ambiguous());
            }
        }
        if let AttemptOutcome::Status(200..=299) = outcome {
            prop_assert_eq!(decision, RetryDecision::Done);
        } else {
            prop_assert_ne!(decision, RetryDecision::Done);
        }
    }
}
