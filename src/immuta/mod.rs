//! The API of the Immuta Request app.
//!
//! [`Webhooks`] is the only thing that callers use: read, list, create, update, delete, test, history and the current
//! user. One is made for each configuration of the provider, and everything that must be shared by the operations of
//! a process lives in it. This room knows nothing of Terraform.
//!
//! Decisions are pure functions over plain values: whether to retry ([`retry`]), what a 404 means (`reading`), which
//! webhook may be adopted (`claims`). IO is thin and at the edge: `send` (the one loop around an attempt) and `http` (one
//! attempt).

pub mod models;
pub mod retry;
pub mod webhook_url;

mod backoff;
mod body;
mod claims;
mod create;
mod delete;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod history;
mod hold;
mod http;
mod list;
mod lookup;
mod operation;
mod reading;
mod request;
pub mod salvage;
mod scrub;
mod segment;
mod send;
pub mod settings;
mod told;
mod update;
mod webhook_id;
mod webhook_list;
mod webhooks;

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod test_api;
#[cfg(test)]
mod test_server;

pub use create::Creation;
pub use delete::Deletion;
pub use error::{Error, ErrorKind};
pub use models::{Delivery, Difference, TestResult, TestStatus, User, Webhook, WebhookSpec};
pub use reading::Reading;
pub use segment::{Segment, UnknownSegment};
pub use settings::{Retry, Settings, check_base_url, check_ca_cert_pem};
pub use update::Update;
pub use webhook_id::check_webhook_id;
pub use webhooks::Webhooks;
