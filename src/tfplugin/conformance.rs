//! Whether what a provider offers fits together: its models, its schemas, its texts. For tests.

use super::{
    model::Model,
    schema::{Attribute, Kind, Nesting, Schema},
    service::Shape,
    value::{Object, Type, Value},
};

/// What does not fit between `what`'s schema and its model.
pub(super) fn faults<M: Model>(what: &str, shape: &Shape) -> Vec<String> {
    let mut found = schema_faults(what, &shape.schema);
    let sample = sample_object(&shape.schema.attributes);
    let round_trip = shape
        .model::<M>(sample.clone())
        .and_then(|model| shape.tree(&model));
    match round_trip {
        Ok(tree) if tree == sample => {}
        Ok(_) => found.push(format!(
            "{what}: the model does not give back what it was given"
        )),
        Err(error) => found.push(format!("{what}: {}", error.detail)),
    }
    found
}

fn schema_faults(what: &str, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    if schema.description.is_empty() {
        found.push(format!("{what} has no description"));
    }
    attribute_faults(what, &schema.attributes, &mut found);
    found
}

fn attribute_faults(of: &str, attributes: &[Attribute], found: &mut Vec<String>) {
    for (position, attribute) in attributes.iter().enumerate() {
        let what = format!("{of}.{}", attribute.name);
        let mut fault = |fault: &str| found.push(format!("{what} {fault}"));
        if attributes[..position]
            .iter()
            .any(|earlier| earlier.name == attribute.name)
        {
            fault("is there twice");
        }
        if attribute.description.is_empty() {
            fault("has no description");
        }
        if attribute.required == (attribute.optional || attribute.computed) {
            fault("must be either required, or optional or computed");
        }
        if attribute.write_only && attribute.computed {
            fault("is write-only, so it cannot be computed");
        }
        if attribute.default.is_some() && !(attribute.optional && attribute.computed) {
            fault("has a default, so it must be optional and computed");
        }
        if let Kind::Nested { attributes, .. } = &attribute.kind {
            attribute_faults(&what, attributes, found);
        }
    }
}

fn sample_object(attributes: &[Attribute]) -> Value {
    let members = attributes.iter().map(|attribute| {
        let value = match &attribute.kind {
            Kind::Plain(value_type) => sample(value_type),
            Kind::Nested {
                nesting,
                attributes,
            } => {
                let object = sample_object(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Value::Sequence(vec![object]),
                    Nesting::Map => Value::Map([("key".to_owned(), object)].into()),
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
        Type::List(element) | Type::Set(element) => Value::Sequence(vec![sample(element)]),
        Type::Map(element) => Value::Map([("key".to_owned(), sample(element))].into()),
        Type::Tuple(elements) => Value::Sequence(elements.iter().map(sample).collect()),
        Type::Object(object) => Value::Object(Object::new(
            object
                .attributes()
                .iter()
                .map(|(name, member)| (name.clone(), sample(member))),
        )),
    }
}
