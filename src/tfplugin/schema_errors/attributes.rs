//! What is wrong with the attributes of a schema, whatever the model.

use super::{
    kind::Kind,
    names::{NOT_AN_IDENTIFIER, is_identifier},
};
use crate::tfplugin::{
    schema::{Attribute, AttributeKind, NestingMode, Schema},
    value::Type,
};

/// What is wrong with a schema, for its kind.
pub(super) fn attribute_errors(kind: Kind, what: &str, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    if schema.description.is_empty() {
        found.push(format!("{what} has no description"));
    }
    for Attribute { name, .. } in &schema.attributes {
        if kind.meta_arguments().contains(name) {
            found.push(format!(
                "{what}.{name} is a meta-argument of Terraform, which never reaches the provider"
            ));
        }
    }
    of_attributes(kind, what, &schema.attributes, false, &mut found);
    found
}

fn of_attributes(
    kind: Kind,
    of: &str,
    attributes: &[Attribute],
    in_set: bool,
    found: &mut Vec<String>,
) {
    for (position, attribute) in attributes.iter().enumerate() {
        let what = format!("{of}.{}", attribute.name);
        let mut error = |error: &str| found.push(format!("{what} {error}"));
        if attributes[..position]
            .iter()
            .any(|earlier| earlier.name == attribute.name)
        {
            error("is declared twice");
        }
        if !is_identifier(attribute.name) {
            error(NOT_AN_IDENTIFIER);
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
        let may_default = attribute.optional && (attribute.computed || !kind.returns_arguments());
        if attribute.default.is_some() && !may_default {
            error("has a default, so it must be optional, and computed where core gets it back");
        }
        if attribute.write_only && !kind.takes_write_only() {
            error("is write-only, which only attributes of resources and actions can be");
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
                of_attributes(kind, &what, attributes, in_set, found);
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
