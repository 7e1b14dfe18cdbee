//! How long to wait between attempts: the arithmetic, without the sleeping.

use std::time::{Duration, SystemTime};

use crate::immuta::config::RetryPolicy;

/// Exponential backoff: the smallest window, doubled with each attempt, up to the largest.
fn window(policy: &RetryPolicy, attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(31);
    policy
        .min_backoff
        .saturating_mul(1 << doublings)
        .min(policy.max_backoff)
}

/// A wait whose length is drawn later; see [`Wait::jittered`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// What the API asked for, clamped.
    pub(crate) at_least: Duration,
    /// The window that the wait is drawn from (full jitter).
    pub(crate) window: Duration,
}

impl Wait {
    /// The wait after an attempt, without regard to the operation's time. After a 429 all requests of the process keep
    /// it, also when the one that met it gives up.
    pub(crate) fn after(policy: &RetryPolicy, retry_after: Option<Duration>, attempt: u32) -> Wait {
        Wait {
            at_least: retry_after.unwrap_or_default().min(policy.max_backoff),
            window: window(policy, attempt),
        }
    }

    /// The length of the wait, for a random number from 0 to 1: full jitter over the window, but never less than
    /// what the API asked for.
    pub(crate) fn jittered(self, random: f64) -> Duration {
        let random = if random.is_finite() {
            random.clamp(0.0, 1.0)
        } else {
            1.0
        };
        self.window
            .mul_f64(random)
            .min(self.window)
            .max(self.at_least)
    }
}

/// Reads a `RetryPolicy-After` header: seconds, or an HTTP date (RFC 9110, 10.2.3). A date that has passed is no wait.
pub(crate) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits are a very long wait, which is clamped anyway.
        return Some(Duration::from_secs(
            header.parse().unwrap_or(u64::from(u32::MAX)),
        ));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_double_up_to_the_largest() {
        let policy = RetryPolicy::default();
        let windows =
            [1, 2, 3, 4, 7, 8, 33, u32::MAX].map(|attempt| window(&policy, attempt).as_millis());
        assert_eq!(
            windows,
            [500, 1000, 2000, 4000, 30_000, 30_000, 30_000, 30_000]
        );
    }

    #[test]
    fn jitter_covers_the_window_and_keeps_what_was_asked() {
        let wait = Wait {
            at_least: Duration::from_secs(1),
            window: Duration::from_secs(4),
        };
        assert_eq!(wait.jittered(0.0), Duration::from_secs(1));
        assert_eq!(wait.jittered(0.5), Duration::from_secs(2));
        assert_eq!(wait.jittered(1.0), Duration::from_secs(4));
        assert_eq!(wait.jittered(f64::NAN), Duration::from_secs(4));
        assert_eq!(wait.jittered(-1.0), Duration::from_secs(1));
    }

    #[test]
    fn retry_after_headers() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (header, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999999999", Some(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(
                retry_after(header, now),
                seconds.map(Duration::from_secs),
                "{header:?}"
            );
        }
    }
}
