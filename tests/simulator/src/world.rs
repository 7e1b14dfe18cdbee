//! Everything that the simulated Immuta knows, and what it was set to do wrong.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::behaviour::{Behaviour, RateLimit};
use crate::delivery::Courier;
use crate::fault::Faults;
use crate::receiver::Inbox;
use crate::recorded::Requests;
use crate::store::Store;
use crate::user::default_user;
use crate::watched::Watched;

/// The state of one simulator.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    pub(crate) behaviour: Behaviour,
    pub(crate) requests: Requests,
    pub(crate) user: Value,
    pub(crate) token: String,
    window: Option<Window>,
}

/// Neither the token nor what was sent.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("store", &self.store)
            .field("faults", &self.faults)
            .field("behaviour", &self.behaviour)
            .finish_non_exhaustive()
    }
}

/// A window of the rate limit.
#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    calls: u32,
}

impl World {
    pub(crate) fn new(token: String, behaviour: Behaviour) -> World {
        World {
            store: Store::default(),
            faults: Faults::default(),
            behaviour,
            requests: Requests::default(),
            user: default_user(),
            token,
            window: None,
        }
    }

    /// Counts a call at `now`; how long to wait when it is one too many.
    pub(crate) fn over_limit(&mut self, now: Instant) -> Option<(RateLimit, Duration)> {
        let limit = self.behaviour.rate_limit?;
        let window = match self.window {
            Some(window) if now.duration_since(window.began) < limit.window => window,
            _ => Window {
                began: now,
                calls: 0,
            },
        };
        let window = Window {
            calls: window.calls.saturating_add(1),
            ..window
        };
        self.window = Some(window);
        let left = limit
            .window
            .saturating_sub(now.duration_since(window.began));
        (window.calls > limit.calls).then_some((limit, left))
    }
}

/// What the server's thread and the test share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: Watched<World>,
    pub(crate) courier: Courier,
    /// The receiver whose deliveries the admin routes show.
    pub(crate) inbox: Option<Arc<Inbox>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_so_many_calls_through() {
        let mut world = World::new(String::new(), Behaviour::default());
        let start = Instant::now();
        assert!(world.over_limit(start).is_none());
        world.behaviour.rate_limit = Some(RateLimit {
            calls: 2,
            window: Duration::from_secs(10),
            retry_after: true,
        });
        assert!(world.over_limit(start).is_none());
        let later = start + Duration::from_secs(4);
        assert!(world.over_limit(later).is_none());
        let (_, left) = world.over_limit(later).unwrap();
        assert_eq!(left, Duration::from_secs(6));
        assert!(world.over_limit(start + Duration::from_secs(10)).is_none());
    }
}
