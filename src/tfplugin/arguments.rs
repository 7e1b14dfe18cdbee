//! Whether a configuration sets what it must, and nothing that is not its own. Core checks only that a required argument
//! is written, not that its value is not null, and lets a value for a read-only attribute pass.

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
    if let Value::Object(config) = config {
        of_object(config, attributes, &Place::Path(Path::root()), &mut found);
    }
    found
}

/// Where an object is. Core cannot follow a path into a set, so the set is what an error is about.
enum Place {
    Path(Path),
    InSet(Path),
}

impl Place {
    fn attribute(&self, name: &'static str) -> (String, Path) {
        match self {
            Self::Path(path) => {
                let path = path.clone().child_attribute(name);
                (path.to_string(), path)
            }
            Self::InSet(set) => (format!("{name} of an element of {set}"), set.clone()),
        }
    }

    fn element(&self, attribute: &'static str, nesting: NestingMode, step: Step) -> Self {
        match (self, nesting) {
            (Self::Path(path), NestingMode::Set) => {
                Self::InSet(path.clone().child_attribute(attribute))
            }
            (Self::Path(path), _) => {
                Self::Path(path.clone().child_attribute(attribute).child(step))
            }
            (Self::InSet(set), _) => Self::InSet(set.clone()),
        }
    }
}

fn of_object(
    config: &Object,
    attributes: &[Attribute],
    place: &Place,
    found: &mut Vec<Diagnostic>,
) {
    for attribute in attributes {
        let Some(value) = config.get(attribute.name) else {
            continue;
        };
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
        } else if let AttributeKind::Nested {
            nesting,
            attributes,
        } = &attribute.kind
        {
            let name = attribute.name;
            let mut of_element = |step, element: &Value| {
                if let Value::Object(element) = element {
                    of_object(
                        element,
                        attributes,
                        &place.element(name, *nesting, step),
                        found,
                    );
                }
            };
            match value {
                Value::List(elements) | Value::Set(elements) => {
                    for (index, element) in (0..).zip(elements) {
                        of_element(Step::Index(index), element);
                    }
                }
                Value::Map(elements) => {
                    for (key, element) in elements {
                        of_element(Step::Key(key.clone()), element);
                    }
                }
                Value::Object(object) => {
                    let place = match place {
                        Place::Path(path) => Place::Path(path.clone().child_attribute(name)),
                        Place::InSet(set) => Place::InSet(set.clone()),
                    };
                    of_object(object, attributes, &place, found);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
