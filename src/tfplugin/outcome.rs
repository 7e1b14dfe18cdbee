//! What handlers return. Where an outcome holds one error, [`Diagnostic::and`] adds others to it. Core saves whatever state it is given, also beside an error, so which state goes
//! with which error matters. An outcome names what happened, and the service alone turns it into state
//! and diagnostics.

use super::{diagnostics::Diagnostic, path::Path, proto};

/// An outcome, and what the user should know beside it.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Diagnostic, outcome::{Delete, Outcome}};
///
/// let outcome = Outcome::from(Delete::Deleted)
///     .warn(Diagnostic::warning("Shelf is empty", "It was the last book on its shelf."));
/// assert_eq!(outcome.warnings.len(), 1);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// What happened.
    pub result: T,
    /// Shown in any case.
    pub warnings: Vec<Diagnostic>,
}

/// What a handler returns that has either a result or an error.
pub type HandlerResult<T, E = Diagnostic> = Outcome<Result<T, E>>;

/// The client that a provider makes of its configuration. None where the configuration is not known yet.
pub type ConfigureResult<C> = HandlerResult<Option<C>, Vec<Diagnostic>>;

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

/// What state keeps of an object: its attributes, and data that only the provider sees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceState<M, P> {
    /// The attributes.
    pub model: M,
    /// Kept by core beside them.
    pub private: P,
}

impl<M, P> ResourceState<M, P> {
    /// These attributes, with this private data.
    pub fn new(model: M, private: P) -> Self {
        Self { model, private }
    }
}

/// These attributes, and no private data.
impl<M> From<M> for ResourceState<M, ()> {
    fn from(model: M) -> Self {
        Self::new(model, ())
    }
}

/// The outcome of a create.
#[derive(Debug)]
#[non_exhaustive]
pub enum Create<S> {
    /// The object exists, as planned.
    Created(S),
    /// The object exists, but not as planned. Core taints it: the next plan replaces it.
    CreatedTainted(S, Diagnostic),
    /// No object exists, as far as is known. One that does is lost: core keeps nothing of it.
    Failed(Diagnostic),
}

/// The outcome of a read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Read<S> {
    /// The object as it is.
    Found(S),
    /// The object no longer exists. Core removes it from the state and plans to create it again.
    Removed,
    /// Nothing is known of the object: the state stays as it is.
    Unchanged,
    /// The read failed: the state stays, and core stops.
    Failed(Diagnostic),
}

/// The outcome of an update.
#[derive(Debug)]
#[non_exhaustive]
pub enum Update<S> {
    /// The object is as planned.
    Updated(S),
    /// The object is not as planned, but like this. Core saves it.
    UpdatedWithError(S, Diagnostic),
    /// Nothing changed: the prior state stays.
    Failed(Diagnostic),
}

/// The outcome of a delete.
#[derive(Debug)]
#[non_exhaustive]
pub enum Delete {
    /// The object no longer exists.
    Deleted,
    /// The object may still exist: the state stays.
    Failed(Diagnostic),
}

/// What an apply would do. `S` is the planned object, with the private data that goes with the plan.
#[derive(Debug)]
#[non_exhaustive]
pub enum Plan<S> {
    /// Nothing: the prior state stays.
    NoOp,
    /// Create the object, or change it in place.
    Change(S),
    /// Replace the object by a new one.
    Replace {
        /// The new object.
        planned: S,
        /// The attributes that cannot change in place. Core replaces the object only if the value of one of them changes,
        /// or is unknown; otherwise it calls for an update.
        requires_replace: Vec<Path>,
    },
    /// No plan can be made.
    Failed(Diagnostic),
    /// Not in this run; `planned` is what is known already. Where core does not allow that, it is a [`Plan::Change`].
    Deferred {
        /// What is known already.
        planned: S,
        /// Why.
        reason: DeferredReason,
    },
}

impl<S> Plan<S> {
    /// The same plan, of another form of the object.
    pub fn map<T>(self, change: impl FnOnce(S) -> T) -> Plan<T> {
        match self {
            Self::NoOp => Plan::NoOp,
            Self::Change(planned) => Plan::Change(change(planned)),
            Self::Replace {
                planned,
                requires_replace,
            } => Plan::Replace {
                planned: change(planned),
                requires_replace,
            },
            Self::Failed(error) => Plan::Failed(error),
            Self::Deferred { planned, reason } => Plan::Deferred {
                planned: change(planned),
                reason,
            },
        }
    }
}

/// Why something cannot be done in this run. Since protocol 6.6, and only where core allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeferredReason {
    /// The configuration of the resource is not known yet.
    ResourceConfigUnknown,
    /// The configuration of the provider is not known yet.
    ProviderConfigUnknown,
    /// Something that it needs does not exist yet.
    AbsentPrerequisite,
}

impl From<DeferredReason> for proto::Deferred {
    fn from(reason: DeferredReason) -> Self {
        use proto::deferred::Reason;
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
