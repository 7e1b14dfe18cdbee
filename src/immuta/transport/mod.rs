//! How one request gets a response. Knows no webhook.
//!
//! [`sender`] is the one loop around an attempt, [`http`] makes one attempt. What is decided in between is pure:
//! [`retry`] and [`backoff`]. [`report`] is what messages and logs say of a request.

use std::time::Duration;

use async_trait::async_trait;

use self::request::Request;
use self::response::{Response, TransportError};

pub(super) mod backoff;
pub(super) mod error_body;
pub(super) mod http;
pub(super) mod operation;
pub(super) mod rate_limit;
pub(super) mod report;
pub(super) mod request;
pub(super) mod response;
pub(super) mod retry;
pub(super) mod sender;
mod trust_store;

/// What makes one attempt.
#[async_trait]
pub(super) trait Transport: Send + Sync {
    /// Sends the request once; ends within the time.
    async fn attempt(&self, request: &Request, time: Duration) -> Result<Response, TransportError>;
}
