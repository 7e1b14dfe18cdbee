//! Helpers for the tests of this module.

pub(super) mod api;
pub(super) mod server;
