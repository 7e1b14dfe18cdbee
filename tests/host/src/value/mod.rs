//! The values of Terraform's type system, as they travel between core and a provider.

pub mod json;
pub mod msgpack;
pub mod render;
pub mod types;

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

pub use json::{unknown, unknown_prefix};
pub use types::Type;

/// A value: what it is known to be, or that it is null or not known yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Absent.
    Null,
    /// Not known before apply.
    Unknown(Refinements),
    /// A truth value.
    Bool(bool),
    /// A number of any precision.
    Number(BigDecimal),
    /// Text.
    String(String),
    /// The elements of a list, a set or a tuple, in the order of the wire.
    Sequence(Vec<Value>),
    /// The elements of a map, or the attributes of an object.
    Mapping(BTreeMap<String, Value>),
    /// A value whose type travels with it.
    Dynamic(Box<(Type, Value)>),
}

/// What is known of an unknown value all the same (core 1.6 and later).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refinements {
    /// It will not be null.
    pub not_null: bool,
    /// A string that starts so.
    pub prefix: Option<String>,
    /// Other bounds, by their number on the wire, unread.
    pub other: Vec<(u64, rmpv::Value)>,
}

impl Refinements {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Refinements::default()
    }
}

impl Value {
    /// An unknown value without refinements.
    pub fn unknown() -> Value {
        Value::Unknown(Refinements::default())
    }

    /// A string value.
    pub fn string(text: impl Into<String>) -> Value {
        Value::String(text.into())
    }

    /// Whether it is null (also within a dynamic value).
    pub fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Dynamic(inner) => inner.1.is_null(),
            _ => false,
        }
    }

    /// Whether it is an unknown (also within a dynamic value).
    pub fn is_unknown(&self) -> bool {
        match self {
            Value::Unknown(_) => true,
            Value::Dynamic(inner) => inner.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        self.first_unknown().is_none()
    }

    /// The path of the first unknown in it, as core prints paths (`.url`, `["x"]`, `[0]`).
    pub fn first_unknown(&self) -> Option<String> {
        match self {
            Value::Unknown(_) => Some(String::new()),
            Value::Sequence(items) => items
                .iter()
                .enumerate()
                .find_map(|(i, v)| v.first_unknown().map(|rest| format!("[{i}]{rest}"))),
            Value::Mapping(items) => items
                .iter()
                .find_map(|(k, v)| v.first_unknown().map(|rest| format!(".{k}{rest}"))),
            Value::Dynamic(inner) => inner.1.first_unknown(),
            _ => None,
        }
    }

    /// The attribute of an object, or the element of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Mapping(items) => items.get(name),
            _ => None,
        }
    }

    /// The attribute of an object; null where there is none.
    pub fn attribute(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }

    /// The same object with one attribute set.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Value {
        if let Value::Mapping(items) = &mut self {
            items.insert(name.to_owned(), value);
        }
        self
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a bool value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number as an integer, if it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        use bigdecimal::ToPrimitive;
        match self {
            Value::Number(n) if n.is_integer() => n.to_i64(),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple.
    pub fn as_slice(&self) -> Option<&[Value]> {
        match self {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The same value with every unknown replaced by null, as core saves it.
    #[must_use]
    pub fn unknown_as_null(&self) -> Value {
        match self {
            Value::Unknown(_) => Value::Null,
            Value::Sequence(items) => {
                Value::Sequence(items.iter().map(Value::unknown_as_null).collect())
            }
            Value::Mapping(items) => Value::Mapping(
                items
                    .iter()
                    .map(|(k, v)| (k.clone(), v.unknown_as_null()))
                    .collect(),
            ),
            Value::Dynamic(inner) => {
                Value::Dynamic(Box::new((inner.0.clone(), inner.1.unknown_as_null())))
            }
            other => other.clone(),
        }
    }
}

/// Why bytes or JSON are no value of the type that the schema gives, as core words it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct Mismatch {
    /// Where, as in `["url"]`; empty at the root.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Mismatch {
    pub(crate) fn new(message: impl Into<String>) -> Mismatch {
        Mismatch {
            path: String::new(),
            message: message.into(),
        }
    }

    pub(crate) fn within(mut self, key: &str) -> Mismatch {
        self.path = format!("[{key:?}]{}", self.path);
        self
    }

    pub(crate) fn at(mut self, index: usize) -> Mismatch {
        self.path = format!("[{index}]{}", self.path);
        self
    }
}
