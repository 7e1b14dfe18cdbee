//! Data sources.

pub(super) mod webhook_test;
