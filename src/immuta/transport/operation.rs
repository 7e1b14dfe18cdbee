//! One operation of a handler: its deadline, its cancellation, how often its requests are sent.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A write that was sent when Terraform asked to stop may take so long to finish, so that its outcome is saved. Finding
/// out what became of a write gets at least as much, unless Terraform asked to stop: then both share it.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// One operation. Clones are the same operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    started: Instant,
    /// The whole time, from the start.
    limit: Duration,
    stop: CancellationToken,
    /// When the cancellation was first seen.
    cancelled_at: Arc<OnceLock<Instant>>,
    /// Instead of the retry policy's number of attempts.
    pub(crate) max_attempts: Option<u32>,
    /// It finds out what became of a write: it may even begin after the cancellation, within the grace.
    reconciles: bool,
}

/// Why something was not awaited to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// Terraform asked to stop.
    Cancelled,
    /// The operation's time was used up.
    DeadlineExceeded,
}

impl Operation {
    pub(crate) fn new(limit: Duration, stop: &CancellationToken) -> Operation {
        Operation {
            started: Instant::now(),
            limit,
            stop: stop.clone(),
            cancelled_at: Arc::default(),
            max_attempts: None,
            reconciles: false,
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
    pub(crate) fn reconciling(&self) -> Operation {
        Operation {
            limit: self.limit.max(self.elapsed() + GRACE),
            max_attempts: Some(2),
            reconciles: true,
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
    fn is_cancelled(&self) -> bool {
        if !self.stop.is_cancelled() {
            return false;
        }
        let at = *self.cancelled_at.get_or_init(Instant::now);
        !self.reconciles || at.elapsed() >= GRACE
    }

    /// Ends when nothing more may be waited for.
    pub(crate) async fn cancelled(&self) {
        if self.reconciles {
            self.grace_over().await
        } else {
            self.stop.cancelled().await;
            self.cancelled_at.get_or_init(Instant::now);
        }
    }

    /// Ends when a write that was sent may not take longer.
    pub(crate) async fn grace_over(&self) {
        self.stop.cancelled().await;
        let at = *self.cancelled_at.get_or_init(Instant::now);
        sleep_until(at + GRACE).await;
    }

    /// Awaits something that is not a request of this operation, such as a lock or a shared response, no longer than the
    /// operation lasts.
    pub(crate) async fn bounded<T>(
        &self,
        awaited: impl Future<Output = T>,
    ) -> Result<T, Interrupted> {
        if self.is_cancelled() {
            return Err(Interrupted::Cancelled);
        }
        // Biased: after the cancellation nothing is begun, even if what is awaited is ready too.
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Interrupted::Cancelled),
            value = awaited => Ok(value),
            () = sleep_until(self.deadline()) => Err(Interrupted::DeadlineExceeded),
        }
    }
}
