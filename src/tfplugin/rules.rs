//! What Terraform core demands of every answer, checked on value trees before it leaves.
//!
//! A violation is a bug in a handler. It becomes an internal-error diagnostic that names the
//! attribute, and the answer is repaired where core would lose the object over it.

use super::{
    diagnostics::Diagnostic,
    path::{Path, Step},
    schema::{Attribute, Kind, Nesting, Schema},
    value::Value,
};

/// Puts what a null means in its place, wherever the schema has a default.
pub(super) fn fill_defaults(config: &mut Value, attributes: &[Attribute]) {
    for_each_attribute(config, attributes, &mut |attribute, value| {
        if value.is_null()
            && let Some(default) = &attribute.default
        {
            *value = default.clone();
        }
    });
}

/// Nulls what no answer may hold: write-only attributes.
pub(super) fn drop_write_only(object: &mut Value, attributes: &[Attribute]) {
    for_each_attribute(object, attributes, &mut |attribute, value| {
        if attribute.write_only {
            *value = Value::Null;
        }
    });
}

/// Leaves what a person would write: nothing computed alone, no secret, no default spelt out.
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
        if let Kind::Nested { attributes, .. } = &attribute.kind {
            match value {
                Value::Sequence(elements) => elements
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

/// Rule 1: a plan holds to the configuration, or to an equal prior.
pub(super) fn check_plan(
    schema: &Schema,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if planned.is_null() {
        found.push(Diagnostic::bug("The plan of a configured object is null."));
        return found;
    }
    check_planned_object(
        &schema.attributes,
        prior,
        config,
        planned,
        &Path::root(),
        &mut found,
    );
    found
}

fn check_planned_object(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    for attribute in attributes {
        let prior = member(prior, attribute.name);
        let config = member(config, attribute.name);
        let planned = member(planned, attribute.name);
        // A path is made only for what breaks a rule.
        if !holds(attribute, prior, config, planned) {
            let path = path.clone().child_attribute(attribute.name);
            check_broken(attribute, config, planned, &path, found);
        }
    }
}

/// Whether the planned value is as it must be, as a whole.
fn holds(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) -> bool {
    if attribute.write_only {
        return planned.is_null();
    }
    planned == config
        || (planned == prior && !prior.is_null() && !config.is_null())
        || (config.is_null() && attribute.computed)
}

/// Names what is wrong with a planned value that does not hold, or with the elements of one that is nested.
fn check_broken(
    attribute: &Attribute,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    let mut violation = |what: &str| {
        found.push(Diagnostic::bug(format_args!("The plan of {path} {what}.")).at(path.clone()));
    };
    if attribute.write_only {
        violation("holds a write-only value");
        return;
    }
    if config.is_null() {
        violation("is set, though the configuration does not set it and it is not computed");
        return;
    }
    if let Kind::Nested {
        nesting,
        attributes,
    } = &attribute.kind
        && same_shape(*nesting, config, planned)
    {
        for (step, config, planned) in elements(*nesting, config, planned) {
            let path = step.map_or_else(|| path.clone(), |step| path.clone().child(step));
            check_planned_object(attributes, &Value::Null, config, planned, &path, found);
        }
        return;
    }
    violation("is not what the configuration says");
}

fn same_shape(nesting: Nesting, a: &Value, b: &Value) -> bool {
    match (nesting, a, b) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => true,
        (Nesting::List, Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len(),
        (Nesting::Map, Value::Map(a), Value::Map(b)) => a.keys().eq(b.keys()),
        _ => false,
    }
}

fn elements<'a>(
    nesting: Nesting,
    a: &'a Value,
    b: &'a Value,
) -> Vec<(Option<Step>, &'a Value, &'a Value)> {
    match (nesting, a, b) {
        (Nesting::List, Value::Sequence(a), Value::Sequence(b)) => (0..)
            .map(|index| Some(Step::Index(index)))
            .zip(a.iter().zip(b))
            .map(|(step, (a, b))| (step, a, b))
            .collect(),
        (Nesting::Map, Value::Map(a), Value::Map(b)) => a
            .iter()
            .zip(b.values())
            .map(|((key, a), b)| (Some(Step::Key(key.clone())), a, b))
            .collect(),
        _ => vec![(None, a, b)],
    }
}

fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

/// Rule 2: what was planned is what is returned, wherever the plan knew it.
pub(super) fn check_apply(planned: &Value, returned: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check_agrees(planned, returned, &Path::root(), &mut found);
    found
}

fn check_agrees(planned: &Value, returned: &Value, path: &Path, found: &mut Vec<Diagnostic>) {
    match (planned, returned) {
        (Value::Unknown(_), _) => {}
        (Value::Object(planned), Value::Object(returned)) => {
            for (name, planned) in planned.iter() {
                let returned = returned.get(name).unwrap_or(&Value::Null);
                // A path is made only for what differs.
                if matches!(planned, Value::Unknown(_)) || planned == returned {
                    continue;
                }
                check_agrees(
                    planned,
                    returned,
                    &path.clone().child_attribute(name.to_string()),
                    found,
                );
            }
        }
        (Value::Sequence(planned), Value::Sequence(returned))
            if planned.len() == returned.len() =>
        {
            for (index, (planned, returned)) in (0..).zip(planned.iter().zip(returned)) {
                check_agrees(planned, returned, &path.clone().child_index(index), found);
            }
        }
        (planned, returned) if planned == returned => {}
        _ => found.push(
            Diagnostic::bug(format_args!(
                "{path} is not what was planned after the apply."
            ))
            .at(path.clone()),
        ),
    }
}

/// Rules 2 and 4: what is stored is wholly known. Nulls what is not, so that the object is saved.
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

/// Rule 1: a replacement names attributes that exist.
pub(super) fn check_replacement(schema: &Schema, because: &[Path]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if because.is_empty() {
        found.push(Diagnostic::bug(
            "A replacement is planned without a reason.",
        ));
    }
    for path in because {
        let exists = match path.steps().first() {
            Some(Step::Attribute(name)) => schema.find(name).is_some(),
            _ => false,
        };
        if !exists {
            found.push(Diagnostic::bug(format_args!(
                "A replacement is planned because of {path}, which does not exist."
            )));
        }
    }
    found
}

/// Rule 8: a core that does not know write-only attributes would store their values. `is_set` says
/// what counts: a value that is still unknown when a configuration is validated may turn out null.
pub(super) fn refuse_write_only(
    config: &Value,
    attributes: &[Attribute],
    is_set: impl Fn(&Value) -> bool,
) -> Vec<Diagnostic> {
    attributes
        .iter()
        .filter(|attribute| attribute.write_only && is_set(member(config, attribute.name)))
        .map(|attribute| {
            Diagnostic::error(
                "Write-only attribute not supported by this CLI",
                format!(
                    "{} is write-only: its value must never be stored. This version of Terraform or OpenTofu does not know write-only attributes and would store the value in its state.\n\nUse Terraform 1.11 or later, or OpenTofu 1.11 or later, or an attribute that is not write-only.",
                    attribute.name
                ),
            )
            .at(Path::attribute(attribute.name))
        })
        .collect()
}
