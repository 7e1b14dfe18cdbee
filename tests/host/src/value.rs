//! Values, in the provider's own codec, and what tests need beside it: JSON with unknowns in it,
//! and the JSON of a state file.

use serde_json::{Map, Value as Json, json};
pub use terraform_provider_immuta::tfplugin::value::{Object, ObjectType, Type, Value};

const MARKER: &str = "\u{0}unknown";

/// Stands for an unknown value in the JSON of a test, at the top level of an object.
pub fn unknown() -> Json {
    json!({ MARKER: true })
}

/// The object of this type in JSON: what is left out is null, as in HCL, and what the type lacks is
/// an error.
pub fn object(json: &Json, ty: &ObjectType) -> Result<Value, String> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    let given = json.as_object().ok_or("an object is required")?;
    if let Some(extra) = given.keys().find(|name| ty.get(name).is_none()) {
        return Err(format!("{extra}: unsupported attribute"));
    }
    let mut object = Object::nulls(ty);
    for (name, json) in given {
        let ty = ty.get(name).expect("checked above");
        let value = match json.get(MARKER) {
            Some(_) => Value::unknown(),
            None => {
                Value::from_json_lenient(json.to_string().as_bytes(), ty)
                    .map_err(|e| format!("{name}: {e}"))?
                    .0
            }
        };
        object.insert(name.as_str(), value);
    }
    Ok(object.into())
}

/// An identity, or any other object with an `id` alone.
pub fn with_id(id: &str) -> Value {
    Object::new([("id", Value::from(id))]).into()
}

/// What tests ask of a value.
pub trait ValueExt {
    /// The attribute of an object; null where there is none.
    fn attribute(&self, name: &str) -> &Value;
    /// The elements of a list, set or tuple.
    fn elements(&self) -> Option<&[Value]>;
    /// As JSON. An unknown is [`unknown`].
    fn to_test_json(&self) -> Json;
    /// The object with every attribute null in which something is unknown, as core saves it.
    #[must_use]
    fn unknown_as_null(self) -> Value;
    /// The same object with an attribute set.
    #[must_use]
    fn with(self, name: &str, value: Value) -> Value;
}

impl ValueExt for Value {
    fn attribute(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }

    fn elements(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) | Value::Set(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    fn to_test_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Unknown(_) => unknown(),
            Value::Bool(truth) => json!(truth),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => json!(integer),
                None => json!(number.as_f64()),
            },
            Value::String(text) => json!(text),
            Value::Map(items) => items
                .iter()
                .map(|(key, value)| (key.clone(), value.to_test_json()))
                .collect::<Map<_, _>>()
                .into(),
            Value::Object(object) => object
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_test_json()))
                .collect::<Map<_, _>>()
                .into(),
            Value::Dynamic(inner) => inner.1.to_test_json(),
            list => list
                .elements()
                .into_iter()
                .flatten()
                .map(ValueExt::to_test_json)
                .collect(),
        }
    }

    fn unknown_as_null(mut self) -> Value {
        if let Value::Object(object) = &mut self {
            for (_, value) in object.iter_mut().filter(|(_, v)| v.contains_unknown()) {
                *value = Value::Null;
            }
        }
        self
    }

    fn with(mut self, name: &str, value: Value) -> Value {
        if let Value::Object(object) = &mut self {
            object.insert(name, value);
        }
        self
    }
}
