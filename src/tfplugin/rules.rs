//! What the service does to values for every handler: defaults are filled in before a handler sees a
//! configuration, and what no response may hold is taken out of what a handler returns.
//!
//! Core itself checks plans and results against the configuration, and saves what it was given beside
//! its error, so those checks are not made here.

use std::slice;

use super::{
    diagnostics::Diagnostic,
    path::Path,
    schema::{Attribute, AttributeKind},
    value::{self, Value},
};

/// Replaces each null by the default that the schema gives to its attribute.
///
/// # Errors
/// Where two elements of a set are the same then: core wants as many in the plan as there are in the configuration.
pub(super) fn fill_defaults(
    config: &mut Value,
    attributes: &[Attribute],
) -> Result<(), Diagnostic> {
    for_each_attribute(config, attributes, &mut |attribute, value| {
        if value.is_null()
            && let Some(default) = &attribute.default
        {
            *value = default.clone();
        }
    });
    for outermost in attributes {
        let mut has_duplicates = false;
        for_each_attribute(config, slice::from_ref(outermost), &mut |_, value| {
            has_duplicates |=
                matches!(value, Value::Set(elements) if value::has_duplicates(elements));
        });
        if has_duplicates {
            let name = outermost.name;
            let detail = format!(
                "Two elements of a set in {name} are the same once the defaults of their attributes are filled in. Remove one of them."
            );
            return Err(Diagnostic::error("Invalid value", detail).at(Path::attribute(name)));
        }
    }
    Ok(())
}

/// Nulls write-only attributes, whose values no response may hold.
pub(super) fn null_write_only(object: &mut Value, attributes: &[Attribute]) {
    for_each_attribute(object, attributes, &mut |attribute, value| {
        if attribute.write_only {
            *value = Value::Null;
        }
    });
}

/// Leaves what a person would write in a configuration: nothing that is only computed, no secret, no
/// value that is the default anyway.
pub(super) fn keep_configurable(object: &mut Value, attributes: &[Attribute]) {
    for_each_attribute(object, attributes, &mut |attribute, value| {
        let settable = attribute.required || attribute.optional;
        if !settable
            || attribute.write_only
            || attribute.sensitive
            || attribute.default.as_ref() == Some(value)
        {
            *value = Value::Null;
        }
    });
}

fn for_each_attribute(
    object: &mut Value,
    attributes: &[Attribute],
    act: &mut impl FnMut(&Attribute, &mut Value),
) {
    let Value::Object(object) = object else {
        return;
    };
    for attribute in attributes {
        let Some(value) = object.get_mut(attribute.name) else {
            continue;
        };
        act(attribute, value);
        if let AttributeKind::Nested { attributes, .. } = &attribute.kind {
            match value {
                Value::List(elements) | Value::Set(elements) => elements
                    .iter_mut()
                    .for_each(|element| for_each_attribute(element, attributes, act)),
                Value::Map(elements) => elements
                    .values_mut()
                    .for_each(|element| for_each_attribute(element, attributes, act)),
                single => for_each_attribute(single, attributes, act),
            }
        }
    }
}

/// Nulls what is still unknown in a value that is to be stored, and reports each such attribute. Not
/// every CLI checks the result of a read or an import for unknown values; those that do not fail later,
/// when they write the state.
pub(super) fn null_unknowns(object: &mut Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if object.is_wholly_known() {
        return found;
    }
    object.walk_mut(&mut |path, value| {
        if value.is_unknown() {
            *value = Value::Null;
            found.push(Diagnostic::bug(format_args!("{path} is still unknown.")).at(path.clone()));
        }
    });
    found
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
