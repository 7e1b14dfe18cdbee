//! Which faults are tried: each of the simulator's, and statuses that matter beside them.

use std::time::Duration;

use immuta_simulator::{FaultKind, Reply};

use crate::rig::Pace;

/// An attempt is given up after this time, where a fault lets it wait for longer.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Longer than that.
const TOO_LATE: Duration = Duration::from_millis(2200);

/// A fault with a name for tables.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) kind: FaultKind,
}

/// Each fault of the simulator, and more.
pub(crate) fn all() -> Vec<Named> {
    let of = |kind: FaultKind| Named {
        name: kind.name(),
        kind,
    };
    let mut all: Vec<Named> = FaultKind::samples(Duration::from_millis(30))
        .into_iter()
        .map(of)
        .collect();
    all.extend([
        Named {
            name: "effect after the timeout".to_owned(),
            kind: FaultKind::Latency(TOO_LATE),
        },
        Named {
            name: "answer after the timeout".to_owned(),
            kind: FaultKind::AnsweredLate(TOO_LATE),
        },
        of(FaultKind::Status(Reply::message(400, "No"))),
        of(FaultKind::Status(Reply::message(401, "Not authenticated."))),
        of(FaultKind::Status(Reply::error(403))),
        of(FaultKind::Status(
            Reply::error(429).retry_after_seconds(3600),
        )),
        of(FaultKind::Status(
            Reply::error(503).retry_after_seconds(3600),
        )),
    ]);
    all
}

impl Named {
    /// Whether an attempt times out.
    pub(crate) fn outlasts_patience(&self) -> bool {
        match self.kind {
            FaultKind::Hang | FaultKind::HangAfter => true,
            FaultKind::Latency(time) | FaultKind::AnsweredLate(time) => time > PATIENCE,
            _ => false,
        }
    }

    /// Only attempts that are to time out have a short time.
    pub(crate) fn pace(&self) -> Pace {
        match self.outlasts_patience() {
            true => Pace {
                request: PATIENCE,
                ..Pace::default()
            },
            false => Pace::default(),
        }
    }
}
