//! Structs from the value tree, by move, through serde's derive.

use std::collections::btree_map;
use std::fmt::{self, Display, LowerExp};
use std::str::FromStr;
use std::sync::Arc;
use std::vec;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::error::ModelError;
use super::{Number, Object, Value, ValueErrorKind, attr, number};
use crate::tfplugin::path::{Path, Step};

/// Takes a struct from a value. Its fields are [`Attr`](super::Attr)s, whose insides are structs
/// (objects), `Vec`s (lists, sets, tuples), `BTreeMap`s (maps), strings, enums of unit variants (strings), bools,
/// integers, floats (which round) or [`Number`]s (which do not). What is inside an `Attr`, or no `Attr` at all, must be known.
///
/// ```
/// use serde::Deserialize;
/// use terraform_provider_immuta::tfplugin::{
///     Attr,
///     value::{Object, Value, from_value},
/// };
///
/// #[derive(Deserialize)]
/// struct Book {
///     title: Attr<String>,
///     pages: Attr<i64>,
/// }
///
/// let value = Object::new([("title", Value::from("Notes")), ("pages", Value::unknown())]);
/// let book: Book = from_value(Value::Object(value))?;
/// assert_eq!(book.title.as_known().map(String::as_str), Some("Notes"));
/// assert!(!book.pages.is_known());
///
/// // What does not fit is named, not quoted.
/// let value = Object::new([("title", Value::from("Notes")), ("pages", Value::from("many"))]);
/// let error = from_value::<Book>(Value::Object(value)).err().expect("text is no number");
/// assert_eq!(error.path().to_string(), "pages");
/// # Ok::<(), terraform_provider_immuta::tfplugin::value::ModelError>(())
/// ```
///
/// # Errors
/// When a field has no attribute or an attribute no field (the error names it), or when a value
/// does not fit its field. No value is quoted, unless a hand-written `Deserialize` does.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, ModelError> {
    T::deserialize(Node(value))
}

struct Node(Value);

/// The methods for the number types.
macro_rules! deserialize_numbers {
    ($($method:ident $visit:ident $type:ident $convert:ident),*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
                match self.look_through() {
                    Value::Number(number) => {
                        visitor.$visit($convert(&number, $type::MIN, $type::MAX)?)
                    }
                    other => Node(other).deserialize_any(visitor),
                }
            }
        )*
    };
}

impl Node {
    /// What is in a dynamic value; otherwise the value itself.
    fn look_through(self) -> Value {
        let mut value = self.0;
        while let Value::Dynamic(inner) = value {
            value = inner.1;
        }
        value
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = ModelError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match self.look_through() {
            value @ (Value::Null | Value::Unknown(_) | Value::Dynamic(_)) => {
                Err(required(&visitor, value.noun()))
            }
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(int), _) => visitor.visit_i64(int),
                (None, Some(int)) => visitor.visit_u64(int),
                (None, None) => visitor.visit_f64(number.as_f64()),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Set(items) => visitor.visit_seq(Items {
                rest: items.into_iter(),
                next: 0,
                of_set: true,
            }),
            Value::List(items) | Value::Tuple(items) => visitor.visit_seq(Items {
                rest: items.into_iter(),
                next: 0,
                of_set: false,
            }),
            Value::Map(map) => visitor.visit_map(Elements {
                rest: map.into_iter(),
                current: None,
            }),
            Value::Object(object) => visitor.visit_map(Attributes {
                rest: object.into_iter(),
                current: None,
            }),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match self.look_through() {
            Value::Object(object) => {
                same_names(&object, fields)?;
                Node(Value::Object(object)).deserialize_any(visitor)
            }
            other => Err(required(&"an object", other.noun())),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match (name, self.look_through()) {
            (attr::SERDE_NAME, value) => visitor.visit_enum(State(value)),
            (_, Value::String(text)) => visitor.visit_enum(text.into_deserializer()),
            (_, other) => Err(required(&visitor, other.noun())),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match (name, self.look_through()) {
            (number::SERDE_NAME, Value::Number(number)) => number_parts(&number, visitor),
            (number::SERDE_NAME, other) => Err(required(&visitor, other.noun())),
            (_, value) => visitor.visit_newtype_struct(Self(value)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ModelError> {
        Err(
            ValueErrorKind::Model("an Option cannot tell null from unknown: use Attr".to_owned())
                .into(),
        )
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        visitor.visit_unit()
    }

    deserialize_numbers! {
        deserialize_i8 visit_i8 i8 whole, deserialize_i16 visit_i16 i16 whole,
        deserialize_i32 visit_i32 i32 whole, deserialize_i64 visit_i64 i64 whole,
        deserialize_i128 visit_i128 i128 whole, deserialize_u8 visit_u8 u8 whole,
        deserialize_u16 visit_u16 u16 whole, deserialize_u32 visit_u32 u32 whole,
        deserialize_u64 visit_u64 u64 whole, deserialize_u128 visit_u128 u128 whole,
        deserialize_f32 visit_f32 f32 float, deserialize_f64 visit_f64 f64 float
    }

    forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier
    }
}

/// The number, if this integer type has it.
fn whole<T: FromStr + TryFrom<i64> + Display>(
    number: &Number,
    min: T,
    max: T,
) -> Result<T, ModelError> {
    let fits = match number.as_i64() {
        Some(int) => T::try_from(int).ok(),
        None => number.to_string().parse().ok(),
    };
    fits.ok_or_else(|| {
        let required = format!("a whole number between {min} and {max}");
        ValueErrorKind::OutOfRange(required).into()
    })
}

/// The nearest number that this floating-point type has, unless that is infinite.
fn float<T: FromStr + PartialOrd + LowerExp>(
    number: &Number,
    min: T,
    max: T,
) -> Result<T, ModelError> {
    let nearest = number.to_string().parse().ok();
    nearest
        .filter(|nearest| (&min..=&max).contains(&nearest))
        .ok_or_else(|| {
            let required = format!("a number between {min:e} and {max:e}");
            ValueErrorKind::OutOfRange(required).into()
        })
}

/// A number that keeps its precision on the way.
fn number_parts<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, ModelError> {
    match number.as_i64() {
        Some(int) => visitor.visit_i64(int),
        None => visitor.visit_string(number.to_string()),
    }
}

/// Checks that fields and attributes match, name by name.
fn same_names(object: &Object, fields: &[&str]) -> Result<(), ModelError> {
    if let Some((name, _)) = object.iter().find(|(name, _)| !fields.contains(&&***name)) {
        return Err(ValueErrorKind::UnsupportedAttribute(name.to_string()).into());
    }
    if object.len() != fields.len()
        && let Some(name) = fields.iter().find(|name| object.get(name).is_none())
    {
        return Err(ValueErrorKind::MissingAttribute((*name).to_owned()).into());
    }
    Ok(())
}

struct Items {
    rest: vec::IntoIter<Value>,
    next: usize,
    of_set: bool,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = ModelError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ModelError> {
        let Some(value) = self.rest.next() else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Node(value))
            .map(Some)
            .map_err(|error| match error.kind().required() {
                Some(required) if self.of_set => of_a_set(&required, &error.path()),
                _ => error.under_index(index),
            })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Core cannot follow a path into a set, so the set is what the error is about.
#[cold]
fn of_a_set(required: &str, within: &Path) -> ModelError {
    let required = match within.is_root() {
        true => format!("a set whose elements are each {required}"),
        false => format!("a set in whose elements {within} is {required}"),
    };
    ValueErrorKind::OutOfRange(required).into()
}

struct Elements {
    rest: btree_map::IntoIter<String, Value>,
    current: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Elements {
    type Error = ModelError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ModelError> {
        self.current = self.rest.next();
        match &self.current {
            Some((key, _)) => seed.deserialize(key.clone().into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ModelError> {
        let (key, value) = self.current.take().ok_or_else(out_of_step)?;
        seed.deserialize(Node(value))
            .map_err(|error| error.under(Step::Key(key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Attributes {
    rest: vec::IntoIter<(Arc<str>, Value)>,
    current: Option<(Arc<str>, Value)>,
}

impl<'de> MapAccess<'de> for Attributes {
    type Error = ModelError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ModelError> {
        self.current = self.rest.next();
        match &self.current {
            Some((name, _)) => seed
                .deserialize(StrDeserializer::<ModelError>::new(name))
                .map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ModelError> {
        let (name, value) = self.current.take().ok_or_else(out_of_step)?;
        seed.deserialize(Node(value))
            .map_err(|error| error.under_attribute(&name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Answers for the enum [`Attr`](super::Attr).
struct State(Value);

impl<'de> EnumAccess<'de> for State {
    type Error = ModelError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self), ModelError> {
        let variant = match self.0 {
            Value::Null => attr::NULL,
            Value::Unknown(_) => attr::UNKNOWN,
            _ => attr::KNOWN,
        };
        seed.deserialize(StrDeserializer::<ModelError>::new(variant))
            .map(|variant| (variant, self))
    }
}

impl<'de> VariantAccess<'de> for State {
    type Error = ModelError;

    fn unit_variant(self) -> Result<(), ModelError> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, ModelError> {
        seed.deserialize(Node(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, ModelError> {
        Err(out_of_step())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, ModelError> {
        Err(out_of_step())
    }
}

#[cold]
fn required(expected: &dyn Expected, found: &str) -> ModelError {
    ValueErrorKind::Model(format!("{expected} is required, this is {found}")).into()
}

#[cold]
fn out_of_step() -> ModelError {
    ValueErrorKind::Model("the struct's Deserialize reads out of order".to_owned()).into()
}

/// serde's default messages quote the value; these name its kind.
impl de::Error for ModelError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ValueErrorKind::Model(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        required(expected, kind(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        ValueErrorKind::Model(format!(
            "{expected} is required, this is {} that does not fit",
            kind(found)
        ))
        .into()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        ValueErrorKind::NotOneOf(expected).into()
    }

    fn missing_field(field: &'static str) -> Self {
        ValueErrorKind::MissingAttribute(field.to_owned()).into()
    }
}

fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a number",
        Unexpected::Float(_) => "a number that is not whole or too large",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Bytes(_) => "binary data",
        Unexpected::Seq => "a list, set or tuple",
        Unexpected::Map => "an object or map",
        _ => "of another kind",
    }
}
