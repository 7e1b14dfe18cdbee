//! A value for each schema and type, with something in every place.

use crate::tfplugin::{
    schema::{Attribute, AttributeKind, NestingMode},
    value::{Object, Type, Value},
};

pub(super) fn sample_object(attributes: &[Attribute]) -> Value {
    let members = attributes.iter().map(|attribute| {
        let value = match &attribute.kind {
            AttributeKind::Plain(value_type) => sample(value_type),
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let object = sample_object(attributes);
                match nesting {
                    NestingMode::Single => object,
                    NestingMode::List => Value::List(vec![object]),
                    NestingMode::Set => Value::Set(vec![object]),
                    NestingMode::Map => Value::Map([("key".to_owned(), object)].into()),
                }
            }
        };
        (attribute.name, value)
    });
    Value::Object(Object::new(members))
}

pub(super) fn sample(value_type: &Type) -> Value {
    match value_type {
        Type::Bool => Value::Bool(true),
        Type::Number => Value::from(1),
        Type::String => Value::from("sample"),
        Type::Dynamic => Value::Dynamic(Box::new((Type::String, Value::from("sample")))),
        Type::List(element) => Value::List(vec![sample(element)]),
        Type::Set(element) => Value::Set(vec![sample(element)]),
        Type::Map(element) => Value::Map([("key".to_owned(), sample(element))].into()),
        Type::Tuple(elements) => Value::Tuple(elements.iter().map(sample).collect()),
        Type::Object(object) => Value::Object(Object::new(
            object
                .attributes()
                .iter()
                .map(|(name, member)| (name.clone(), sample(member))),
        )),
    }
}
