//! Ephemeral resources.

pub(super) mod webhook_test;
