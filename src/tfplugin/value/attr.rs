//! An attribute of a model: known, null or unknown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name by which this enum is told apart from other enums in serde.
pub(super) const SERDE_NAME: &str = "$tfplugin::Attr";
pub(super) const KNOWN: &str = "Known";
pub(super) const NULL: &str = "Null";
pub(super) const UNKNOWN: &str = "Unknown";

/// What a model's field holds.
///
/// ```
/// use terraform_provider_immuta::tfplugin::Attr;
///
/// let title: Attr<String> = "Notes".to_owned().into();
/// assert_eq!(title.as_known().map(String::len), Some(5));
/// assert!(Attr::<String>::from(None).is_null());
/// assert_eq!(Attr::<bool>::Unknown.into_known(), None);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "$tfplugin::Attr")]
pub enum Attr<T> {
    /// A value.
    Known(T),
    /// No value.
    #[default]
    Null,
    /// A value that is not known yet.
    Unknown,
}

impl<T> Attr<T> {
    /// A copy of the reference to the value, if there is one.
    pub fn as_known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, if there is one.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// A reference inside: `&Attr<T>` as `Attr<&T>`.
    pub fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Known(value) => Attr::Known(value),
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
        }
    }

    /// Whether there is a value.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Changes the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Known(value) => Attr::Known(change(value)),
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
        }
    }

    /// The value, or this one where it is null or unknown.
    pub fn unwrap_or(self, fallback: T) -> T {
        self.into_known().unwrap_or(fallback)
    }

    /// The value, or that of `T` by default where it is null or unknown.
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_known().unwrap_or_default()
    }

    /// This one, or the other where it is null: what the user wrote, or what the object has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Null => other,
            known_or_unknown => known_or_unknown,
        }
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

/// The state only: the value may be a secret.
impl<T> fmt::Debug for Attr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "Known(..)",
            Self::Null => "Null",
            Self::Unknown => "Unknown",
        })
    }
}
