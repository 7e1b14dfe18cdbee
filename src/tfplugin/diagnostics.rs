//! Errors and warnings for the user, with the attribute that they are about.

use super::{path::Path, proto};

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on, and the user should know something.
    Warning,
}

/// One message for the user.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Diagnostic, path::Path};
///
/// let error = Diagnostic::error("Shelf is full", "The shelf of the book is full. Choose another.")
///     .at(Path::attribute("shelf"));
/// assert!(error.is_error());
/// assert_eq!(error.attribute, Some(Path::attribute("shelf")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One short line, without a full stop.
    pub summary: String,
    /// What was being done, what went wrong, and what to do next.
    pub detail: String,
    /// The attribute of the configuration that the message is about.
    pub attribute: Option<Path>,
    /// Others that are shown with it.
    others: Vec<Diagnostic>,
}

impl Diagnostic {
    /// An error about the whole object.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            attribute: None,
            others: Vec::new(),
        }
    }

    /// A warning about the whole object.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary, detail)
        }
    }

    /// An error that only a bug in the provider can cause.
    pub fn bug(detail: impl std::fmt::Display) -> Self {
        Self::error(
            "Internal error of the provider",
            format!(
                "{detail}\n\nThis is a bug in the provider. Please report it, with this message, in the provider's issue tracker."
            ),
        )
    }

    /// The same message, about the attribute at `path`.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.attribute = Some(path);
        self
    }

    /// The same message, and another with it. So several errors can stand where an outcome has one.
    ///
    /// ```
    /// use terraform_provider_immuta::tfplugin::Diagnostic;
    ///
    /// let errors = ["title", "shelf"].map(|name| Diagnostic::error("Missing value", name));
    /// let error = errors.into_iter().reduce(Diagnostic::and);
    /// assert_eq!(error.map(|error| error.detail).as_deref(), Some("title"));
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.others.push(other);
        self
    }

    /// This one, and those that were added to it.
    pub(super) fn into_each(mut self) -> Vec<Self> {
        let others = std::mem::take(&mut self.others);
        let others = others.into_iter().flat_map(Self::into_each);
        [self].into_iter().chain(others).collect()
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl From<Diagnostic> for proto::Diagnostic {
    fn from(diagnostic: Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => proto::diagnostic::Severity::Error,
            Severity::Warning => proto::diagnostic::Severity::Warning,
        };
        Self {
            severity: severity.into(),
            summary: diagnostic.summary,
            detail: diagnostic.detail,
            attribute: diagnostic.attribute.as_ref().map(Into::into),
        }
    }
}
