//! What came back from a call: an answer, the provider's own diagnostics, and what core would
//! complain about.

use std::fmt;

use crate::proto;

/// A message of the provider to the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// An error; otherwise a warning.
    pub error: bool,
    /// One line.
    pub summary: String,
    /// What happened and what to do.
    pub detail: String,
    /// The attribute that it is about, as in `url` or `retry.max_attempts`.
    pub attribute: Option<String>,
}

impl Diagnostic {
    /// Reads a diagnostic from the wire.
    pub fn read(diagnostic: &proto::Diagnostic) -> Diagnostic {
        Diagnostic {
            error: diagnostic.severity() != proto::diagnostic::Severity::Warning,
            summary: diagnostic.summary.clone(),
            detail: diagnostic.detail.clone(),
            attribute: diagnostic.attribute.as_ref().map(path),
        }
    }
}

/// An attribute path as text: `url`, `retry.max_attempts`, `list[0]`, `map["k"]`.
pub fn path(path: &proto::AttributePath) -> String {
    use proto::attribute_path::step::Selector;
    let mut text = String::new();
    for step in &path.steps {
        match &step.selector {
            Some(Selector::AttributeName(name)) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Some(Selector::ElementKeyString(key)) => text.push_str(&format!("[{key:?}]")),
            Some(Selector::ElementKeyInt(key)) => text.push_str(&format!("[{key}]")),
            None => text.push_str(".?"),
        }
    }
    text
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.error { "Error" } else { "Warning" };
        write!(f, "{kind}: {}", self.summary)?;
        if let Some(attribute) = &self.attribute {
            write!(f, " (on {attribute})")?;
        }
        if !self.detail.is_empty() {
            write!(f, "\n{}", self.detail)?;
        }
        Ok(())
    }
}

/// A rule that an answer breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Whose rule it is.
    pub law: Law,
    /// The headline that core prints, as in "Provider produced invalid plan".
    pub summary: String,
    /// What is wrong, in core's words where they are known.
    pub text: String,
}

/// Whose rule a violation breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Core complains, and fails the command.
    Core,
    /// Core accepts it silently, to the user's harm: something is forgotten or invented.
    Silent,
}

impl Violation {
    /// A breach of a rule that core enforces.
    pub fn core(summary: &str, text: impl Into<String>) -> Violation {
        Violation {
            law: Law::Core,
            summary: summary.to_owned(),
            text: text.into(),
        }
    }

    /// A breach that core does not see.
    pub fn silent(summary: &str, text: impl Into<String>) -> Violation {
        Violation {
            law: Law::Silent,
            summary: summary.to_owned(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let law = match self.law {
            Law::Core => "core",
            Law::Silent => "silent",
        };
        write!(f, "violation ({law}): {}: {}", self.summary, self.text)
    }
}

/// What one call gave. The value can be there beside errors: core saves it all the same.
#[derive(Debug, Clone)]
#[must_use]
pub struct Answer<T> {
    /// The RPC.
    pub rpc: &'static str,
    /// What the provider answered, decoded. Absent if nothing usable came.
    pub value: Option<T>,
    /// The provider's messages.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that the answer breaks.
    pub violations: Vec<Violation>,
    /// The gRPC status, if the call ended without an answer.
    pub status: Option<crate::wire::Status>,
}

impl<T> Answer<T> {
    /// An answer of a call that is just being made.
    pub fn new(rpc: &'static str) -> Answer<T> {
        Answer {
            rpc,
            value: None,
            diagnostics: Vec::new(),
            violations: Vec::new(),
            status: None,
        }
    }

    /// Whether the call failed: an error of the provider, a broken rule, or no response.
    pub fn is_err(&self) -> bool {
        self.status.is_some() || !self.violations.is_empty() || self.has_errors()
    }

    /// Whether core goes no further: an error of the provider, a complaint of core, or no response.
    pub fn stops(&self) -> bool {
        self.status.is_some()
            || self.has_errors()
            || self.violations.iter().any(|v| v.law == Law::Core)
    }

    /// Whether the provider reported an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.error)
    }

    /// The value, if the call did not fail and gave one. Warnings are dropped.
    pub fn ok(self) -> Result<T, Box<Failure>> {
        if self.is_err() || self.value.is_none() {
            return Err(Box::new(self.failure("")));
        }
        self.value
            .ok_or_else(|| Box::new(Failure::empty("", self.rpc)))
    }

    /// What failed, for a report. `subject` is the address.
    pub fn failure(&self, subject: &str) -> Failure {
        Failure {
            subject: subject.to_owned(),
            rpc: self.rpc,
            diagnostics: self.diagnostics.clone(),
            violations: self.violations.clone(),
            status: self.status.clone(),
        }
    }

    /// The same answer without its value.
    pub fn retyped<U>(self) -> Answer<U> {
        Answer {
            rpc: self.rpc,
            value: None,
            diagnostics: self.diagnostics,
            violations: self.violations,
            status: self.status,
        }
    }

    /// The same answer with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            rpc: self.rpc,
            value: self.value.map(f),
            diagnostics: self.diagnostics,
            violations: self.violations,
            status: self.status,
        }
    }
}

/// A call that failed, or warned.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What the call was about, as in `immuta_webhook.a`.
    pub subject: String,
    /// The RPC.
    pub rpc: &'static str,
    /// The provider's messages, warnings too.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that the answer breaks.
    pub violations: Vec<Violation>,
    /// The gRPC status, if the call ended without an answer.
    pub status: Option<crate::wire::Status>,
}

impl Failure {
    pub(crate) fn empty(subject: &str, rpc: &'static str) -> Failure {
        Failure {
            subject: subject.to_owned(),
            rpc,
            diagnostics: Vec::new(),
            violations: Vec::new(),
            status: None,
        }
    }

    /// Whether it is more than warnings.
    pub fn is_err(&self) -> bool {
        self.status.is_some()
            || !self.violations.is_empty()
            || self.diagnostics.iter().any(|d| d.error)
    }

    /// The provider's errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|d| d.error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rpc, self.subject)?;
        if let Some(status) = &self.status {
            write!(
                f,
                "
no response: {status}"
            )?;
        }
        for violation in &self.violations {
            write!(f, "\n{violation}")?;
        }
        for diagnostic in &self.diagnostics {
            write!(f, "\n{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
