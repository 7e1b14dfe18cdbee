//! Whether schemas, models and descriptions fit together. For tests of a provider.

use super::{
    model::Model,
    schema::{Attribute, AttributeKind, NestingMode, Schema},
    value::{Object, Type, Value},
    wire::{self, SchemaCodec},
};

/// What is wrong with the schema of `what`, and where it and the model do not fit.
pub(super) fn schema_errors<M: Model>(what: &str, codec: &SchemaCodec) -> Vec<String> {
    let mut found = of_schema(what, &codec.schema);
    let sample = sample_object(&codec.schema.attributes);
    let round_trip = wire::model::<M>(sample.clone()).and_then(|model| codec.value(&model));
    match round_trip {
        Ok(value) if value == sample => {}
        Ok(_) => found.push(format!("{what}: the model does not keep every value")),
        Err(error) => found.push(format!("{what}: {}", error.detail)),
    }
    found
}

fn of_schema(what: &str, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    if schema.description.is_empty() {
        found.push(format!("{what} has no description"));
    }
    of_attributes(what, &schema.attributes, &mut found);
    found
}

fn of_attributes(of: &str, attributes: &[Attribute], found: &mut Vec<String>) {
    for (position, attribute) in attributes.iter().enumerate() {
        let what = format!("{of}.{}", attribute.name);
        let mut error = |error: &str| found.push(format!("{what} {error}"));
        if attributes[..position]
            .iter()
            .any(|earlier| earlier.name == attribute.name)
        {
            error("is declared twice");
        }
        if attribute.description.is_empty() {
            error("has no description");
        }
        if attribute.required == (attribute.optional || attribute.computed) {
            error("must be either required, or optional or computed");
        }
        if attribute.write_only && attribute.computed {
            error("is write-only, so it cannot be computed");
        }
        if attribute.default.is_some() && !(attribute.optional && attribute.computed) {
            error("has a default, so it must be optional and computed");
        }
        if let AttributeKind::Nested { attributes, .. } = &attribute.kind {
            of_attributes(&what, attributes, found);
        }
    }
}

fn sample_object(attributes: &[Attribute]) -> Value {
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
                    NestingMode::Map => Value::Map([("key".to_owned(), object)].into()),
                }
            }
        };
        (attribute.name, value)
    });
    Value::Object(Object::new(members))
}

fn sample(value_type: &Type) -> Value {
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
