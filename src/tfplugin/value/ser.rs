//! Structs back into the value tree, by the type that the schema gives.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::error::ModelError;
use super::object_builder::ObjectBuilder;
use super::{Number, ObjectType, Type, Value, ValueErrorKind, attr, number};
use crate::tfplugin::path::Step;

/// Puts a struct back into a value of this type; the reverse of [`from_value`](super::from_value).
/// A model has no dynamic attributes.
///
/// ```
/// use serde::Serialize;
/// use terraform_provider_immuta::tfplugin::{
///     Attr,
///     value::{ObjectType, Type, Value, to_value},
/// };
///
/// #[derive(Serialize)]
/// struct Book {
///     title: Attr<String>,
///     pages: Attr<i64>,
/// }
///
/// let book = Book { title: Attr::Known("Notes".to_owned()), pages: Attr::Null };
/// let ty = Type::Object(ObjectType::new([("title", Type::String), ("pages", Type::Number)]));
/// let value = to_value(&book, &ty)?;
/// assert_eq!(value.get("title"), Some(&Value::from("Notes")));
/// assert_eq!(value.get("pages"), Some(&Value::Null));
/// # Ok::<(), terraform_provider_immuta::tfplugin::value::ModelError>(())
/// ```
///
/// # Errors
/// When a field has no attribute or an attribute no field (the error names it), or when a field
/// is of another type than the schema says.
pub fn to_value<T: Serialize>(model: &T, ty: &Type) -> Result<Value, ModelError> {
    model.serialize(Node { ty })
}

#[derive(Clone, Copy)]
struct Node<'t> {
    ty: &'t Type,
}

impl Node<'_> {
    #[cold]
    fn mismatch(self, found: &'static str) -> ModelError {
        let expected = self.ty.noun();
        ValueErrorKind::Mismatch { expected, found }.into()
    }

    fn number(self, number: Number) -> Result<Value, ModelError> {
        match self.ty {
            Type::Number => Ok(Value::Number(number)),
            _ => Err(self.mismatch("a number")),
        }
    }

    fn text(self, text: &str) -> Result<Value, ModelError> {
        match self.ty {
            Type::String => Ok(Value::String(text.to_owned())),
            _ => Err(self.mismatch("a string")),
        }
    }
}

impl<'t> Serializer for Node<'t> {
    type Ok = Value;
    type Error = ModelError;
    type SerializeSeq = Items<'t>;
    type SerializeTuple = Items<'t>;
    type SerializeTupleStruct = Items<'t>;
    type SerializeTupleVariant = Impossible<Value, ModelError>;
    type SerializeMap = Elements<'t>;
    type SerializeStruct = Attributes<'t>;
    type SerializeStructVariant = Impossible<Value, ModelError>;

    fn serialize_bool(self, truth: bool) -> Result<Value, ModelError> {
        match self.ty {
            Type::Bool => Ok(Value::Bool(truth)),
            _ => Err(self.mismatch("a bool")),
        }
    }

    fn serialize_i8(self, int: i8) -> Result<Value, ModelError> {
        self.serialize_i64(int.into())
    }

    fn serialize_i16(self, int: i16) -> Result<Value, ModelError> {
        self.serialize_i64(int.into())
    }

    fn serialize_i32(self, int: i32) -> Result<Value, ModelError> {
        self.serialize_i64(int.into())
    }

    fn serialize_i64(self, int: i64) -> Result<Value, ModelError> {
        self.number(int.into())
    }

    fn serialize_u8(self, int: u8) -> Result<Value, ModelError> {
        self.serialize_u64(int.into())
    }

    fn serialize_u16(self, int: u16) -> Result<Value, ModelError> {
        self.serialize_u64(int.into())
    }

    fn serialize_u32(self, int: u32) -> Result<Value, ModelError> {
        self.serialize_u64(int.into())
    }

    fn serialize_u64(self, int: u64) -> Result<Value, ModelError> {
        self.number(int.into())
    }

    fn serialize_f32(self, float: f32) -> Result<Value, ModelError> {
        self.number(Number::try_from(float).map_err(ValueErrorKind::Number)?)
    }

    fn serialize_f64(self, float: f64) -> Result<Value, ModelError> {
        self.number(Number::try_from(float).map_err(ValueErrorKind::Number)?)
    }

    fn serialize_char(self, char: char) -> Result<Value, ModelError> {
        self.text(char.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<Value, ModelError> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value, ModelError> {
        Err(self.mismatch("binary data"))
    }

    fn serialize_none(self) -> Result<Value, ModelError> {
        Err(no_option())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Value, ModelError> {
        Err(no_option())
    }

    fn serialize_unit(self) -> Result<Value, ModelError> {
        Err(self.mismatch("a unit"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ModelError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ModelError> {
        match (name, variant) {
            (attr::SERDE_NAME, attr::UNKNOWN) => Ok(Value::unknown()),
            (attr::SERDE_NAME, _) => Ok(Value::Null),
            (_, word) => self.text(word),
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        inner: &T,
    ) -> Result<Value, ModelError> {
        if name != number::SERDE_NAME {
            return inner.serialize(self);
        }
        match inner.serialize(Node { ty: &Type::String })? {
            Value::String(digits) => self.number(digits.parse().map_err(ValueErrorKind::Number)?),
            other => Err(self.mismatch(other.noun())),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        inner: &T,
    ) -> Result<Value, ModelError> {
        if name == attr::SERDE_NAME {
            inner.serialize(self)
        } else {
            Err(self.mismatch("an enum with content"))
        }
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'t>, ModelError> {
        let of = match self.ty {
            Type::List(element) => ItemTypes::List(element),
            Type::Set(element) => ItemTypes::Set(element),
            Type::Tuple(elements) => ItemTypes::Tuple(elements),
            _ => return Err(self.mismatch("a list")),
        };
        let items = Vec::with_capacity(length.unwrap_or(0));
        Ok(Items { of, items })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'t>, ModelError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Items<'t>, ModelError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ModelError> {
        Err(self.mismatch("an enum with content"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Elements<'t>, ModelError> {
        match self.ty {
            Type::Map(element) => Ok(Elements {
                element,
                map: BTreeMap::new(),
                key: String::new(),
            }),
            _ => Err(self.mismatch("a map")),
        }
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Attributes<'t>, ModelError> {
        match self.ty {
            Type::Object(ty) => Ok(Attributes {
                ty,
                builder: ObjectBuilder::new(ty),
            }),
            _ => Err(self.mismatch("an object")),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ModelError> {
        Err(self.mismatch("an enum with content"))
    }
}

#[cold]
fn no_option() -> ModelError {
    ValueErrorKind::Model("an Option cannot tell null from unknown: use Attr".to_owned()).into()
}

enum ItemTypes<'t> {
    List(&'t Type),
    Set(&'t Type),
    Tuple(&'t [Type]),
}

/// A list, set or tuple being filled.
struct Items<'t> {
    of: ItemTypes<'t>,
    items: Vec<Value>,
}

impl Items<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ModelError> {
        let index = self.items.len();
        let ty = match self.of {
            ItemTypes::List(ty) | ItemTypes::Set(ty) => ty,
            ItemTypes::Tuple(types) => types.get(index).ok_or(ValueErrorKind::Length {
                expected: types.len(),
                found: index + 1,
            })?,
        };
        let item = item.serialize(Node { ty });
        self.items
            .push(item.map_err(|error| error.under_index(index))?);
        Ok(())
    }

    fn finish(self) -> Result<Value, ModelError> {
        match self.of {
            ItemTypes::List(_) => Ok(Value::List(self.items)),
            ItemTypes::Set(_) => Ok(Value::Set(self.items)),
            ItemTypes::Tuple(types) => {
                ValueErrorKind::check_length(types.len(), self.items.len())?;
                Ok(Value::Tuple(self.items))
            }
        }
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = Value;
    type Error = ModelError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ModelError> {
        self.push(item)
    }

    fn end(self) -> Result<Value, ModelError> {
        self.finish()
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = Value;
    type Error = ModelError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ModelError> {
        self.push(item)
    }

    fn end(self) -> Result<Value, ModelError> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = Value;
    type Error = ModelError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ModelError> {
        self.push(item)
    }

    fn end(self) -> Result<Value, ModelError> {
        self.finish()
    }
}

/// A map being filled.
struct Elements<'t> {
    element: &'t Type,
    map: BTreeMap<String, Value>,
    key: String,
}

impl ser::SerializeMap for Elements<'_> {
    type Ok = Value;
    type Error = ModelError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ModelError> {
        match key.serialize(Node { ty: &Type::String })? {
            Value::String(key) => self.key = key,
            _ => return Err(ValueErrorKind::Model("a map key must be a string".to_owned()).into()),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        let key = std::mem::take(&mut self.key);
        match value.serialize(Node { ty: self.element }) {
            Ok(value) => {
                self.map.insert(key, value);
                Ok(())
            }
            Err(error) => Err(error.under(Step::Key(key))),
        }
    }

    fn end(self) -> Result<Value, ModelError> {
        Ok(Value::Map(self.map))
    }
}

/// An object being filled.
struct Attributes<'t> {
    ty: &'t ObjectType,
    builder: ObjectBuilder<'t>,
}

impl ser::SerializeStruct for Attributes<'_> {
    type Ok = Value;
    type Error = ModelError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        field: &T,
    ) -> Result<(), ModelError> {
        let (position, ty) = self
            .ty
            .position(name)
            .and_then(|position| Some((position, &self.ty.attributes().get(position)?.1)))
            .ok_or_else(|| ValueErrorKind::UnsupportedAttribute(name.to_owned()))?;
        let value = field
            .serialize(Node { ty })
            .map_err(|error| error.under_attribute(name))?;
        self.builder.push(position, value);
        Ok(())
    }

    fn end(self) -> Result<Value, ModelError> {
        Ok(Value::Object(self.builder.finish()?))
    }
}

impl ser::Error for ModelError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ValueErrorKind::Model(message.to_string()).into()
    }
}
