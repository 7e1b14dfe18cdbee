//! Whether schemas, models and descriptions fit together, and whether a schema asks for what this layer leaves out.
//! For tests of a provider.

mod attributes;
mod kind;
mod model_fit;
mod names;
mod sample;
#[cfg(test)]
mod schema_errors_tests;

use std::{collections::BTreeSet, sync::Arc};

use self::{
    attributes::attribute_errors,
    model_fit::{Place, misfits, place},
    names::{NOT_AN_IDENTIFIER, is_identifier},
    sample::{sample, sample_object},
};
pub(super) use self::{kind::Kind, names::prefix_errors};
use super::{
    function::Function, model::Model, path::Step, schema::IdentitySchema, value::Type,
    wire::SchemaCodec,
};

/// What is wrong with a schema and its name, and where it and the model do not fit.
pub(super) fn schema_errors<M: Model>(kind: Kind, name: &str, codec: &SchemaCodec) -> Vec<String> {
    let what = format!("{kind} {name}");
    let mut found = attribute_errors(kind, &what, &codec.schema);
    if kind != Kind::Provider && !is_identifier(name) {
        found.push(format!("{what} {NOT_AN_IDENTIFIER}"));
    }
    let attributes = &codec.schema.attributes;
    let misfits = misfits::<M>(
        &what,
        &sample_object(attributes),
        &codec.value_type,
        |steps| place(kind, attributes, steps),
    );
    found.extend(misfits);
    found
}

/// What is wrong with the schema of an identity, and where it and its model do not fit.
pub(super) fn identity_errors<M: Model>(of: &str, schema: &IdentitySchema) -> Vec<String> {
    let what = format!("resource {of}: identity");
    let is_primitive = |ty: &Type| matches!(ty, Type::Bool | Type::Number | Type::String);
    let refused = schema
        .attributes
        .iter()
        .filter(|attribute| match &attribute.value_type {
            Type::List(element) => !is_primitive(element),
            other => !is_primitive(other),
        });
    let mut found: Vec<_> = refused
        .map(|attribute| {
            let name = attribute.name;
            format!("{what}.{name} is neither a string, a number or a bool, nor a list of them")
        })
        .collect();
    let identity_type = Type::Object(schema.object_type());
    let at_the_top = |steps: &[Step]| {
        (steps.len() == 1).then_some(Place {
            is_compared: true,
            default: None,
        })
    };
    let sample = sample(&identity_type);
    found.extend(misfits::<M>(&what, &sample, &identity_type, at_the_top));
    found
}

/// What is wrong with the definition of a function.
pub(super) fn function_errors((name, function): (&&str, &Arc<dyn Function>)) -> Vec<String> {
    let definition = function.definition();
    let mut found = Vec::new();
    let what = format!("function {name}");
    if !is_identifier(name) {
        found.push(format!("{what} {NOT_AN_IDENTIFIER}"));
    }
    if definition.summary.is_empty() || definition.description.is_empty() {
        found.push(format!("{what} has no summary or no description"));
    }
    let mut names = BTreeSet::new();
    for parameter in definition.parameters.iter().chain(&definition.variadic) {
        let name = parameter.name;
        if !names.insert(name) {
            found.push(format!("{what}.{name} is declared twice"));
        }
        if !is_identifier(name) {
            found.push(format!("{what}.{name} {NOT_AN_IDENTIFIER}"));
        }
        if parameter.description.is_empty() {
            found.push(format!("{what}.{name} has no description"));
        }
    }
    found
}
