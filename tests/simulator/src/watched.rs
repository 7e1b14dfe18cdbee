//! A value behind a lock whose changes can be awaited.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A value behind a lock whose changes can be awaited.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    inner: Mutex<Inner<T>>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner<T> {
    value: T,
    /// Counts the changes.
    generation: u64,
    /// Nobody is woken when nobody waits: waking costs a system call.
    waiters: u32,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T) -> Watched<T> {
        Watched {
            inner: Mutex::new(Inner {
                value,
                generation: 0,
                waiters: 0,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        // A test that panicked while it looked at the state leaves the state usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the value and wakes those who wait.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut inner = self.lock();
        let result = change(&mut inner.value);
        inner.generation += 1;
        if inner.waiters > 0 {
            self.changed.notify_all();
        }
        result
    }

    /// Looks at the value.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock().value)
    }

    /// Waits until `ready` holds, asking it again after each change; false when that took longer than `bound`.
    /// `ready` is called without the lock.
    pub(crate) fn wait(&self, bound: Duration, mut ready: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + bound;
        loop {
            let seen = self.lock().generation;
            if ready() {
                return true;
            }
            let mut inner = self.lock();
            inner.waiters += 1;
            while inner.generation == seen {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    inner.waiters -= 1;
                    return false;
                }
                inner = self
                    .changed
                    .wait_timeout(inner, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
            inner.waiters -= 1;
        }
    }
}
