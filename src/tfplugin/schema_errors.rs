//! Whether schemas, models and descriptions fit together, and whether a schema asks for what this layer leaves out.
//! For tests of a provider.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    function::Function,
    model::Model,
    path::Step,
    schema::{Attribute, AttributeKind, IdentitySchema, NestingMode, Schema},
    value::{self, Object, Type, Value},
    wire::{self, SchemaCodec},
};

/// What is wrong with the schema of `what`, and where it and the model do not fit.
pub(super) fn schema_errors<M: Model>(what: &str, codec: &SchemaCodec) -> Vec<String> {
    let mut found = of_schema(what, &codec.schema);
    let attributes = &codec.schema.attributes;
    found.extend(of_model::<M>(
        what,
        &sample_object(attributes),
        &codec.value_type,
        |steps| may_be_unknown(steps, attributes),
    ));
    found
}

/// Where the schema of an identity and its model do not fit.
pub(super) fn identity_errors<M: Model>(what: &str, schema: &IdentitySchema) -> Vec<String> {
    let what = format!("{what}: identity");
    let identity_type = Type::Object(schema.object_type());
    let at_the_top = |steps: &[Step]| steps.len() == 1;
    of_model::<M>(&what, &sample(&identity_type), &identity_type, at_the_top)
}

/// What is wrong with the definition of a function.
pub(super) fn function_errors((name, function): (&&str, &Arc<dyn Function>)) -> Vec<String> {
    let definition = function.definition();
    let mut found = Vec::new();
    let what = format!("function {name}");
    if definition.summary.is_empty() || definition.description.is_empty() {
        found.push(format!("{what} has no summary or no description"));
    }
    let mut names = BTreeSet::new();
    for parameter in definition.parameters.iter().chain(&definition.variadic) {
        let name = parameter.name;
        if !names.insert(name) {
            found.push(format!("{what}.{name} is declared twice"));
        }
        if parameter.description.is_empty() {
            found.push(format!("{what}.{name} has no description"));
        }
    }
    found
}

/// Where values of this type and the model do not fit: the sample, and the sample with an unknown or a null at each
/// place where core may send one.
fn of_model<M: Model>(
    what: &str,
    sample: &Value,
    value_type: &Type,
    may_be_unknown: impl Fn(&[Step]) -> bool,
) -> Vec<String> {
    let kept = |value: &Value| {
        let model = wire::model::<M>(value.clone()).map_err(|error| error.detail)?;
        let back = value::to_value(&model, value_type).map_err(|error| error.to_string())?;
        Ok::<_, String>(back == *value)
    };
    match kept(sample) {
        Ok(true) => {}
        Ok(false) => return vec![format!("{what}: the model does not keep every value")],
        Err(error) => return vec![format!("{what}: {error}")],
    }
    let mut places = Vec::new();
    sample.clone().walk_mut(&mut |path, _| {
        if may_be_unknown(path.steps()) {
            places.push(path.clone());
        }
    });
    places.retain(|place| {
        let with = |replacement: Value| {
            let mut value = sample.clone();
            value.walk_mut(&mut |path, node| {
                if path == place {
                    *node = replacement.clone();
                }
            });
            kept(&value) == Ok(true)
        };
        !(with(Value::unknown()) && with(Value::Null))
    });
    let places = places.into_iter().map(|place| {
        format!(
            "{what}.{place} may be unknown or null, which the model cannot hold there: its field needs an Attr at that depth, as in Attr<Vec<Attr<String>>>"
        )
    });
    places.collect()
}

/// Whether core may send an unknown or a null here. What only the provider sets is unknown or null as a whole.
fn may_be_unknown(steps: &[Step], attributes: &[Attribute]) -> bool {
    let Some((Step::Attribute(name), rest)) = steps.split_first() else {
        return false;
    };
    let Some(attribute) = attributes.iter().find(|attribute| attribute.name == name) else {
        return false;
    };
    if rest.is_empty() || !(attribute.required || attribute.optional) {
        return rest.is_empty();
    }
    let AttributeKind::Nested {
        nesting,
        attributes,
    } = &attribute.kind
    else {
        return true;
    };
    match (nesting, rest) {
        (NestingMode::Single, rest) => may_be_unknown(rest, attributes),
        (_, [_]) => true,
        (_, rest) => may_be_unknown(&rest[1..], attributes),
    }
}

fn of_schema(what: &str, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    if schema.description.is_empty() {
        found.push(format!("{what} has no description"));
    }
    of_attributes(what, &schema.attributes, false, &mut found);
    found
}

fn of_attributes(of: &str, attributes: &[Attribute], in_set: bool, found: &mut Vec<String>) {
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
        if attribute.write_only && in_set {
            error("is write-only, which core does not allow in a set");
        }
        let value_type = attribute.value_type();
        if let Some(default) = &attribute.default
            && default.to_msgpack(&value_type).is_err()
        {
            error("has a default of another type");
        }
        match &attribute.kind {
            AttributeKind::Plain(value_type) if is_dynamic(value_type) => {
                error("is dynamic, and a model cannot hold that");
            }
            AttributeKind::Plain(_) => {}
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let in_set = in_set || *nesting == NestingMode::Set;
                of_attributes(&what, attributes, in_set, found);
            }
        }
    }
}

fn is_dynamic(value_type: &Type) -> bool {
    match value_type {
        Type::Dynamic => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => is_dynamic(element),
        Type::Tuple(elements) => elements.iter().any(is_dynamic),
        Type::Object(object) => object.attributes().iter().any(|(_, ty)| is_dynamic(ty)),
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
                    NestingMode::Set => Value::Set(vec![object]),
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

#[cfg(test)]
#[path = "schema_errors_tests.rs"]
mod tests;
