//! One operation of a handler: its time, its stop signal, how often its requests are tried.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A write that was sent when Terraform asked to stop may take so long to finish, so that its outcome is saved. A look at
/// what became of a write gets at least as much, unless Terraform asked to stop: then both share it.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// One operation. Clones are the same operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    started: Instant,
    /// The whole time, from the start.
    limit: Duration,
    stop: CancellationToken,
    /// When the stop was first noticed.
    stopped_at: Arc<OnceLock<Instant>>,
    /// Instead of the settings' number of attempts.
    pub(crate) max_attempts: Option<u32>,
    /// It finds out what became of a write: it may even begin after the stop, within the grace.
    settles: bool,
}

impl Operation {
    pub(crate) fn new(limit: Duration, stop: &CancellationToken) -> Operation {
        Operation {
            started: Instant::now(),
            limit,
            stop: stop.clone(),
            stopped_at: Arc::default(),
            max_attempts: None,
            settles: false,
        }
    }

    /// The same with another number of attempts for each request.
    pub(crate) fn with_attempts(&self, max_attempts: u32) -> Operation {
        Operation {
            max_attempts: Some(max_attempts),
            ..self.clone()
        }
    }

    /// The same operation, finding out what became of its write.
    pub(crate) fn settling(&self) -> Operation {
        Operation {
            limit: self.limit.max(self.elapsed() + GRACE),
            max_attempts: Some(2),
            settles: true,
            ..self.clone()
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// When its time is over.
    pub(crate) fn deadline(&self) -> Instant {
        self.started + self.limit
    }

    /// Time left; zero when it is over.
    pub(crate) fn left(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// Whether nothing more may be begun.
    pub(crate) fn is_stopped(&self) -> bool {
        if !self.stop.is_cancelled() {
            return false;
        }
        let at = *self.stopped_at.get_or_init(Instant::now);
        !self.settles || at.elapsed() >= GRACE
    }

    /// Ends when nothing more may be waited for.
    pub(crate) async fn stopped(&self) {
        if self.settles {
            self.grace_over().await
        } else {
            self.noticed().await
        }
    }

    /// Ends when a write that was sent may not take longer.
    pub(crate) async fn grace_over(&self) {
        self.noticed().await;
        let at = *self.stopped_at.get_or_init(Instant::now);
        sleep_until(at + GRACE).await;
    }

    async fn noticed(&self) {
        self.stop.cancelled().await;
        self.stopped_at.get_or_init(Instant::now);
    }

    /// Awaits something that is not a request of this operation: another's turn, a shared answer.
    pub(crate) async fn patiently<T>(
        &self,
        awaited: impl Future<Output = T>,
    ) -> Result<T, Impatience> {
        if self.is_stopped() {
            return Err(Impatience::Stopped);
        }
        tokio::select! {
            biased;
            () = self.stopped() => Err(Impatience::Stopped),
            value = awaited => Ok(value),
            () = sleep_until(self.deadline()) => Err(Impatience::Deadline),
        }
    }
}

/// Why something was not awaited to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Impatience {
    Stopped,
    Deadline,
}
