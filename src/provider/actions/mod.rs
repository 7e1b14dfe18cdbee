//! Actions.

pub(super) mod webhook_test;
