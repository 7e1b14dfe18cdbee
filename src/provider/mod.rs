//! The Immuta provider itself.
