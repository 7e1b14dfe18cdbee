//! When a process ends that nobody told to end.
//!
//! Core ends its plugins with a Shutdown, but a core that is killed ends nothing: no signal comes, and the
//! process would stay for ever. So it ends by itself when it serves nobody. Only connections that carried an
//! RPC count as somebody: a refused handshake or garbage on the socket neither keeps it alive nor ends it.

use std::time::{Duration, Instant};

/// How long a process waits for the first connection that carries an RPC. Core waits as long for the handshake.
pub(super) const FIRST_CONNECTION: Duration = Duration::from_mins(1);

/// How long it waits for another one after the last is gone.
pub(super) const NEXT_CONNECTION: Duration = Duration::from_secs(1);

/// How often it looks whether its parent is still the same.
pub(super) const PARENT_CHECK: Duration = Duration::from_secs(1);

/// Why a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Core asked for it.
    ShutDown,
    /// A signal asked for it.
    Signalled,
    /// Nobody connected in time.
    NobodyCame,
    /// The last connection is gone and none came after it.
    EverybodyLeft,
    /// The process that started this one is gone.
    ParentGone,
    /// The server stopped, which it never does by itself.
    ServerStopped,
}

/// A change of the connections that carry RPCs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A connection carried its first RPC.
    Joined,
    /// A connection that had carried an RPC is gone.
    Left,
}

/// How many are served, and when to give up if it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifecycle {
    served: usize,
    patience: Patience,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patience {
    until: Instant,
    then: End,
}

impl Lifecycle {
    pub(super) fn begin(now: Instant) -> Lifecycle {
        Lifecycle {
            served: 0,
            patience: Patience {
                until: now + FIRST_CONNECTION,
                then: End::NobodyCame,
            },
        }
    }

    pub(super) fn after(self, change: Change, now: Instant) -> Lifecycle {
        match change {
            Change::Joined => Lifecycle {
                served: self.served + 1,
                ..self
            },
            Change::Left => Lifecycle {
                served: self.served.saturating_sub(1),
                patience: Patience {
                    until: now + NEXT_CONNECTION,
                    then: End::EverybodyLeft,
                },
            },
        }
    }

    /// The instant to ask for the verdict again, unless something changes before it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        (self.served == 0).then_some(self.patience.until)
    }

    /// Whether it is time to end.
    pub(super) fn verdict(&self, now: Instant) -> Option<End> {
        self.deadline()
            .filter(|deadline| *deadline <= now)
            .map(|_| self.patience.then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn nobody_within_a_minute_ends_it() {
        let start = Instant::now();
        let lifecycle = Lifecycle::begin(start);
        assert_eq!(lifecycle.deadline(), Some(start + FIRST_CONNECTION));
        assert_eq!(lifecycle.verdict(start + FIRST_CONNECTION - MOMENT), None);
        assert_eq!(
            lifecycle.verdict(start + FIRST_CONNECTION),
            Some(End::NobodyCame)
        );
    }

    #[test]
    fn a_connection_that_is_served_keeps_it_for_ever() {
        let start = Instant::now();
        let lifecycle = Lifecycle::begin(start).after(Change::Joined, start + MOMENT);
        assert_eq!(lifecycle.deadline(), None);
        assert_eq!(
            lifecycle.verdict(start + Duration::from_hours(24 * 365)),
            None
        );
    }

    #[test]
    fn the_last_to_leave_ends_it_a_second_later() {
        let start = Instant::now();
        let two = Lifecycle::begin(start)
            .after(Change::Joined, start)
            .after(Change::Joined, start);
        let one = two.after(Change::Left, start + MOMENT);
        assert_eq!(one.deadline(), None);

        let left = start + 5 * FIRST_CONNECTION;
        let none = one.after(Change::Left, left);
        assert_eq!(none.verdict(left + NEXT_CONNECTION - MOMENT), None);
        assert_eq!(
            none.verdict(left + NEXT_CONNECTION),
            Some(End::EverybodyLeft)
        );
    }

    #[test]
    fn a_replacement_in_time_goes_on_and_has_its_own_second_later() {
        let start = Instant::now();
        let replaced = Lifecycle::begin(start)
            .after(Change::Joined, start)
            .after(Change::Left, start)
            .after(Change::Joined, start + NEXT_CONNECTION - MOMENT);
        assert_eq!(replaced.verdict(start + FIRST_CONNECTION), None);
        let left = start + 2 * FIRST_CONNECTION;
        let none = replaced.after(Change::Left, left);
        assert_eq!(none.deadline(), Some(left + NEXT_CONNECTION));
    }

    #[test]
    fn leaving_in_the_first_minute_does_not_wait_for_it_to_end() {
        let start = Instant::now();
        let none = Lifecycle::begin(start)
            .after(Change::Joined, start)
            .after(Change::Left, start + MOMENT);
        assert_eq!(none.deadline(), Some(start + MOMENT + NEXT_CONNECTION));
    }
}
