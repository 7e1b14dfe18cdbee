//! Whether a configuration sets what it must, and nothing that it must not. Core checks only that a required argument is
//! written, not that its value is not null, and lets a value for a read-only attribute pass.

use super::{
    diagnostics::Diagnostic,
    path::{Path, Step},
    schema::{Attribute, AttributeKind, NestingMode},
    value::{Object, Value},
};

/// An error for each required argument that is null, and for each read-only attribute with a value, at any depth.
/// What is still unknown may be either.
pub(super) fn argument_errors(config: &Value, attributes: &[Attribute]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for_each(config, attributes, &mut |place, attribute, value| {
        let is_read_only = !attribute.required && !attribute.optional;
        if attribute.required && value.is_null() {
            let (name, path) = place.attribute(attribute.name);
            let detail = format!("{name} is required, and its value is null.");
            found.push(Diagnostic::error("Missing required argument", detail).at(path));
        } else if is_read_only && !value.is_null() && !value.is_unknown() {
            let (name, path) = place.attribute(attribute.name);
            let detail =
                format!("{name} is set by the provider. Remove it from the configuration.");
            found.push(Diagnostic::error("Read-only attribute", detail).at(path));
        }
        !is_read_only
    });
    found
}

/// An error for each write-only attribute that is set, at any depth: a CLI that does not know write-only attributes
/// would store their values. `is_set` says what counts as set: a value that is still unknown when a
/// configuration is validated may turn out null.
pub(super) fn refuse_write_only(
    config: &Value,
    attributes: &[Attribute],
    is_set: impl Fn(&Value) -> bool,
) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    for_each(config, attributes, &mut |place, attribute, value| {
        if attribute.write_only && is_set(value) {
            let (name, path) = place.attribute(attribute.name);
            let error = Diagnostic::error(
                "Write-only attribute not supported by this CLI",
                format!(
                    "{name} is write-only: its value must never be stored. This version of Terraform or OpenTofu does not support write-only attributes and would store the value in its state.\n\nUse Terraform 1.11 or later, or OpenTofu 1.11 or later, or an attribute that is not write-only."
                ),
            );
            refused.push(error.at(path));
        }
        true
    });
    refused
}

/// Where an object is. Core cannot follow a path into a set, so the set is what an error is about.
#[derive(Clone)]
enum Place {
    Path(Path),
    InSet(Path),
}

impl Place {
    /// How a message calls an attribute of the object, and the path that core can follow.
    fn attribute(&self, name: &'static str) -> (String, Path) {
        match self {
            Self::Path(path) => {
                let path = path.clone().child_attribute(name);
                (path.to_string(), path)
            }
            Self::InSet(set) => (format!("{name} of an element of {set}"), set.clone()),
        }
    }

    /// The object that an attribute of this one holds: itself, or where a step leads from it.
    fn nested(&self, attribute: &'static str, nesting: NestingMode, step: Option<Step>) -> Self {
        let Self::Path(path) = self else {
            return self.clone();
        };
        let path = path.clone().child_attribute(attribute);
        match (nesting, step) {
            (NestingMode::Set, _) => Self::InSet(path),
            (_, Some(step)) => Self::Path(path.child(step)),
            (_, None) => Self::Path(path),
        }
    }
}

/// Visits each attribute of a configuration, with the place of the object that has it, and what is nested in it where the
/// visit says so.
fn for_each(
    config: &Value,
    attributes: &[Attribute],
    visit: &mut impl FnMut(&Place, &Attribute, &Value) -> bool,
) {
    if let Value::Object(config) = config {
        of_object(config, attributes, &Place::Path(Path::root()), visit);
    }
}

fn of_object(
    object: &Object,
    attributes: &[Attribute],
    place: &Place,
    visit: &mut impl FnMut(&Place, &Attribute, &Value) -> bool,
) {
    for attribute in attributes {
        let Some(value) = object.get(attribute.name) else {
            continue;
        };
        let AttributeKind::Nested {
            nesting,
            attributes,
        } = &attribute.kind
        else {
            visit(place, attribute, value);
            continue;
        };
        if !visit(place, attribute, value) {
            continue;
        }
        let mut inside = |step, nested: &Value| {
            if let Value::Object(nested) = nested {
                let place = place.nested(attribute.name, *nesting, step);
                of_object(nested, attributes, &place, visit);
            }
        };
        match value {
            Value::List(elements) | Value::Set(elements) => (0..)
                .zip(elements)
                .for_each(|(index, element)| inside(Some(Step::Index(index)), element)),
            Value::Map(elements) => elements
                .iter()
                .for_each(|(key, element)| inside(Some(Step::Key(key.clone())), element)),
            single => inside(None, single),
        }
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
