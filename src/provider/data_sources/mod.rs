//! Data sources.

pub(super) mod current_user;
pub(super) mod webhook;
pub(super) mod webhook_deliveries;
pub(super) mod webhook_test;
pub(super) mod webhooks;
