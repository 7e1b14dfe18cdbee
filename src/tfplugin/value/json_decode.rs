//! JSON to value, in one pass over the text, driven by the type.
//!
//! serde_json reads, a visitor for each node builds. serde's own error messages quote what they
//! found, so none of them is passed on: the visitors leave what is wrong in [`Context`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::object_builder::ObjectBuilder;
use super::{DecodeError, MAX_DEPTH, Number, ObjectType, Type, Value, ValueErrorKind};
use crate::tfplugin::path::{Path, Step};

impl Value {
    /// Decodes JSON.
    ///
    /// # Errors
    /// When the bytes are not exactly one value of this type.
    pub fn from_json(bytes: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        run(bytes, ty, &mut Context::default())
    }

    /// Decodes the JSON of a stored state, which another version of the schema may have written:
    /// attributes that the type does not have are dropped, those that are missing are null. Gives
    /// the paths of the dropped ones too.
    ///
    /// # Errors
    /// When the bytes are not JSON, or an attribute is of another type.
    pub fn from_json_lenient(bytes: &[u8], ty: &Type) -> Result<(Self, Vec<String>), DecodeError> {
        let mut context = Context {
            lenient: true,
            ..Context::default()
        };
        let value = run(bytes, ty, &mut context)?;
        let dropped = context.dropped.into_iter().map(|mut steps_reversed| {
            steps_reversed.reverse();
            Path::from(steps_reversed).to_string()
        });
        Ok((value, dropped.collect()))
    }
}

fn run(bytes: &[u8], ty: &Type, context: &mut Context) -> Result<Value, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ValueErrorKind::Utf8)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let node = Node {
        ty,
        depth: 0,
        context,
    };
    let value = match node.deserialize(&mut deserializer) {
        Ok(value) => value,
        Err(error) => {
            return Err(context
                .failure
                .take()
                .unwrap_or_else(|| syntax(&error).into()));
        }
    };
    deserializer
        .end()
        .map_err(|_| ValueErrorKind::TrailingBytes)?;
    Ok(value)
}

fn syntax(error: &serde_json::Error) -> ValueErrorKind {
    if error.is_eof() {
        ValueErrorKind::Truncated
    } else {
        ValueErrorKind::Json {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What one decoding carries from node to node.
#[derive(Default)]
struct Context {
    /// Drop attributes that the type does not have, make null those that are missing.
    lenient: bool,
    /// The paths of what was dropped, each from the inside out.
    dropped: Vec<Vec<Step>>,
    /// What was wrong, if serde had to stop.
    failure: Option<DecodeError>,
}

impl Context {
    /// Remembers what is wrong, and gives what makes serde stop.
    #[cold]
    fn fail<E: Error>(&mut self, error: impl Into<DecodeError>) -> E {
        self.failure = Some(error.into());
        E::custom("")
    }
}

/// One node to be read.
struct Node<'t, 'c> {
    ty: &'t Type,
    depth: usize,
    context: &'c mut Context,
}

impl Node<'_, '_> {
    fn mismatch<E: Error>(self, found: &'static str) -> E {
        let expected = self.ty.noun();
        self.context
            .fail(ValueErrorKind::Mismatch { expected, found })
    }

    /// Reads a child, and adds its step to the paths of whatever came to light in it.
    fn child<T, E>(
        &mut self,
        ty: &Type,
        step: impl Fn() -> Step,
        read: impl FnOnce(Node<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let dropped_before = self.context.dropped.len();
        let result = read(Node {
            ty,
            depth: self.depth + 1,
            context: self.context,
        });
        if let Some(failure) = self.context.failure.take() {
            self.context.failure = Some(failure.under(step()));
        }
        for steps in self.context.dropped.iter_mut().skip(dropped_before) {
            steps.push(step());
        }
        result
    }

    fn items<'de, A: SeqAccess<'de>>(
        mut self,
        element: &Type,
        mut seq: A,
    ) -> Result<Vec<Value>, A::Error> {
        let mut items = Vec::new();
        loop {
            let index = items.len();
            match self.child(
                element,
                || index_step(index),
                |node| seq.next_element_seed(node),
            )? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
    }

    fn tuple<'de, A: SeqAccess<'de>>(
        mut self,
        elements: &[Type],
        mut seq: A,
    ) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            match self.child(
                element,
                || index_step(index),
                |node| seq.next_element_seed(node),
            )? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        let mut found = items.len();
        while seq.next_element::<IgnoredAny>()?.is_some() {
            found += 1;
        }
        match ValueErrorKind::check_length(elements.len(), found) {
            Ok(()) => Ok(Value::Tuple(items)),
            Err(kind) => Err(self.context.fail(kind)),
        }
    }

    fn map<'de, A: MapAccess<'de>>(
        mut self,
        element: &Type,
        mut map: A,
    ) -> Result<Value, A::Error> {
        let mut elements = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let step = || Step::Key(key.clone());
            let value = self.child(element, step, |node| map.next_value_seed(node))?;
            if elements.contains_key(&key) {
                let error = DecodeError::from(ValueErrorKind::DuplicateKey);
                return Err(self.context.fail(error.under(Step::Key(key))));
            }
            elements.insert(key, value);
        }
        Ok(Value::Map(elements))
    }

    fn object<'de, A: MapAccess<'de>>(
        mut self,
        ty: &ObjectType,
        mut map: A,
    ) -> Result<Value, A::Error> {
        let mut builder = ObjectBuilder::new(ty);
        while let Some(name) = map.next_key_seed(Name(ty))? {
            let position = match name {
                Ok(position) => position,
                Err(name) if self.context.lenient => {
                    map.next_value::<IgnoredAny>()?;
                    self.context
                        .dropped
                        .push(vec![Step::Attribute(name.into())]);
                    continue;
                }
                Err(name) => {
                    return Err(self
                        .context
                        .fail(ValueErrorKind::UnsupportedAttribute(name)));
                }
            };
            let Some((name, attribute_type)) = ty.attributes().get(position) else {
                continue;
            };
            let step = || Step::Attribute(name.to_string().into());
            let value = self.child(attribute_type, step, |node| map.next_value_seed(node))?;
            builder.push(position, value);
        }
        let object = if self.context.lenient {
            builder.finish_with_nulls()
        } else {
            builder.finish()
        };
        match object {
            Ok(object) => Ok(Value::Object(object)),
            Err(kind) => Err(self.context.fail(kind)),
        }
    }

    /// The type may come behind the value, so both are taken as text first.
    fn dynamic<'de, A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let Ok(pair) = Pair::deserialize(MapAccessDeserializer::new(map)) else {
            return Err(self.context.fail(ValueErrorKind::DynamicPair));
        };
        let Ok(ty) = Type::from_json(pair.ty.get().as_bytes()) else {
            return Err(self.context.fail(ValueErrorKind::DynamicType));
        };
        let node = Node {
            ty: &ty,
            depth: self.depth + 1,
            context: self.context,
        };
        match node.deserialize(&mut serde_json::Deserializer::from_str(pair.value.get())) {
            Ok(value) => Ok(Value::Dynamic(Box::new((ty, value)))),
            Err(error) => {
                let failure = self.context.failure.take();
                let failure = failure.unwrap_or_else(|| syntax(&error).into());
                Err(self.context.fail(failure))
            }
        }
    }

    /// A number is taken as text, since its digits count. Decimal text in quotes is taken too.
    fn number<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let number: Result<Number, _> = match raw.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => raw.parse(),
            Some(b'"') => match serde_json::from_str::<Cow<'_, str>>(raw) {
                Ok(text) => text.parse(),
                Err(error) => return Err(self.context.fail(syntax(&error))),
            },
            Some(b'n') => return Ok(Value::Null),
            Some(b'[') => return Err(self.mismatch("an array")),
            Some(b'{') => return Err(self.mismatch("an object")),
            _ => return Err(self.mismatch("a bool")),
        };
        match number {
            Ok(number) => Ok(Value::Number(number)),
            Err(error) => Err(self.context.fail(ValueErrorKind::Number(error))),
        }
    }
}

fn index_step(index: usize) -> Step {
    Step::Index(i64::try_from(index).unwrap_or(i64::MAX))
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(self.context.fail(ValueErrorKind::TooDeep));
        }
        match self.ty {
            Type::Number => self.number(deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ty.noun())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        match self.ty {
            Type::Bool => Ok(Value::Bool(truth)),
            _ => Err(self.mismatch("a bool")),
        }
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.ty {
            Type::String => Ok(Value::String(text.to_owned())),
            _ => Err(self.mismatch("a string")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Value, A::Error> {
        match self.ty {
            Type::List(element) => self.items(element, seq).map(Value::List),
            Type::Set(element) => self.items(element, seq).map(Value::Set),
            Type::Tuple(elements) => self.tuple(elements, seq),
            _ => Err(self.mismatch("an array")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        match self.ty {
            Type::Map(element) => self.map(element, map),
            Type::Object(object) => self.object(object, map),
            Type::Dynamic => self.dynamic(map),
            _ => Err(self.mismatch("an object")),
        }
    }
}

/// A dynamic value in JSON.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair<'a> {
    #[serde(borrow, rename = "type")]
    ty: &'a RawValue,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Reads the name of an attribute: its position in the type, or the name that the type lacks.
struct Name<'t>(&'t ObjectType);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Result<usize, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = Result<usize, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.position(name).ok_or_else(|| name.to_owned()))
    }
}
