//! Values on the wire between core and the provider: the one value tree, its types, its two
//! encodings, and how structs are taken from it and put back.
//!
//! Decoding and encoding are driven by the schema's [`Type`], never guessed from the bytes. A
//! handler sees none of this: it gets a struct of [`Attr`] fields.

use std::collections::BTreeMap;
use std::fmt;

mod attr;
mod de;
mod error;
mod json_decode;
mod json_encode;
mod msgpack_decode;
mod msgpack_encode;
mod number;
mod object;
mod ser;
mod types;

#[cfg(test)]
mod tests;

pub use attr::Attr;
pub use de::from_value;
pub use error::{DecodeError, EncodeError, ModelError, Problem};
pub use number::{MAX_DIGITS, Number, NumberError};
pub use object::Object;
pub use ser::to_value;
pub use types::{ObjectType, Type, TypeError};

/// How deep values may nest. Real schemas need a handful of levels; the limit keeps hostile
/// dynamic values from exhausting the stack.
pub const MAX_DEPTH: usize = 64;

/// A value: known, null or unknown, of any type of cty.
///
/// ```
/// use terraform_provider_immuta::tfplugin::value::{ObjectType, Type, Value};
///
/// let book = Type::Object(ObjectType::new([("title", Type::String), ("pages", Type::Number)]));
/// let value = Value::from_json(br#"{"title":"Notes","pages":66}"#, &book)?;
/// assert_eq!(value.get("pages"), Some(&Value::from(66)));
///
/// let wire = value.to_msgpack(&book)?;
/// assert!(Value::from_msgpack(&wire, &book)? == value);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A value that is not known yet.
    Unknown(Refinement),
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// A list, a set or a tuple.
    Sequence(Vec<Value>),
    /// Elements by name.
    Map(BTreeMap<String, Value>),
    /// Named attributes.
    Object(Object),
    /// A value that brings its own type, where the schema leaves it open. A null or an unknown
    /// whose type is open too is plainly [`Null`](Self::Null) or [`Unknown`](Self::Unknown).
    Dynamic(Box<(Type, Value)>),
}

/// What core says about a value that is not known yet (not null, a prefix, bounds), as it came.
/// It is not read, only encoded again. Empty for a plain unknown.
#[derive(Clone, Default)]
pub struct Refinement(Box<[u8]>);

impl Refinement {
    pub(super) fn new(body: &[u8]) -> Self {
        Self(body.into())
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.0
    }
}

/// Two unknowns are equal whatever is known about them.
impl PartialEq for Refinement {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Value {
    /// Decodes msgpack as core sends it.
    ///
    /// # Errors
    /// When the bytes are not exactly one value of this type.
    pub fn from_msgpack(bytes: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        msgpack_decode::decode(bytes, ty)
    }

    /// Encodes as msgpack that core accepts.
    ///
    /// # Errors
    /// When this is not a value of this type.
    pub fn to_msgpack(&self, ty: &Type) -> Result<Vec<u8>, EncodeError> {
        msgpack_encode::encode(self, ty)
    }

    /// Decodes JSON.
    ///
    /// # Errors
    /// When the bytes are not exactly one value of this type.
    pub fn from_json(bytes: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        json_decode::decode(bytes, ty)
    }

    /// Decodes the JSON of a stored state, which another version of the schema may have written:
    /// attributes that the type does not have are dropped, those that are missing are null. Gives
    /// the paths of the dropped ones too.
    ///
    /// # Errors
    /// When the bytes are not JSON, or an attribute is of another type.
    pub fn from_json_lenient(bytes: &[u8], ty: &Type) -> Result<(Self, Vec<String>), DecodeError> {
        json_decode::decode_lenient(bytes, ty)
    }

    /// Encodes as JSON.
    ///
    /// # Errors
    /// When this is not a value of this type, or not wholly known.
    pub fn to_json(&self, ty: &Type) -> Result<Vec<u8>, EncodeError> {
        json_encode::encode(self, ty)
    }

    /// A plain unknown.
    pub fn unknown() -> Self {
        Self::Unknown(Refinement::default())
    }

    /// Whether there is no value (a dynamic null counts).
    pub fn is_null(&self) -> bool {
        matches!(self.look_through(), Self::Null)
    }

    /// Whether the value itself is unknown (a dynamic unknown counts), not only something in it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.look_through(), Self::Unknown(_))
    }

    /// Whether this or anything in it is unknown.
    pub fn contains_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => false,
            Self::Sequence(items) => items.iter().any(Self::contains_unknown),
            Self::Map(map) => map.values().any(Self::contains_unknown),
            Self::Object(object) => object.iter().any(|(_, value)| value.contains_unknown()),
            Self::Dynamic(inner) => inner.1.contains_unknown(),
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        !self.contains_unknown()
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self.look_through() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.look_through() {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        match self.look_through() {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A known object.
    pub fn as_object(&self) -> Option<&Object> {
        match self.look_through() {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A known object, to be changed.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Dynamic(inner) => inner.1.as_object_mut(),
            _ => None,
        }
    }

    /// An attribute of a known object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// An attribute of a known object, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(name)
    }

    /// What is in a dynamic value; otherwise the value itself.
    pub(super) fn look_through(&self) -> &Self {
        let mut value = self;
        while let Self::Dynamic(inner) = value {
            value = &inner.1;
        }
        value
    }

    /// A word for messages.
    fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Sequence(_) => "a list, set or tuple",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Dynamic(_) => "a dynamic value",
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Number(int.into())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// Shapes and attribute names only: any content may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Unknown(_) => f.write_str("Unknown"),
            Self::Bool(_) => f.write_str("Bool(..)"),
            Self::Number(number) => number.fmt(f),
            Self::String(_) => f.write_str("String(..)"),
            Self::Sequence(items) => f.debug_list().entries(items).finish(),
            Self::Map(map) => write!(f, "Map({} elements)", map.len()),
            Self::Object(object) => object.fmt(f),
            Self::Dynamic(inner) => f
                .debug_tuple("Dynamic")
                .field(&inner.0)
                .field(&inner.1)
                .finish(),
        }
    }
}

/// A value that is not of its type.
#[cold]
fn mismatch(value: &Value, ty: &Type) -> Problem {
    Problem::Mismatch {
        expected: ty.noun(),
        found: value.noun(),
    }
}

/// Checks the length of a tuple.
fn same_length(expected: usize, found: usize) -> Result<(), Problem> {
    if expected == found {
        Ok(())
    } else {
        Err(Problem::Length { expected, found })
    }
}

/// Checks that an object has the attributes of its type, no more and no fewer. Both are sorted.
fn same_attributes(object: &Object, ty: &ObjectType) -> Result<(), Problem> {
    let names = ty.attributes().iter().map(|(name, _)| name);
    if object.iter().map(|(name, _)| name).eq(names.clone()) {
        return Ok(());
    }
    if let Some((name, _)) = object.iter().find(|(name, _)| ty.get(name).is_none()) {
        return Err(Problem::UnsupportedAttribute(name.to_string()));
    }
    let missing = names.into_iter().find(|name| object.get(name).is_none());
    Err(Problem::MissingAttribute(
        missing.map_or_else(String::new, ToString::to_string),
    ))
}
