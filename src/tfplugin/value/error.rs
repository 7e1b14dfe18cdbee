//! What can be wrong with a value. Each error says where and what, and never quotes the value:
//! any value may be a secret.

use std::{borrow::Cow, fmt};

use super::NumberError;
use crate::tfplugin::path::{Path, Step};

/// What was wrong at one place of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// The input ends before the value does, or a length prefix is larger than the input.
    #[error("the input ends too early")]
    Truncated,
    /// Bytes follow the value.
    #[error("more input follows the value")]
    TrailingBytes,
    /// Not JSON. The position counts from the start of the input, or of the dynamic value in it.
    #[error("invalid JSON at line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Text that is not UTF-8.
    #[error("text is not valid UTF-8")]
    Utf8,
    /// Another kind of value than the schema asks for.
    #[error("{expected} is required, this is {found}")]
    Mismatch {
        /// By the schema.
        expected: &'static str,
        /// In the input.
        found: &'static str,
    },
    /// A number that cannot be represented.
    #[error("unsupported number: {0}")]
    Number(#[from] NumberError),
    /// An attribute that the type does not have.
    #[error("unsupported attribute {0:?}")]
    UnsupportedAttribute(String),
    /// An attribute of the type that is not there.
    #[error("attribute {0:?} is missing")]
    MissingAttribute(String),
    /// A duplicate attribute.
    #[error("duplicate attribute {0:?}")]
    DuplicateAttribute(String),
    /// A duplicate map key.
    #[error("duplicate key")]
    DuplicateKey,
    /// A tuple of the wrong length.
    #[error("{expected} elements are required, these are {found}")]
    Length {
        /// By the type.
        expected: usize,
        /// In the input.
        found: usize,
    },
    /// A dynamic value that is not a type and a value.
    #[error("a dynamic value must be a pair of a type and a value")]
    DynamicPair,
    /// A dynamic value whose type cannot be read.
    #[error("a dynamic value with an invalid type")]
    DynamicType,
    /// Values nested too deep.
    #[error("nested deeper than {} levels", super::MAX_DEPTH)]
    TooDeep,
    /// A msgpack extension other than those of unknown values.
    #[error("unsupported msgpack extension type {0}")]
    Extension(i8),
    /// Longer than msgpack can say.
    #[error("too large to encode")]
    TooLarge,
    /// A number that does not fit the field that is to hold it. Says which ones do.
    #[error("{0} is required")]
    OutOfRange(String),
    /// A text that is none of the variants of the enum that is to hold it.
    #[error("one of {} is required", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    /// A struct's field and the value do not fit, in serde's words.
    #[error("{0}")]
    Model(String),
}

impl ValueErrorKind {
    /// What the user must write instead, where the value has the right type and does not fit all the same. Otherwise
    /// the error is the provider's.
    pub(in crate::tfplugin) fn required(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::OutOfRange(required) => Some(required.into()),
            Self::NotOneOf(variants) => Some(format!("one of {}", variants.join(", ")).into()),
            _ => None,
        }
    }

    /// Checks the length of a tuple.
    pub(super) fn check_length(expected: usize, found: usize) -> Result<(), Self> {
        if expected == found {
            Ok(())
        } else {
            Err(Self::Length { expected, found })
        }
    }
}

/// What is wrong and where it is. The path grows from the inside out while the error is passed up, so
/// that a value without errors pays nothing for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Located {
    kind: ValueErrorKind,
    steps_reversed: Vec<Step>,
}

macro_rules! located_error {
    ($(#[$meta:meta])* $name:ident, $doing:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Box<Located>);

        impl $name {
            #[cold]
            pub(super) fn new(kind: ValueErrorKind) -> Self {
                Self(Box::new(Located { kind, steps_reversed: Vec::new() }))
            }

            #[cold]
            pub(super) fn under(mut self, step: Step) -> Self {
                self.0.steps_reversed.push(step);
                self
            }

            #[cold]
            pub(super) fn under_attribute(self, name: &str) -> Self {
                self.under(Step::Attribute(name.to_owned().into()))
            }

            #[cold]
            pub(super) fn under_index(self, index: usize) -> Self {
                self.under(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
            }

            /// Where in the value.
            pub fn path(&self) -> Path {
                Path::from(self.0.steps_reversed.iter().rev().cloned().collect::<Vec<_>>())
            }

            /// What is wrong there.
            pub fn kind(&self) -> &ValueErrorKind {
                &self.0.kind
            }
        }

        impl From<ValueErrorKind> for $name {
            #[cold]
            fn from(kind: ValueErrorKind) -> Self {
                Self::new(kind)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let path = self.path();
                if path.is_root() {
                    write!(f, concat!("cannot ", $doing, " the value: {}"), self.0.kind)
                } else {
                    write!(f, concat!("cannot ", $doing, " the value at {}: {}"), path, self.0.kind)
                }
            }
        }

        impl std::error::Error for $name {}
    };
}

located_error! {
    /// Why bytes could not be decoded as a value of a type.
    DecodeError, "decode"
}

located_error! {
    /// Why a value could not be encoded as a value of a type.
    EncodeError, "encode"
}

located_error! {
    /// Why a struct could not be taken from a value, or put back: the struct and the schema do
    /// not fit, which is a bug of the provider, or a number is [out of range](ValueErrorKind::OutOfRange), or a text
    /// [no variant](ValueErrorKind::NotOneOf) of an enum, which is a mistake of its user.
    ModelError, "convert"
}
