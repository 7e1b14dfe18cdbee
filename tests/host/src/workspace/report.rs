//! What a command did, and what it has to tell.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostic::{Answer, Diagnostic, Failure, Violation};
use crate::state::State;
use crate::value::Value;

/// What a command is to do with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Replace it, because of these attributes (none where it was tainted or asked for).
    Replace(Vec<String>),
    /// Remove it.
    Delete,
    /// Put off by the provider.
    Deferred,
}

/// A planned change of one object.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is to be done.
    pub action: Action,
    /// The object as the plan found it, refreshed.
    pub before: Option<State>,
    /// The planned object; null where it goes.
    pub planned: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
}

/// What a command did, and what it has to tell.
#[derive(Clone, Default)]
pub struct Report {
    /// The planned changes by address.
    pub changes: BTreeMap<String, Change>,
    /// Failures and warnings, call by call.
    pub failures: Vec<Failure>,
    /// The state as the plan found it.
    pub(super) refreshed: BTreeMap<String, State>,
}

/// A command that failed.
pub type Failed = Box<Report>;

impl Report {
    /// What is to be done with the object at this address.
    pub fn action(&self, address: &str) -> &Action {
        self.changes
            .get(address)
            .map_or(&Action::NoOp, |change| &change.action)
    }

    /// Whether nothing is to be done ("No changes").
    pub fn is_noop(&self) -> bool {
        self.changes.values().all(|c| c.action == Action::NoOp)
    }

    /// What the object at this address was found to be.
    pub fn found(&self, address: &str) -> Option<&State> {
        self.refreshed.get(address)
    }

    /// The provider's errors.
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.failures.iter().flat_map(Failure::errors).collect()
    }

    /// The provider's warnings, each once as the CLI shows them.
    pub fn warnings(&self) -> Vec<&Diagnostic> {
        let mut found: Vec<&Diagnostic> = Vec::new();
        for failure in &self.failures {
            for diagnostic in failure.diagnostics.iter().filter(|d| !d.error) {
                if !found.contains(&diagnostic) {
                    found.push(diagnostic);
                }
            }
        }
        found
    }

    /// The broken rules.
    pub fn violations(&self) -> Vec<&Violation> {
        self.failures.iter().flat_map(|f| &f.violations).collect()
    }

    /// Whether calls ended without an answer.
    pub fn lost_calls(&self) -> usize {
        self.failures.iter().filter(|f| f.status.is_some()).count()
    }

    pub(super) fn failed(&self) -> bool {
        self.failures.iter().any(Failure::is_err)
    }

    pub(super) fn add<T>(&mut self, subject: &str, answer: &Answer<T>) {
        if answer.is_err() || !answer.diagnostics.is_empty() {
            self.failures.push(answer.failure(subject));
        }
    }

    pub(super) fn complain(&mut self, subject: &str, rpc: &'static str, violation: Violation) {
        let mut failure = Failure::empty(subject, rpc);
        failure.violations.push(violation);
        self.failures.push(failure);
    }

    pub(super) fn result(self) -> Result<Report, Failed> {
        if self.failed() {
            Err(Box::new(self))
        } else {
            Ok(self)
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, change) in &self.changes {
            writeln!(f, "{address}: {:?}", change.action)?;
        }
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Report {}
