//! The ways in which deployments may differ, each a switch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::route::Route;

/// How the simulated deployment behaves where the API's documents leave it open. The default is the plainest reading:
/// every route there, PUT partial, nothing altered, duplicates allowed, no limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Behaviour {
    /// Calls without a route here.
    pub absent: Vec<Route>,
    /// How a call without a route is answered: 404 (NestJS's "Cannot GET …"), 405 or 501.
    pub absent_status: u16,
    /// What PUT does with what its body leaves out.
    pub put: PutStyle,
    /// The key sent on create is not kept.
    pub drop_key_on_create: bool,
    /// After an update there is no key.
    pub drop_key_on_update: bool,
    /// `verifyTls` in a request is not looked at: it is true after a create, unchanged after an update.
    pub ignore_verify_tls: bool,
    /// Responses have the url with a slash added to its path; the store keeps what was sent.
    pub normalize_url: bool,
    /// A second webhook with a url that another one has is refused with 409.
    pub forbid_duplicates: bool,
    /// More calls than this are answered with 429.
    pub rate_limit: Option<RateLimit>,
    /// Added before the effect of every call.
    #[serde(rename = "latencyMs", with = "crate::millis::option")]
    pub latency: Option<Duration>,
    /// Answers leave out `verifyTls` where true, `signingKey` and `suppressed` where false: absent means the default.
    pub omit_defaults: bool,
    /// Answers carry fields that no document tells of.
    pub extra_fields: bool,
    /// The order of a webhook's history.
    pub history_order: HistoryOrder,
    /// A page of the history never holds more than this, whatever `limit` asks.
    pub history_page_cap: Option<usize>,
    /// `POST …/webhook/test` delivers to every webhook in the store too.
    pub test_all: bool,
    /// Requests are recorded. Off saves memory in a long benchmark.
    pub record_requests: bool,
}

impl Default for Behaviour {
    fn default() -> Behaviour {
        Behaviour {
            absent: Vec::new(),
            absent_status: 404,
            put: PutStyle::Partial,
            drop_key_on_create: false,
            drop_key_on_update: false,
            ignore_verify_tls: false,
            normalize_url: false,
            forbid_duplicates: false,
            rate_limit: None,
            latency: None,
            omit_defaults: false,
            extra_fields: false,
            history_order: HistoryOrder::OldestFirst,
            history_page_cap: None,
            test_all: false,
            record_requests: true,
        }
    }
}

/// What PUT does with what its body leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PutStyle {
    /// It stays as it was.
    Partial,
    /// An absent `verifyTls` becomes true, an absent `signingKey` drops the key.
    Full,
}

/// The order of a webhook's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HistoryOrder {
    /// The newest delivery comes last.
    OldestFirst,
    /// The newest delivery comes first.
    NewestFirst,
}

/// A limit of calls in a fixed window, which begins with the first call after the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// How many calls a window allows.
    pub calls: u32,
    /// How long a window lasts.
    #[serde(rename = "windowMs", with = "crate::millis")]
    pub window: Duration,
    /// Whether the 429 carries `Retry-After`: whole seconds until the window ends, at least 1.
    pub retry_after: bool,
}
