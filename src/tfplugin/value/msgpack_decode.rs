//! msgpack to value, in one pass over the bytes, driven by the type.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self, DecodeStringError, NumValueReadError, ValueReadError};

use super::object_builder::ObjectBuilder;
use super::{DecodeError, MAX_DEPTH, Number, ObjectType, Refinement, Type, Value, ValueErrorKind};
use crate::tfplugin::path::Step;

/// The msgpack extension type of an unknown value that core knows something about.
pub(super) const REFINED_UNKNOWN: i8 = 12;

/// No more room than this is made for elements that are announced but not seen yet.
const MAX_RESERVED: usize = 1024;

impl Value {
    /// Decodes msgpack as core sends it.
    ///
    /// # Errors
    /// When the bytes are not exactly one value of this type.
    pub fn from_msgpack(bytes: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        let mut decoder = Decoder { rest: bytes };
        let value = decoder.value(ty, 0)?;
        if decoder.rest.is_empty() {
            Ok(value)
        } else {
            Err(ValueErrorKind::TrailingBytes.into())
        }
    }
}

struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(ValueErrorKind::TooDeep.into());
        }
        let marker = self.peek()?;
        match (marker, ty) {
            (Marker::Null, _) => {
                decode::read_nil(&mut self.rest).map_err(|error| wrong(ty, &error))?;
                Ok(Value::Null)
            }
            // An extension, for any type, is an unknown value.
            (
                Marker::FixExt1
                | Marker::FixExt2
                | Marker::FixExt4
                | Marker::FixExt8
                | Marker::FixExt16
                | Marker::Ext8
                | Marker::Ext16
                | Marker::Ext32,
                _,
            ) => self.unknown(),
            (_, Type::Bool) => decode::read_bool(&mut self.rest)
                .map(Value::Bool)
                .map_err(|error| wrong(ty, &error)),
            (_, Type::Number) => self.number(marker).map(Value::Number),
            (_, Type::String) => Ok(Value::String(self.text(ty.noun())?.to_owned())),
            (_, Type::List(element)) => self.items(ty, element, depth).map(Value::List),
            (_, Type::Set(element)) => self.items(ty, element, depth).map(Value::Set),
            (_, Type::Tuple(elements)) => self.tuple(ty, elements, depth),
            (_, Type::Map(element)) => self.map(ty, element, depth),
            (_, Type::Object(object)) => self.object(ty, object, depth),
            (_, Type::Dynamic) => self.dynamic(ty, depth),
        }
    }

    fn peek(&self) -> Result<Marker, DecodeError> {
        let first = self.rest.first().ok_or(ValueErrorKind::Truncated)?;
        Ok(Marker::from_u8(*first))
    }

    /// The next bytes as they are.
    fn take(&mut self, length: u32) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(length).map_err(|_| ValueErrorKind::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(ValueErrorKind::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// As core reads them: a body of at most one byte is a plain unknown whatever the extension
    /// type, otherwise it must be a refinement.
    fn unknown(&mut self) -> Result<Value, DecodeError> {
        let meta = decode::read_ext_meta(&mut self.rest).map_err(|_| ValueErrorKind::Truncated)?;
        let body = self.take(meta.size)?;
        if body.len() <= 1 {
            Ok(Value::unknown())
        } else if meta.typeid == REFINED_UNKNOWN {
            Ok(Value::Unknown(Refinement::new(body)))
        } else {
            Err(ValueErrorKind::Extension(meta.typeid).into())
        }
    }

    fn number(&mut self, marker: Marker) -> Result<Number, DecodeError> {
        let number = match marker {
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                self.text(Type::Number.noun())?.parse()
            }
            Marker::F32 => decode::read_f32(&mut self.rest)
                .map_err(|error| wrong(&Type::Number, &error))
                .map(|float| Number::from_f64_exact(f64::from(float)))?,
            Marker::F64 => decode::read_f64(&mut self.rest)
                .map_err(|error| wrong(&Type::Number, &error))
                .map(Number::from_f64_exact)?,
            Marker::U64 => decode::read_u64(&mut self.rest)
                .map_err(|error| wrong(&Type::Number, &error))
                .map(|int| Ok(Number::from(int)))?,
            _ => match decode::read_int::<i64, _>(&mut self.rest) {
                Ok(int) => Ok(Number::from(int)),
                Err(NumValueReadError::TypeMismatch(marker)) => {
                    return Err(mismatch(Type::Number.noun(), marker));
                }
                Err(_) => return Err(ValueErrorKind::Truncated.into()),
            },
        };
        number.map_err(|error| ValueErrorKind::Number(error).into())
    }

    fn text(&mut self, expected: &'static str) -> Result<&'a str, DecodeError> {
        let (text, rest) = decode::read_str_from_slice(self.rest).map_err(|error| match error {
            DecodeStringError::TypeMismatch(marker) => mismatch(expected, marker),
            DecodeStringError::InvalidUtf8(..) => ValueErrorKind::Utf8.into(),
            _ => ValueErrorKind::Truncated.into(),
        })?;
        self.rest = rest;
        Ok(text)
    }

    /// How many elements follow. Each takes a byte at least, so there cannot be more than bytes.
    fn array_length(&mut self, ty: &Type) -> Result<usize, DecodeError> {
        let length = decode::read_array_len(&mut self.rest).map_err(|error| wrong(ty, &error))?;
        self.plausible(length, 1)
    }

    /// How many entries follow. Each takes two bytes at least.
    fn map_length(&mut self, ty: &Type) -> Result<usize, DecodeError> {
        let length = decode::read_map_len(&mut self.rest).map_err(|error| wrong(ty, &error))?;
        self.plausible(length, 2)
    }

    fn plausible(&self, length: u32, least_bytes: usize) -> Result<usize, DecodeError> {
        usize::try_from(length)
            .ok()
            .filter(|length| length.saturating_mul(least_bytes) <= self.rest.len())
            .ok_or_else(|| ValueErrorKind::Truncated.into())
    }

    fn items(
        &mut self,
        ty: &Type,
        element: &Type,
        depth: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let length = self.array_length(ty)?;
        let mut items = Vec::with_capacity(length.min(MAX_RESERVED));
        for index in 0..length {
            let item = self.value(element, depth + 1);
            items.push(item.map_err(|error| error.under_index(index))?);
        }
        Ok(items)
    }

    fn tuple(&mut self, ty: &Type, elements: &[Type], depth: usize) -> Result<Value, DecodeError> {
        let found = self.array_length(ty)?;
        ValueErrorKind::check_length(elements.len(), found)?;
        let mut items = Vec::with_capacity(found.min(MAX_RESERVED));
        for (index, element) in elements.iter().enumerate() {
            let item = self.value(element, depth + 1);
            items.push(item.map_err(|error| error.under_index(index))?);
        }
        Ok(Value::Tuple(items))
    }

    fn map(&mut self, ty: &Type, element: &Type, depth: usize) -> Result<Value, DecodeError> {
        let length = self.map_length(ty)?;
        let mut map = BTreeMap::new();
        for _ in 0..length {
            let key = self.text("a map key (a string)")?;
            let value = self
                .value(element, depth + 1)
                .map_err(|error| error.under(Step::Key(key.to_owned())))?;
            if map.insert(key.to_owned(), value).is_some() {
                let error = DecodeError::from(ValueErrorKind::DuplicateKey);
                return Err(error.under(Step::Key(key.to_owned())));
            }
        }
        Ok(Value::Map(map))
    }

    fn object(
        &mut self,
        ty: &Type,
        object: &ObjectType,
        depth: usize,
    ) -> Result<Value, DecodeError> {
        let length = self.map_length(ty)?;
        let attributes = object.attributes();
        let mut builder = ObjectBuilder::new(object);
        for index in 0..length {
            let name = self.text("an attribute name (a string)")?;
            // Core sends attributes in the order of their names.
            let in_order = attributes.get(index).filter(|(known, _)| **known == *name);
            let (position, ty) = match in_order {
                Some((_, ty)) => (index, ty),
                None => object
                    .position(name)
                    .and_then(|position| Some((position, &attributes.get(position)?.1)))
                    .ok_or_else(|| ValueErrorKind::UnsupportedAttribute(name.to_owned()))?,
            };
            let value = self
                .value(ty, depth + 1)
                .map_err(|error| error.under_attribute(name))?;
            builder.push(position, value);
        }
        Ok(Value::Object(builder.finish()?))
    }

    /// A pair: the JSON form of the type, and the value by that type.
    fn dynamic(&mut self, ty: &Type, depth: usize) -> Result<Value, DecodeError> {
        if self.array_length(ty)? != 2 {
            return Err(ValueErrorKind::DynamicPair.into());
        }
        let json = match self.peek()? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = decode::read_bin_len(&mut self.rest)
                    .map_err(|_| DecodeError::from(ValueErrorKind::Truncated))?;
                self.take(length)?
            }
            _ => self.text("the type of a dynamic value")?.as_bytes(),
        };
        let inner = Type::from_json(json).map_err(|_| ValueErrorKind::DynamicType)?;
        let value = self.value(&inner, depth + 1)?;
        Ok(Value::Dynamic(Box::new((inner, value))))
    }
}

#[cold]
fn wrong(ty: &Type, error: &ValueReadError) -> DecodeError {
    match error {
        ValueReadError::TypeMismatch(found) => mismatch(ty.noun(), *found),
        ValueReadError::InvalidMarkerRead(_) | ValueReadError::InvalidDataRead(_) => {
            ValueErrorKind::Truncated.into()
        }
    }
}

#[cold]
fn mismatch(expected: &'static str, found: Marker) -> DecodeError {
    let found = match found {
        Marker::Null => "null",
        Marker::True | Marker::False => "a bool",
        Marker::FixPos(_)
        | Marker::FixNeg(_)
        | Marker::U8
        | Marker::U16
        | Marker::U32
        | Marker::U64
        | Marker::I8
        | Marker::I16
        | Marker::I32
        | Marker::I64
        | Marker::F32
        | Marker::F64 => "a number",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a string",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "binary data",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => "unknown",
        Marker::Reserved => "no msgpack",
    };
    ValueErrorKind::Mismatch { expected, found }.into()
}
