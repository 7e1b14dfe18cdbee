//! The binary form of values, written with `rmpv` and driven by the type.
//!
//! Numbers are written as core writes them: an integer that fits as an integer, what a double holds
//! exactly as a double, the rest as decimal text. Unknown is extension 0, refined unknown extension 12.

use std::collections::BTreeMap;
use std::str::FromStr;

use bigdecimal::{BigDecimal, ToPrimitive};
use rmpv::Value as Pack;

use super::{Mismatch, Refinements, Type, Value};

const UNKNOWN: i8 = 0;
const REFINED_UNKNOWN: i8 = 12;
const NULLNESS: u64 = 1;
const PREFIX: u64 = 2;

/// Reads a value of `ty`. Errors are worded as core words them.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, Mismatch> {
    let mut rest = bytes;
    let pack = rmpv::decode::read_value(&mut rest)
        .map_err(|e| Mismatch::new(format!("invalid msgpack: {e}")))?;
    if !rest.is_empty() {
        return Err(Mismatch::new(format!(
            "{} bytes follow the value",
            rest.len()
        )));
    }
    read(&pack, ty)
}

/// Writes a value of `ty`. A value that does not fit its type is an error.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, Mismatch> {
    let pack = write(value, ty)?;
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack).map_err(|e| Mismatch::new(e.to_string()))?;
    Ok(bytes)
}

fn required(ty: &Type) -> Mismatch {
    Mismatch::new(match ty {
        Type::Object(_) => "an object is required".to_owned(),
        Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) => {
            format!("a {} is required", ty.friendly())
        }
        _ => format!("{} is required", ty.friendly()),
    })
}

fn read(pack: &Pack, ty: &Type) -> Result<Value, Mismatch> {
    match pack {
        Pack::Nil => return Ok(Value::Null),
        Pack::Ext(REFINED_UNKNOWN, body) => return read_refinements(body).map(Value::Unknown),
        Pack::Ext(_, _) => return Ok(Value::unknown()),
        _ => {}
    }
    let wrong = || required(ty);
    match ty {
        Type::Bool => pack.as_bool().map(Value::Bool).ok_or_else(wrong),
        Type::Number => read_number(pack).map(Value::Number).ok_or_else(wrong),
        Type::String => pack
            .as_str()
            .map(|s| Value::String(s.to_owned()))
            .ok_or_else(wrong),
        Type::List(of) | Type::Set(of) => {
            let items = pack.as_array().ok_or_else(wrong)?;
            let items = items.iter().enumerate();
            items
                .map(|(i, item)| read(item, of).map_err(|e| e.at(i)))
                .collect::<Result<_, _>>()
                .map(Value::Sequence)
        }
        Type::Tuple(types) => {
            let items = pack.as_array().ok_or_else(wrong)?;
            if items.len() != types.len() {
                return Err(Mismatch::new(format!(
                    "a tuple with {} elements is required ({} given)",
                    types.len(),
                    items.len()
                )));
            }
            let items = items.iter().zip(types).enumerate();
            items
                .map(|(i, (item, of))| read(item, of).map_err(|e| e.at(i)))
                .collect::<Result<_, _>>()
                .map(Value::Sequence)
        }
        Type::Map(of) => {
            let mut elements = BTreeMap::new();
            for (key, item) in pack.as_map().ok_or_else(wrong)? {
                let key = key.as_str().ok_or_else(|| required(&Type::String))?;
                let item = read(item, of).map_err(|e| e.within(key))?;
                if elements.insert(key.to_owned(), item).is_some() {
                    return Err(Mismatch::new("the same key twice").within(key));
                }
            }
            Ok(Value::Mapping(elements))
        }
        Type::Object(types) => {
            let given = pack.as_map().ok_or_else(wrong)?;
            if given.len() != types.len() {
                return Err(Mismatch::new(format!(
                    "an object with {} attributes is required ({} given)",
                    types.len(),
                    given.len()
                )));
            }
            let mut attributes = BTreeMap::new();
            for (key, item) in given {
                let key = key.as_str().ok_or_else(|| required(&Type::String))?;
                let of = types
                    .get(key)
                    .ok_or_else(|| Mismatch::new("unsupported attribute").within(key))?;
                let item = read(item, of).map_err(|e| e.within(key))?;
                if attributes.insert(key.to_owned(), item).is_some() {
                    return Err(Mismatch::new("the same attribute twice").within(key));
                }
            }
            Ok(Value::Mapping(attributes))
        }
        Type::Dynamic => {
            let wrong = || Mismatch::new("a dynamic value is a type and a value");
            let [ty, value] = pack.as_array().map(Vec::as_slice).unwrap_or_default() else {
                return Err(wrong());
            };
            let ty = match ty {
                Pack::Binary(bytes) => Type::parse(bytes),
                Pack::String(text) => Type::parse(text.as_bytes()),
                _ => return Err(wrong()),
            }
            .map_err(Mismatch::new)?;
            let value = read(value, &ty)?;
            Ok(Value::Dynamic(Box::new((ty, value))))
        }
    }
}

fn read_number(pack: &Pack) -> Option<BigDecimal> {
    match pack {
        Pack::Integer(n) => n
            .as_i64()
            .map(BigDecimal::from)
            .or_else(|| n.as_u64().map(BigDecimal::from)),
        Pack::F64(f) => BigDecimal::try_from(*f).ok(),
        Pack::F32(f) => BigDecimal::try_from(f64::from(*f)).ok(),
        Pack::String(text) => BigDecimal::from_str(text.as_str()?).ok(),
        _ => None,
    }
    .map(|n| n.normalized())
}

fn read_refinements(body: &[u8]) -> Result<Refinements, Mismatch> {
    let wrong = || Mismatch::new("the refinements of an unknown value are no map");
    let mut rest = body;
    let pack = rmpv::decode::read_value(&mut rest).map_err(|_| wrong())?;
    let mut refinements = Refinements::default();
    for (key, item) in pack.as_map().ok_or_else(wrong)? {
        match (key.as_u64().ok_or_else(wrong)?, item) {
            (NULLNESS, Pack::Boolean(null)) => refinements.not_null = !null,
            (PREFIX, Pack::String(text)) => {
                refinements.prefix = text.as_str().map(str::to_owned);
            }
            (other, item) => refinements.other.push((other, item.clone())),
        }
    }
    Ok(refinements)
}

fn write(value: &Value, ty: &Type) -> Result<Pack, Mismatch> {
    Ok(match (value, ty) {
        (Value::Null, _) => Pack::Nil,
        (Value::Unknown(refinements), _) => write_unknown(refinements)?,
        (Value::Bool(truth), Type::Bool) => Pack::Boolean(*truth),
        (Value::Number(number), Type::Number) => write_number(number),
        (Value::String(text), Type::String) => Pack::from(text.as_str()),
        (Value::Sequence(items), Type::List(of) | Type::Set(of)) => {
            let items = items.iter().enumerate();
            Pack::Array(
                items
                    .map(|(i, item)| write(item, of).map_err(|e| e.at(i)))
                    .collect::<Result<_, _>>()?,
            )
        }
        (Value::Sequence(items), Type::Tuple(types)) if items.len() == types.len() => {
            let items = items.iter().zip(types).enumerate();
            Pack::Array(
                items
                    .map(|(i, (item, of))| write(item, of).map_err(|e| e.at(i)))
                    .collect::<Result<_, _>>()?,
            )
        }
        (Value::Mapping(items), Type::Map(of)) => Pack::Map(
            items
                .iter()
                .map(|(k, item)| {
                    Ok((
                        Pack::from(k.as_str()),
                        write(item, of).map_err(|e| e.within(k))?,
                    ))
                })
                .collect::<Result<_, Mismatch>>()?,
        ),
        (Value::Mapping(items), Type::Object(types)) => {
            if items.len() != types.len() {
                return Err(Mismatch::new(format!(
                    "an object with {} attributes is required ({} given)",
                    types.len(),
                    items.len()
                )));
            }
            Pack::Map(
                items
                    .iter()
                    .map(|(k, item)| {
                        let of = types
                            .get(k)
                            .ok_or_else(|| Mismatch::new("unsupported attribute").within(k))?;
                        Ok((
                            Pack::from(k.as_str()),
                            write(item, of).map_err(|e| e.within(k))?,
                        ))
                    })
                    .collect::<Result<_, Mismatch>>()?,
            )
        }
        (Value::Dynamic(inner), Type::Dynamic) => Pack::Array(vec![
            Pack::Binary(inner.0.to_json().to_string().into_bytes()),
            write(&inner.1, &inner.0)?,
        ]),
        _ => return Err(required(ty)),
    })
}

fn write_number(number: &BigDecimal) -> Pack {
    if number.is_integer() {
        if let Some(n) = number.to_i64() {
            return Pack::from(n);
        }
        if let Some(n) = number.to_u64() {
            return Pack::from(n);
        }
    }
    match number.to_f64() {
        Some(f) if BigDecimal::try_from(f).is_ok_and(|exact| exact == *number) => Pack::F64(f),
        _ => Pack::from(number.normalized().to_plain_string()),
    }
}

fn write_unknown(refinements: &Refinements) -> Result<Pack, Mismatch> {
    if refinements.is_empty() {
        return Ok(Pack::Ext(UNKNOWN, vec![0]));
    }
    let mut entries = Vec::new();
    if refinements.not_null {
        entries.push((Pack::from(NULLNESS), Pack::Boolean(false)));
    }
    if let Some(prefix) = &refinements.prefix {
        entries.push((Pack::from(PREFIX), Pack::from(prefix.as_str())));
    }
    for (key, item) in &refinements.other {
        entries.push((Pack::from(*key), item.clone()));
    }
    let mut body = Vec::new();
    rmpv::encode::write_value(&mut body, &Pack::Map(entries))
        .map_err(|e| Mismatch::new(e.to_string()))?;
    Ok(Pack::Ext(REFINED_UNKNOWN, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(BigDecimal::from_str(text).unwrap().normalized())
    }

    #[test]
    fn numbers_are_written_as_core_writes_them() {
        for (text, bytes) in [
            ("5", vec![0x05]),
            ("-1", vec![0xff]),
            ("0.5", vec![0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]),
            ("0.1", b"\xa30.1".to_vec()),
            ("1e-7", b"\xa90.0000001".to_vec()),
            (
                "123456789012345678901234567890",
                b"\xbe123456789012345678901234567890".to_vec(),
            ),
        ] {
            let value = number(text);
            assert_eq!(encode(&value, &Type::Number).unwrap(), bytes, "{text}");
            assert_eq!(decode(&bytes, &Type::Number).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn unknowns_and_their_refinements_round_trip() {
        let plain = Value::unknown();
        assert_eq!(encode(&plain, &Type::String).unwrap(), [0xd4, 0, 0]);
        let refined = Value::Unknown(Refinements {
            not_null: true,
            prefix: Some("p-".to_owned()),
            other: Vec::new(),
        });
        let bytes = encode(&refined, &Type::String).unwrap();
        assert_eq!(bytes, b"\xc7\x07\x0c\x82\x01\xc2\x02\xa2p-");
        assert_eq!(decode(&bytes, &Type::String).unwrap(), refined);
    }

    #[test]
    fn dynamic_values_carry_their_type() {
        let value = Value::Dynamic(Box::new((
            Type::List(Box::new(Type::String)),
            Value::Sequence(vec![Value::string("a")]),
        )));
        let bytes = encode(&value, &Type::Dynamic).unwrap();
        assert_eq!(bytes, b"\x92\xc4\x11[\"list\",\"string\"]\x91\xa1a");
        assert_eq!(decode(&bytes, &Type::Dynamic).unwrap(), value);
        assert_eq!(decode(&[0xc0], &Type::Dynamic).unwrap(), Value::Null);
    }

    #[test]
    fn mismatches_are_worded_as_core_words_them() {
        let ty = Type::object([("id", Type::String), ("url", Type::String)]);
        let text = |bytes: &[u8]| decode(bytes, &ty).unwrap_err().to_string();
        assert_eq!(
            text(b"\x81\xa2id\xc0"),
            "an object with 2 attributes is required (1 given)"
        );
        assert_eq!(
            text(b"\x82\xa2id\xc0\xa3url\x05"),
            r#"["url"]: string is required"#
        );
        assert_eq!(text(b"\x05"), "an object is required");
        assert_eq!(
            text(b"\x82\xa2id\xc0\xa3uri\xc0"),
            r#"["uri"]: unsupported attribute"#
        );
        assert!(text(b"\xc0\xc0").contains("follow"));
        assert!(text(b"").contains("invalid msgpack"));
    }
}
