//! The types of cty, and their JSON form.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};

/// The type that a schema gives to a value. What a value is decoded and encoded by.
///
/// ```
/// use terraform_provider_immuta::tfplugin::value::{ObjectType, Type};
///
/// let book = Type::Object(ObjectType::new([("title", Type::String), ("pages", Type::Number)]));
/// let json = br#"["object",{"pages":"number","title":"string"}]"#;
/// assert_eq!(book.to_json(), json);
/// assert_eq!(Type::from_json(json), Ok(book));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A number of any precision.
    Number,
    /// Unicode text.
    String,
    /// A value that brings its own type.
    Dynamic,
    /// Values of one type, in order.
    List(Box<Type>),
    /// Distinct values of one type.
    Set(Box<Type>),
    /// Values of one type by name.
    Map(Box<Type>),
    /// A fixed number of values, each of its own type.
    Tuple(Vec<Type>),
    /// Named attributes, each of its own type.
    Object(ObjectType),
}

impl Type {
    /// Reads the JSON form: `"string"`, `["list","string"]`, `["object",{…}]`, `["tuple",[…]]`,
    /// `"dynamic"`. The optional third element of an object, the names of attributes that may be
    /// left out of a conversion, is accepted and forgotten: values on the wire have them all.
    ///
    /// # Errors
    /// When this is not JSON, or no type.
    pub fn from_json(json: &[u8]) -> Result<Self, TypeError> {
        serde_json::from_slice(json).map_err(|error| TypeError(error.to_string()))
    }

    /// The JSON form, attributes sorted by name.
    pub fn to_json(&self) -> Vec<u8> {
        // Only a failing writer or a map key that is no string could fail here; there is neither.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// A word for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Dynamic => "a dynamic value",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
        }
    }
}

/// The attributes of an object, sorted by name. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType {
    attributes: Arc<[(Arc<str>, Type)]>,
}

impl ObjectType {
    /// From attributes in any order. Of two with one name the later one counts.
    pub fn new<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        let sorted: BTreeMap<Arc<str>, Type> = attributes
            .into_iter()
            .map(|(name, ty)| (name.into(), ty))
            .collect();
        Self {
            attributes: sorted.into_iter().collect(),
        }
    }

    /// Names and types, sorted by name.
    pub fn attributes(&self) -> &[(Arc<str>, Type)] {
        &self.attributes
    }

    /// The type of an attribute.
    pub fn get(&self, name: &str) -> Option<&Type> {
        let position = self.position(name)?;
        self.attributes.get(position).map(|(_, ty)| ty)
    }

    /// Where an attribute stands in the order of names.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.attributes
            .binary_search_by(|(candidate, _)| (**candidate).cmp(name))
            .ok()
    }
}

/// Text that was to be the JSON form of a type and is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a type: {0}")]
pub struct TypeError(String);

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn pair<S: Serializer>(
            serializer: S,
            kind: &str,
            of: &impl Serialize,
        ) -> Result<S::Ok, S::Error> {
            let mut tuple = serializer.serialize_tuple(2)?;
            tuple.serialize_element(kind)?;
            tuple.serialize_element(of)?;
            tuple.end()
        }
        match self {
            Self::Bool => serializer.serialize_str("bool"),
            Self::Number => serializer.serialize_str("number"),
            Self::String => serializer.serialize_str("string"),
            Self::Dynamic => serializer.serialize_str("dynamic"),
            Self::List(element) => pair(serializer, "list", element),
            Self::Set(element) => pair(serializer, "set", element),
            Self::Map(element) => pair(serializer, "map", element),
            Self::Tuple(elements) => pair(serializer, "tuple", elements),
            Self::Object(object) => pair(serializer, "object", object),
        }
    }
}

impl Serialize for ObjectType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.attributes.len()))?;
        for (name, ty) in self.attributes.iter() {
            map.serialize_entry(&**name, ty)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypeVisitor)
    }
}

struct TypeVisitor;

impl<'de> Visitor<'de> for TypeVisitor {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a type, or a list that starts with one")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Type, E> {
        match name {
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "dynamic" => Ok(Type::Dynamic),
            _ => Err(E::custom("unknown type name")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Type, A::Error> {
        let kind: TypeKind = next(&mut seq)?;
        let ty = match kind {
            TypeKind::List => Type::List(next(&mut seq)?),
            TypeKind::Set => Type::Set(next(&mut seq)?),
            TypeKind::Map => Type::Map(next(&mut seq)?),
            TypeKind::Tuple => Type::Tuple(next(&mut seq)?),
            TypeKind::Object => {
                let Attributes(attributes) = next(&mut seq)?;
                let _optional: Option<Vec<String>> = seq.next_element()?;
                Type::Object(ObjectType::new(attributes))
            }
        };
        match seq.next_element::<de::IgnoredAny>()? {
            None => Ok(ty),
            Some(_) => Err(de::Error::custom("too many elements")),
        }
    }
}

fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A) -> Result<T, A::Error> {
    seq.next_element()?
        .ok_or_else(|| de::Error::custom("too few elements"))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypeKind {
    List,
    Set,
    Map,
    Tuple,
    Object,
}

/// The attributes of an object type; a name that comes twice is an error.
struct Attributes(BTreeMap<Arc<str>, Type>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;

        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attribute types by name")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut attributes = BTreeMap::new();
                while let Some((name, ty)) = map.next_entry::<String, Type>()? {
                    if attributes.insert(Arc::from(name), ty).is_some() {
                        return Err(de::Error::custom("duplicate attribute"));
                    }
                }
                Ok(Attributes(attributes))
            }
        }

        deserializer.deserialize_map(AttributesVisitor)
    }
}

#[cfg(test)]
#[path = "types_tests.rs"]
mod tests;
