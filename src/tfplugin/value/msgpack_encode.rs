//! Value to msgpack, as core writes it itself.

use std::convert::Infallible;

use rmp::encode::{self, ByteBuf, ValueWriteError};

use super::msgpack_decode::REFINED_UNKNOWN;
use super::set::distinct;
use super::{
    EncodeError, MAX_DEPTH, Number, Object, ObjectType, Refinement, Type, Value, ValueErrorKind,
};
use crate::tfplugin::path::Step;

/// A plain unknown: extension type 0 with one zero byte.
const PLAIN_UNKNOWN: [u8; 3] = [0xd4, 0, 0];

impl Value {
    /// Encodes as msgpack that core accepts.
    ///
    /// # Errors
    /// When this is not a value of this type.
    pub fn to_msgpack(&self, ty: &Type) -> Result<Vec<u8>, EncodeError> {
        let mut out = ByteBuf::with_capacity(256);
        write_value(&mut out, self, ty, 0)?;
        Ok(out.into_vec())
    }
}

fn write_value(
    out: &mut ByteBuf,
    value: &Value,
    ty: &Type,
    depth: usize,
) -> Result<(), EncodeError> {
    if depth > MAX_DEPTH {
        return Err(ValueErrorKind::TooDeep.into());
    }
    match (value, ty) {
        (Value::Null, _) => {
            written(encode::write_nil(out).map_err(ValueWriteError::InvalidMarkerWrite))
        }
        (Value::Unknown(refinement), _) => return write_unknown(out, refinement),
        (Value::Bool(truth), Type::Bool) => {
            written(encode::write_bool(out, *truth).map_err(ValueWriteError::InvalidMarkerWrite));
        }
        (Value::Number(number), Type::Number) => return write_number(out, number),
        (Value::String(text), Type::String) => return write_text(out, text),
        (Value::List(items), Type::List(element)) => {
            write_items(out, items.iter(), element, depth)?;
        }
        (Value::Set(items), Type::Set(element)) => {
            write_items(out, distinct(items).into_iter(), element, depth)?;
        }
        (Value::Tuple(items), Type::Tuple(elements)) => {
            ValueErrorKind::check_length(elements.len(), items.len())?;
            written(encode::write_array_len(out, length(items.len())?));
            for (index, (item, element)) in items.iter().zip(elements).enumerate() {
                write_value(out, item, element, depth + 1)
                    .map_err(|error| error.under_index(index))?;
            }
        }
        (Value::Map(map), Type::Map(element)) => {
            written(encode::write_map_len(out, length(map.len())?));
            for (key, item) in map {
                write_text(out, key)?;
                write_value(out, item, element, depth + 1)
                    .map_err(|error| error.under(Step::Key(key.clone())))?;
            }
        }
        (Value::Object(object), Type::Object(of)) => return write_object(out, object, of, depth),
        (Value::Dynamic(inner), Type::Dynamic) => {
            let (inner_type, inner_value) = &**inner;
            let json = inner_type.to_json();
            written(encode::write_array_len(out, 2));
            written(encode::write_bin_len(out, length(json.len())?));
            out.as_mut_vec().extend_from_slice(&json);
            write_value(out, inner_value, inner_type, depth + 1)?;
        }
        _ => {
            return Err(ValueErrorKind::Mismatch {
                expected: ty.noun(),
                found: value.noun(),
            }
            .into());
        }
    }
    Ok(())
}

fn write_items<'v>(
    out: &mut ByteBuf,
    items: impl ExactSizeIterator<Item = &'v Value>,
    element: &Type,
    depth: usize,
) -> Result<(), EncodeError> {
    written(encode::write_array_len(out, length(items.len())?));
    for (index, item) in items.enumerate() {
        write_value(out, item, element, depth + 1).map_err(|error| error.under_index(index))?;
    }
    Ok(())
}

fn write_object(
    out: &mut ByteBuf,
    object: &Object,
    ty: &ObjectType,
    depth: usize,
) -> Result<(), EncodeError> {
    check_attributes(object, ty)?;
    written(encode::write_map_len(out, length(object.len())?));
    for ((name, value), (_, attribute_type)) in object.iter().zip(ty.attributes()) {
        write_text(out, name)?;
        write_value(out, value, attribute_type, depth + 1)
            .map_err(|error| error.under_attribute(name))?;
    }
    Ok(())
}

/// Checks that an object has the attributes of its type, no more and no fewer. Both are sorted.
fn check_attributes(object: &Object, ty: &ObjectType) -> Result<(), ValueErrorKind> {
    let names = ty.attributes().iter().map(|(name, _)| name);
    if object.iter().map(|(name, _)| name).eq(names.clone()) {
        return Ok(());
    }
    if let Some((name, _)) = object.iter().find(|(name, _)| ty.get(name).is_none()) {
        return Err(ValueErrorKind::UnsupportedAttribute(name.to_string()));
    }
    let missing = names.into_iter().find(|name| object.get(name).is_none());
    Err(ValueErrorKind::MissingAttribute(
        missing.map_or_else(String::new, ToString::to_string),
    ))
}

fn write_unknown(out: &mut ByteBuf, refinement: &Refinement) -> Result<(), EncodeError> {
    let body = refinement.body();
    if body.is_empty() {
        out.as_mut_vec().extend_from_slice(&PLAIN_UNKNOWN);
    } else {
        written(encode::write_ext_meta(
            out,
            length(body.len())?,
            REFINED_UNKNOWN,
        ));
        out.as_mut_vec().extend_from_slice(body);
    }
    Ok(())
}

/// An integer where it fits, otherwise decimal text, which core reads at full precision.
fn write_number(out: &mut ByteBuf, number: &Number) -> Result<(), EncodeError> {
    if let Some(int) = number.as_i64() {
        written(encode::write_sint(out, int));
    } else if let Some(int) = number.as_u64() {
        written(encode::write_uint(out, int));
    } else {
        write_text(out, &number.to_string())?;
    }
    Ok(())
}

fn write_text(out: &mut ByteBuf, text: &str) -> Result<(), EncodeError> {
    written(encode::write_str_len(out, length(text.len())?));
    out.as_mut_vec().extend_from_slice(text.as_bytes());
    Ok(())
}

fn length(length: usize) -> Result<u32, EncodeError> {
    u32::try_from(length).map_err(|_| ValueErrorKind::TooLarge.into())
}

/// Writing into memory cannot fail.
fn written<T>(result: Result<T, ValueWriteError<Infallible>>) {
    match result {
        Ok(_) => {}
        Err(
            ValueWriteError::InvalidMarkerWrite(never) | ValueWriteError::InvalidDataWrite(never),
        ) => match never {},
    }
}
