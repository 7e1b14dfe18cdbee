//! ephemeral_resources.
