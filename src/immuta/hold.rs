//! The hold: after a 429 all requests of the process wait, not only the one that met it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Until when no request is sent.
#[derive(Debug, Default)]
pub(crate) struct Hold(Mutex<Option<Instant>>);

impl Hold {
    /// Holds until then, or longer if a longer hold is in force.
    pub(crate) fn extend(&self, until: Instant) {
        let mut held = self.held();
        *held = (*held).max(Some(until));
    }

    /// Until when, if that is not over.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        (*self.held()).filter(|until| *until > now)
    }

    fn held(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_hold_counts() {
        let hold = Hold::default();
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(hold.until(now), None);
        hold.extend(now + 2 * second);
        hold.extend(now + second);
        assert_eq!(hold.until(now), Some(now + 2 * second));
        assert_eq!(hold.until(now + 2 * second), None);
    }
}
