//! The API of the Immuta Request app.
//!
//! [`Client`] is the only thing that callers use: read, list, create, update, delete, test, history and the current
//! user. One is made for each configuration of the provider, and everything that the operations of a process must
//! share lives in it. This module knows nothing of Terraform.
//!
//! | part | what it is for |
//! | --- | --- |
//! | [`ClientConfig`] | what a client is made of; each value is checked where it is parsed |
//! | [`models`] | what the API takes and returns |
//! | `transport` | how one request gets a response: attempts, retries, rate limits, errors. Knows no webhook |
//! | `webhooks` | the operations behind [`Client`] |
//!
//! Decisions are pure functions over plain values: whether to retry (`transport/retry.rs`), what a 404 means
//! (`webhooks/read_decision.rs`), which webhook may be adopted (`webhooks/adoption.rs`).

pub mod models;
pub mod webhook_url;

mod config;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod proxy;
mod redact;
mod segment;
mod transport;
mod webhook_id;
mod webhooks;

#[cfg(test)]
mod testing;

pub use config::{
    BaseUrl, CaCertificates, ClientConfig, InvalidBaseUrl, InvalidCaCertificates,
    InvalidRetryPolicy, InvalidToken, RetryPolicy, Token, TrustStore,
};
pub use error::{Error, ErrorKind};
pub use models::{Delivery, Difference, TestResult, TestStatus, User, Webhook, WebhookSpec};
pub use proxy::{InvalidProxy, Proxy};
pub use segment::{Segment, UnknownSegment};
pub use webhook_id::{InvalidWebhookId, WebhookId};
pub use webhooks::{Client, CreateOutcome, DeleteOutcome, ReadOutcome, UpdateOutcome};
