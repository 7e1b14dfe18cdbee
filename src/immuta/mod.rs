//! The API of the Immuta Request app.

pub mod models;
pub mod webhook_url;

mod create;
mod delete;
mod error;
mod reading;
mod segment;
pub mod settings;
mod update;
mod webhooks;

pub use create::Creation;
pub use delete::Deletion;
pub use error::{Error, ErrorKind};
pub use models::{Delivery, Difference, TestResult, TestStatus, User, Webhook, WebhookSpec};
pub use reading::Reading;
pub use segment::{Segment, UnknownSegment};
pub use settings::{Retry, Settings, check_base_url, check_ca_cert_pem};
pub use update::Update;
pub use webhooks::Webhooks;
