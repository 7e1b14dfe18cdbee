//! Value to JSON.

use super::{EncodeError, MAX_DEPTH, Problem, Type, Value};
use crate::tfplugin::path::Step;

pub(super) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(256);
    write_value(&mut out, value, ty, 0)?;
    Ok(out)
}

fn write_value(
    out: &mut Vec<u8>,
    value: &Value,
    ty: &Type,
    depth: usize,
) -> Result<(), EncodeError> {
    if depth > MAX_DEPTH {
        return Err(Problem::TooDeep.into());
    }
    match (value, ty) {
        (Value::Null, _) => out.extend_from_slice(b"null"),
        (Value::Unknown(_), _) => return Err(Problem::UnknownInJson.into()),
        (Value::Bool(truth), Type::Bool) => {
            out.extend_from_slice(if *truth { b"true" } else { b"false" });
        }
        (Value::Number(number), Type::Number) => {
            out.extend_from_slice(number.to_string().as_bytes())
        }
        (Value::String(text), Type::String) => write_text(out, text)?,
        (Value::Sequence(items), Type::List(element) | Type::Set(element)) => {
            write_items(out, items.iter().map(|item| (item, &**element)), depth)?;
        }
        (Value::Sequence(items), Type::Tuple(elements)) => {
            super::same_length(elements.len(), items.len())?;
            write_items(out, items.iter().zip(elements), depth)?;
        }
        (Value::Map(map), Type::Map(element)) => {
            out.push(b'{');
            for (index, (key, item)) in map.iter().enumerate() {
                separate(out, index);
                write_text(out, key)?;
                out.push(b':');
                write_value(out, item, element, depth + 1)
                    .map_err(|error| error.under(Step::Key(key.clone())))?;
            }
            out.push(b'}');
        }
        (Value::Object(object), Type::Object(of)) => {
            super::same_attributes(object, of)?;
            out.push(b'{');
            let attributes = object.iter().zip(of.attributes());
            for (index, ((name, item), (_, attribute_type))) in attributes.enumerate() {
                separate(out, index);
                write_text(out, name)?;
                out.push(b':');
                write_value(out, item, attribute_type, depth + 1)
                    .map_err(|error| error.under_attribute(name))?;
            }
            out.push(b'}');
        }
        (Value::Dynamic(inner), Type::Dynamic) => {
            let (inner_type, inner_value) = &**inner;
            out.extend_from_slice(b"{\"type\":");
            out.extend_from_slice(&inner_type.to_json());
            out.extend_from_slice(b",\"value\":");
            write_value(out, inner_value, inner_type, depth + 1)?;
            out.push(b'}');
        }
        _ => return Err(super::mismatch(value, ty).into()),
    }
    Ok(())
}

fn write_items<'v>(
    out: &mut Vec<u8>,
    items: impl Iterator<Item = (&'v Value, &'v Type)>,
    depth: usize,
) -> Result<(), EncodeError> {
    out.push(b'[');
    for (index, (item, ty)) in items.enumerate() {
        separate(out, index);
        write_value(out, item, ty, depth + 1).map_err(|error| error.under_index(index))?;
    }
    out.push(b']');
    Ok(())
}

fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    // Text is always JSON, and memory always takes it; the error only satisfies the signature.
    serde_json::to_writer(out, text).map_err(|_| Problem::TooLarge.into())
}
