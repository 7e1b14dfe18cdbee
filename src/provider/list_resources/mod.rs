//! list_resources.
