//! After a 429 all requests of the process wait, not only the one that met it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Until when no request is sent.
#[derive(Debug, Default)]
pub(crate) struct RateLimitPause(Mutex<Option<Instant>>);

impl RateLimitPause {
    /// Pauses until then, or longer if a longer pause is in force.
    pub(crate) fn extend(&self, until: Instant) {
        let mut paused = self.paused();
        *paused = (*paused).max(Some(until));
    }

    /// Until when, if that is not over.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        (*self.paused()).filter(|until| *until > now)
    }

    fn paused(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_counts() {
        let pause = RateLimitPause::default();
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(pause.until(now), None);
        pause.extend(now + 2 * second);
        pause.extend(now + second);
        assert_eq!(pause.until(now), Some(now + 2 * second));
        assert_eq!(pause.until(now + 2 * second), None);
    }
}
