//! Which faults are tried: each of the simulator's, and statuses that matter beside them.

use std::time::Duration;

use immuta_simulator::{FaultKind, Reply};

use crate::rig::Pace;

/// An attempt is given up after this time, where a fault lets it wait for longer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(2000);
/// Longer than that, and shorter than two attempts.
const TOO_LATE: Duration = Duration::from_millis(3200);

/// A fault with a name for tables.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) kind: FaultKind,
}

/// Each fault of the simulator, and more.
pub(crate) fn all() -> Vec<Named> {
    let more = [
        FaultKind::Latency(TOO_LATE),
        FaultKind::AnsweredLate(TOO_LATE),
        FaultKind::Status(Reply::message(400, "No")),
        FaultKind::Status(Reply::message(401, "Not authenticated.")),
        FaultKind::Status(Reply::error(403)),
        FaultKind::Status(Reply::error(429).retry_after_seconds(3600)),
        FaultKind::Status(Reply::error(503).retry_after_seconds(3600)),
    ];
    FaultKind::samples(Duration::from_millis(30))
        .into_iter()
        .chain(more)
        .map(|kind| Named {
            name: name(&kind),
            kind,
        })
        .collect()
}

/// What users would call it.
fn name(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Latency(time) if *time > ATTEMPT_TIMEOUT => "applied after the timeout".into(),
        FaultKind::AnsweredLate(time) if *time > ATTEMPT_TIMEOUT => {
            "response after the timeout".into()
        }
        FaultKind::Latency(_) => "slow".into(),
        FaultKind::AnsweredLate(_) => "slow response".into(),
        FaultKind::Status(reply) => format!("HTTP {}", reply.status),
        FaultKind::StatusAfter(reply) => format!("HTTP {}, applied", reply.status),
        FaultKind::ResetBefore => "reset".into(),
        FaultKind::ResetAfter => "reset, applied".into(),
        FaultKind::Hang => "no response".into(),
        FaultKind::HangAfter => "no response, applied".into(),
        FaultKind::HtmlPage { status, effect } => {
            let done = if *effect { ", applied" } else { "" };
            format!("a proxy's page with HTTP {status}{done}")
        }
        FaultKind::MissingId => "a response without an id".into(),
        FaultKind::UnreadableButId => "an unparsable response with an id".into(),
        FaultKind::Oversized(_) => "a response that is too large".into(),
        FaultKind::Redirect { .. } => "a redirect".into(),
        FaultKind::EchoSecrets(status) => format!("HTTP {status} that quotes secrets"),
        other => other.name(),
    }
}

impl Named {
    /// Whether an attempt times out.
    pub(crate) fn times_out(&self) -> bool {
        match self.kind {
            FaultKind::Hang | FaultKind::HangAfter => true,
            FaultKind::Latency(time) | FaultKind::AnsweredLate(time) => time > ATTEMPT_TIMEOUT,
            _ => false,
        }
    }

    /// The same, no larger than it must be where one webhook is answered with.
    pub(crate) fn for_one_webhook(self) -> Named {
        match self.kind {
            FaultKind::Oversized(_) => Named {
                kind: FaultKind::Oversized(2 << 20),
                ..self
            },
            _ => self,
        }
    }

    /// Only attempts that are to time out have a short time.
    pub(crate) fn pace(&self) -> Pace {
        match self.times_out() {
            true => Pace {
                request: ATTEMPT_TIMEOUT,
                ..Pace::default()
            },
            false => Pace::default(),
        }
    }
}
