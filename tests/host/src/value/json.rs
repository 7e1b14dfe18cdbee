//! Values from and to JSON: what tests write, and what core keeps in its state file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use serde_json::{Value as Json, json};

use super::{Mismatch, Refinements, Type, Value};

const MARKER: &str = "\u{0}unknown";

/// Stands for an unknown value in the JSON of a test.
pub fn unknown() -> Json {
    json!({ MARKER: {} })
}

/// Stands for an unknown string that is not null and starts with `prefix`, as core sends for the
/// template `"p-${x}"`.
pub fn unknown_prefix(prefix: &str) -> Json {
    json!({ MARKER: { "not_null": true, "prefix": prefix } })
}

impl Value {
    /// Reads JSON as a value of `ty`. Attributes that an object leaves out are null, as in HCL;
    /// one that the type lacks is an error. [`unknown`] stands for an unknown value.
    pub fn from_json(json: &Json, ty: &Type) -> Result<Value, Mismatch> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        if let Some(refinements) = json.get(MARKER) {
            return Ok(Value::Unknown(Refinements {
                not_null: refinements["not_null"].as_bool().unwrap_or_default(),
                prefix: refinements["prefix"].as_str().map(str::to_owned),
                other: Vec::new(),
            }));
        }
        let wrong = || Mismatch::new(format!("{} is required", ty.friendly()));
        match ty {
            Type::Bool => json.as_bool().map(Value::Bool).ok_or_else(wrong),
            Type::String => json.as_str().map(Value::string).ok_or_else(wrong),
            Type::Number => match json {
                Json::Number(n) => BigDecimal::from_str(&n.to_string()).map_err(|_| wrong()),
                Json::String(s) => BigDecimal::from_str(s).map_err(|_| wrong()),
                _ => Err(wrong()),
            }
            .map(|n| Value::Number(n.normalized())),
            Type::List(of) | Type::Set(of) => {
                let items = json.as_array().ok_or_else(wrong)?.iter().enumerate();
                items
                    .map(|(i, item)| Value::from_json(item, of).map_err(|e| e.at(i)))
                    .collect::<Result<_, _>>()
                    .map(Value::Sequence)
            }
            Type::Tuple(types) => {
                let items = json.as_array().ok_or_else(wrong)?;
                if items.len() != types.len() {
                    return Err(wrong());
                }
                let items = items.iter().zip(types).enumerate();
                items
                    .map(|(i, (item, of))| Value::from_json(item, of).map_err(|e| e.at(i)))
                    .collect::<Result<_, _>>()
                    .map(Value::Sequence)
            }
            Type::Map(of) => {
                let items = json.as_object().ok_or_else(wrong)?;
                items
                    .iter()
                    .map(|(k, item)| {
                        let item = Value::from_json(item, of).map_err(|e| e.within(k))?;
                        Ok((k.clone(), item))
                    })
                    .collect::<Result<_, Mismatch>>()
                    .map(Value::Mapping)
            }
            Type::Object(types) => {
                let items = json.as_object().ok_or_else(wrong)?;
                if let Some(extra) = items.keys().find(|k| !types.contains_key(*k)) {
                    return Err(Mismatch::new("unsupported attribute").within(extra));
                }
                types
                    .iter()
                    .map(|(k, of)| {
                        let item = items.get(k).unwrap_or(&Json::Null);
                        let item = Value::from_json(item, of).map_err(|e| e.within(k))?;
                        Ok((k.clone(), item))
                    })
                    .collect::<Result<_, Mismatch>>()
                    .map(Value::Mapping)
            }
            Type::Dynamic => {
                let ty = implied_type(json);
                let value = Value::from_json(json, &ty)?;
                Ok(Value::Dynamic(Box::new((ty, value))))
            }
        }
    }

    /// The JSON of core's state file: keys sorted, numbers with all their digits, a dynamic value
    /// as `{"value":…,"type":…}`. An unknown has no place there and is written as null.
    pub fn to_state_json(&self) -> String {
        let mut text = String::new();
        write_state(self, &mut text);
        text
    }

    /// The value as JSON, for assertions. An unknown is what [`unknown`] gives; a number that no
    /// double holds is text.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Unknown(r) if r.is_empty() => unknown(),
            Value::Unknown(r) => {
                json!({ MARKER: { "not_null": r.not_null, "prefix": r.prefix } })
            }
            Value::Bool(truth) => json!(truth),
            Value::Number(n) => {
                let text = n.to_plain_string();
                serde_json::from_str(&text)
                    .ok()
                    .filter(|json: &Json| json.to_string().eq(&text))
                    .unwrap_or(Json::String(text))
            }
            Value::String(text) => json!(text),
            Value::Sequence(items) => items.iter().map(Value::to_json).collect(),
            Value::Mapping(items) => items
                .iter()
                .map(|(k, v)| (k.clone(), v.to_json()))
                .collect(),
            Value::Dynamic(inner) => inner.1.to_json(),
        }
    }
}

fn implied_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => Type::Tuple(items.iter().map(implied_type).collect()),
        Json::Object(items) => Type::Object(
            items
                .iter()
                .map(|(k, v)| (k.clone(), implied_type(v)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

fn write_state(value: &Value, text: &mut String) {
    match value {
        Value::Null | Value::Unknown(_) => text.push_str("null"),
        Value::Bool(truth) => {
            let _ = write!(text, "{truth}");
        }
        Value::Number(n) => text.push_str(&n.to_plain_string()),
        Value::String(s) => text.push_str(&json!(s).to_string()),
        Value::Sequence(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_state(item, text);
            }
            text.push(']');
        }
        Value::Mapping(items) => {
            text.push('{');
            for (i, (key, item)) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&json!(key).to_string());
                text.push(':');
                write_state(item, text);
            }
            text.push('}');
        }
        Value::Dynamic(inner) => {
            text.push_str("{\"value\":");
            write_state(&inner.1, text);
            let _ = write!(text, ",\"type\":{}}}", inner.0.to_json());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_filled_with_nulls() {
        let ty = Type::object([("n", Type::Number), ("s", Type::String)]);
        let value = Value::from_json(&json!({ "s": unknown_prefix("x-") }), &ty).unwrap();
        assert!(value.attribute("n").is_null());
        assert!(matches!(value.attribute("s"), Value::Unknown(r) if r.not_null));
        let error = Value::from_json(&json!({ "t": 1 }), &ty).unwrap_err();
        assert_eq!(error.to_string(), r#"["t"]: unsupported attribute"#);
    }

    #[test]
    fn state_json_keeps_every_digit() {
        let ty = Type::object([("big", Type::Number), ("d", Type::Dynamic)]);
        let json = json!({ "big": "123456789012345678901234567890", "d": ["a", 1.5] });
        let value = Value::from_json(&json, &ty).unwrap();
        assert_eq!(
            value.to_state_json(),
            r#"{"big":123456789012345678901234567890,"d":{"value":["a",1.5],"type":["tuple",["string","number"]]}}"#
        );
    }
}
