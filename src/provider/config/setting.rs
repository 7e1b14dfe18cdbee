//! What became of one setting.

/// A value of the configuration or the environment.
#[derive(Clone, Debug)]
pub(super) enum Setting<T> {
    Given(T),
    Missing,
    /// Core does not know it yet.
    Unknown,
    /// An error was reported.
    Malformed,
}

impl<T> Setting<T> {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    pub(super) fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed)
    }

    pub(super) fn then<U>(self, next: impl FnOnce(T) -> Setting<U>) -> Setting<U> {
        match self {
            Self::Given(value) => next(value),
            Self::Missing => Setting::Missing,
            Self::Unknown => Setting::Unknown,
            Self::Malformed => Setting::Malformed,
        }
    }

    /// The value or its default; none where it is not known yet.
    pub(super) fn or(self, default: T) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Missing => Some(default),
            Self::Unknown | Self::Malformed => None,
        }
    }

    pub(super) fn required(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            _ => None,
        }
    }
}
