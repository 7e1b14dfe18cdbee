//! List resources.

pub(super) mod webhook;
