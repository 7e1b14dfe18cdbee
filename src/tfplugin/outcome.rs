//! What a handler answers. Half of core's rules are about which state goes with which error, and
//! core saves what it is given; an outcome cannot say the wrong thing. The service alone turns it
//! into state and diagnostics.

use super::{diagnostics::Diagnostic, path::Path};

/// An outcome, and what the user should know beside it.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Diagnostic, outcome::{Delete, Outcome}};
///
/// let outcome = Outcome::from(Delete::Gone)
///     .warn(Diagnostic::warning("Shelf is empty", "It was the last book on its shelf."));
/// assert_eq!(outcome.warnings.len(), 1);
/// ```
#[derive(Debug)]
pub struct Outcome<T> {
    /// What happened.
    pub result: T,
    /// Shown in any case.
    pub warnings: Vec<Diagnostic>,
}

/// What a handler answers that either has a result or an error.
pub type Answer<T, E = Diagnostic> = Outcome<Result<T, E>>;

impl<T> From<T> for Outcome<T> {
    fn from(result: T) -> Self {
        Self {
            result,
            warnings: Vec::new(),
        }
    }
}

impl<T> Outcome<T> {
    /// The same outcome, with one warning more.
    #[must_use]
    pub fn warn(mut self, warning: impl Into<Option<Diagnostic>>) -> Self {
        self.warnings.extend(warning.into());
        self
    }
}

/// What state keeps of an instance: its attributes, and data that only the provider sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance<M, P> {
    /// The attributes.
    pub model: M,
    /// Kept by core beside them.
    pub private: P,
}

/// How a create went.
#[derive(Debug)]
pub enum Create<I> {
    /// The object exists, as planned.
    Made(I),
    /// The object exists, but not as it should. Core taints it: the next plan replaces it.
    MadeBut(I, Diagnostic),
    /// No object exists, as far as is known.
    NotMade(Diagnostic),
}

/// How a read went.
#[derive(Debug)]
pub enum Read<I> {
    /// The object as it is.
    Found(I),
    /// The object is no more. Core plans it anew.
    Gone,
    /// Nothing can be said: the state stays as it is.
    Kept,
    /// It could not be found out: the state stays, and core stops.
    Failed(Diagnostic),
}

/// How an update went.
#[derive(Debug)]
pub enum Update<I> {
    /// The change was made.
    Made(I),
    /// The object is not as planned now, but this. Core saves it.
    MadeBut(I, Diagnostic),
    /// Nothing changed: the prior state stays.
    NotMade(Diagnostic),
}

/// How a delete went.
#[derive(Debug)]
pub enum Delete {
    /// The object is no more.
    Gone,
    /// The object may still exist: the state stays.
    StillThere(Diagnostic),
}

/// What an apply would do.
#[derive(Debug)]
pub enum Plan<M> {
    /// Nothing: the prior state stands.
    Keep,
    /// Create the object, or change it in place.
    Change(M),
    /// Make a new object, because these attributes cannot change in place.
    Replace {
        /// The new object.
        planned: M,
        /// The attributes that force the replacement.
        because: Vec<Path>,
    },
    /// No plan can be made.
    Failed(Diagnostic),
    /// Not in this run; `planned` is what is known already.
    Deferred {
        /// What is known already.
        planned: M,
        /// Why.
        reason: DeferredReason,
    },
}

/// Why something cannot be done in this run. Since protocol 6.6, and only where core allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferredReason {
    /// The configuration of the resource is not known yet.
    ResourceConfigUnknown,
    /// The configuration of the provider is not known yet.
    ProviderConfigUnknown,
    /// Something that it needs does not exist yet.
    AbsentPrerequisite,
}

impl From<DeferredReason> for super::proto::Deferred {
    fn from(reason: DeferredReason) -> Self {
        use super::proto::deferred::Reason;
        let reason = match reason {
            DeferredReason::ResourceConfigUnknown => Reason::ResourceConfigUnknown,
            DeferredReason::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
            DeferredReason::AbsentPrerequisite => Reason::AbsentPrereq,
        };
        Self {
            reason: reason.into(),
        }
    }
}
