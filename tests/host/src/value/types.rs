//! Types, and their JSON form.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// A type of Terraform's type system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `dynamic`: each value brings its own type.
    Dynamic,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
    /// `object({…})`
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// An object type of the given attributes.
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Type)>) -> Type {
        Type::Object(
            attributes
                .into_iter()
                .map(|(name, ty)| (name.to_owned(), ty))
                .collect(),
        )
    }

    /// The attributes of an object type.
    pub fn attributes(&self) -> Option<&BTreeMap<String, Type>> {
        match self {
            Type::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// Reads the JSON form from the bytes of a schema.
    pub fn parse(bytes: &[u8]) -> Result<Type, String> {
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|e| format!("{:?}: {e}", String::from_utf8_lossy(bytes)))?;
        Type::from_json(&json)
    }

    /// Reads the JSON form.
    pub fn from_json(json: &Json) -> Result<Type, String> {
        let wrong = || format!("{json} is no type");
        match json {
            Json::String(name) => match name.as_str() {
                "bool" => Ok(Type::Bool),
                "number" => Ok(Type::Number),
                "string" => Ok(Type::String),
                "dynamic" => Ok(Type::Dynamic),
                _ => Err(wrong()),
            },
            Json::Array(parts) => {
                let kind = parts.first().and_then(Json::as_str).ok_or_else(wrong)?;
                let of = parts.get(1).ok_or_else(wrong)?;
                match kind {
                    "list" => Ok(Type::List(Box::new(Type::from_json(of)?))),
                    "set" => Ok(Type::Set(Box::new(Type::from_json(of)?))),
                    "map" => Ok(Type::Map(Box::new(Type::from_json(of)?))),
                    "tuple" => {
                        let items = of.as_array().ok_or_else(wrong)?;
                        items
                            .iter()
                            .map(Type::from_json)
                            .collect::<Result<_, _>>()
                            .map(Type::Tuple)
                    }
                    "object" => {
                        let attributes = of.as_object().ok_or_else(wrong)?;
                        attributes
                            .iter()
                            .map(|(k, v)| Ok((k.clone(), Type::from_json(v)?)))
                            .collect::<Result<_, String>>()
                            .map(Type::Object)
                    }
                    _ => Err(wrong()),
                }
            }
            _ => Err(wrong()),
        }
    }

    /// The JSON form.
    pub fn to_json(&self) -> Json {
        match self {
            Type::Bool => json!("bool"),
            Type::Number => json!("number"),
            Type::String => json!("string"),
            Type::Dynamic => json!("dynamic"),
            Type::List(of) => json!(["list", of.to_json()]),
            Type::Set(of) => json!(["set", of.to_json()]),
            Type::Map(of) => json!(["map", of.to_json()]),
            Type::Tuple(items) => {
                json!(["tuple", items.iter().map(Type::to_json).collect::<Vec<_>>()])
            }
            Type::Object(attributes) => {
                let attributes: serde_json::Map<_, _> = attributes
                    .iter()
                    .map(|(k, v)| (k.clone(), v.to_json()))
                    .collect();
                json!(["object", attributes])
            }
        }
    }

    /// As core names it in errors: "string is required".
    pub fn friendly(&self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Number => "number",
            Type::String => "string",
            Type::Dynamic => "dynamic",
            Type::List(_) => "list",
            Type::Set(_) => "set",
            Type::Map(_) => "map",
            Type::Tuple(_) => "tuple",
            Type::Object(_) => "object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form_round_trips() {
        for text in [
            r#""string""#,
            r#"["list","bool"]"#,
            r#"["set",["map","number"]]"#,
            r#"["object",{"a":"dynamic","b":["tuple",["string","number"]]}]"#,
        ] {
            let ty = Type::parse(text.as_bytes()).unwrap();
            assert_eq!(ty.to_json().to_string(), text);
        }
    }

    #[test]
    fn optional_attributes_of_an_object_are_ignored() {
        let ty = Type::parse(br#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert_eq!(ty, Type::object([("a", Type::String)]));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in [r#""text""#, r#"["list"]"#, "7", "{", r#"["bag","string"]"#] {
            assert!(Type::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
