//! What the simulator remembers of the requests that it was sent. Never the token.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use hyper::body::Bytes;
use serde_json::Value;

use crate::fault::FaultId;
use crate::route::Route;

/// A request to the API, as it came and as it was answered.
#[derive(Clone)]
pub struct RecordedRequest {
    /// Counted from 0 over the simulator's life.
    pub number: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, from the first slash on.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// Which call it was.
    pub route: Route,
    /// The id of the webhook in the path.
    pub webhook: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// Whether the right token came along.
    pub authorized: bool,
    /// The body.
    pub body: Bytes,
    /// The fault that struck it.
    pub fault: Option<FaultId>,
    /// The status of the answer; `None` while there is none, and for one that was reset.
    pub status: Option<u16>,
    /// When it had been read.
    pub arrived: Instant,
    /// When it was over, answered or not.
    pub ended: Option<Instant>,
}

/// Shows the body's length only: it may hold a signing key.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("number", &self.number)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("user_agent", &self.user_agent)
            .field("authorized", &self.authorized)
            .field("body_length", &self.body.len())
            .field("fault", &self.fault)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl RecordedRequest {
    /// The body as JSON; `None` when it is not.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The requests so far, since the last clearing.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    kept: VecDeque<RecordedRequest>,
    next: u64,
    in_flight: usize,
    peak: usize,
}

impl Requests {
    /// Takes a request in and gives it its number.
    pub(crate) fn arrive(&mut self, mut request: RecordedRequest, keep: bool) -> u64 {
        let number = self.next;
        self.next += 1;
        self.in_flight += 1;
        self.peak = self.peak.max(self.in_flight);
        if keep {
            request.number = number;
            self.kept.push_back(request);
        }
        number
    }

    /// Says how the request ended.
    pub(crate) fn end(&mut self, number: u64, status: Option<u16>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // Numbers ascend but need not be without gaps: recording may have been off for a while.
        let Ok(place) = self.kept.binary_search_by_key(&number, |kept| kept.number) else {
            return;
        };
        if let Some(kept) = self.kept.get_mut(place) {
            kept.status = status;
            kept.ended = Some(Instant::now());
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &RecordedRequest> {
        self.kept.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.peak = self.in_flight;
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak
    }
}
