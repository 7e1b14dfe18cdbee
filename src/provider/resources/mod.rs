//! Resources.

pub(super) mod webhook;
