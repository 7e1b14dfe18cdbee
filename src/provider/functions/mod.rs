//! Functions: offline and pure.

pub(super) mod endpoint;
pub(super) mod signature;
