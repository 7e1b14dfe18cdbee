//! From an error of the API to a message for the user.

use std::fmt::Display;

use crate::{immuta, tfplugin::Diagnostic};

/// What was being done to which webhook, what the API returned, and what to do next.
pub(super) fn from_api_error(
    summary: &str,
    doing: impl Display,
    error: &immuta::Error,
) -> Diagnostic {
    Diagnostic::error(summary, format!("{doing}\n\n{error}\n\n{}", error.advice()))
}
