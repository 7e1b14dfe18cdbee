//! The tree of a value.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Number, ObjectType, Type};

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
#[derive(Clone, Default)]
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
    /// Values of one type, in order.
    List(Vec<Value>),
    /// Distinct values of one type, in the order in which they came. It does not matter when values are compared.
    Set(Vec<Value>),
    /// Values that each have a type of their own.
    Tuple(Vec<Value>),
    /// Elements by name.
    Map(BTreeMap<String, Value>),
    /// Named attributes.
    Object(Object),
    /// A value that brings its own type, where the schema leaves it open. A null or an unknown
    /// whose type is open too is plainly [`Null`](Self::Null) or [`Unknown`](Self::Unknown).
    Dynamic(Box<(Type, Value)>),
}

/// The attributes of an object, sorted by name. The names are shared with the type.
///
/// ```
/// use terraform_provider_immuta::tfplugin::value::{Object, Value};
///
/// let mut book = Object::new([("title", Value::from("Notes")), ("pages", Value::from(66))]);
/// assert_eq!(book.insert("title", Value::Null), Some(Value::from("Notes")));
/// assert_eq!(book.get("title"), Some(&Value::Null));
/// assert_eq!(book.get("author"), None);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Object(Vec<(Arc<str>, Value)>);

impl Object {
    /// The object of this type whose attributes are all null.
    pub fn nulls(ty: &ObjectType) -> Self {
        let attributes = ty.attributes().iter();
        Self(
            attributes
                .map(|(name, _)| (name.clone(), Value::Null))
                .collect(),
        )
    }

    /// From attributes that are sorted by name already, each there once.
    pub(super) fn from_sorted(attributes: Vec<(Arc<str>, Value)>) -> Self {
        Self(attributes)
    }

    /// From attributes in any order; of two with one name the later one counts.
    pub fn new<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Value)>) -> Self {
        let mut object = Self::default();
        for (name, value) in attributes {
            object.insert(name, value);
        }
        object
    }

    /// An attribute's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let position = self.position(name).ok()?;
        self.0.get(position).map(|(_, value)| value)
    }

    /// An attribute's value, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let position = self.position(name).ok()?;
        self.0.get_mut(position).map(|(_, value)| value)
    }

    /// Sets an attribute, and gives the value that it had, if it was there.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let name = name.into();
        match self.position(&name) {
            Ok(position) => self
                .0
                .get_mut(position)
                .map(|(_, old)| std::mem::replace(old, value)),
            Err(position) => {
                self.0.insert(position, (name, value));
                None
            }
        }
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Names and values, sorted by name, the values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Arc<str>, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(candidate, _)| (**candidate).cmp(name))
    }
}

impl IntoIterator for Object {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, value)))
            .finish()
    }
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
            Self::List(items) | Self::Set(items) | Self::Tuple(items) => {
                items.iter().any(Self::contains_unknown)
            }
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

    /// What is in a dynamic value; otherwise the value itself.
    pub(super) fn look_through(&self) -> &Self {
        let mut value = self;
        while let Self::Dynamic(inner) = value {
            value = &inner.1;
        }
        value
    }

    /// A word for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Tuple(_) => "a tuple",
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
            Self::List(items) | Self::Set(items) | Self::Tuple(items) => {
                f.debug_list().entries(items).finish()
            }
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
