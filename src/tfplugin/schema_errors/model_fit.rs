//! Whether a model holds every value that core may send, and gives it back as it was.

use std::mem;

use super::kind::Kind;
use crate::tfplugin::{
    model::Model,
    path::Step,
    schema::{Attribute, AttributeKind, NestingMode},
    value::{self, Number, Type, Value, ValueErrorKind},
};

/// Where values of this type and the model do not fit: the sample, the sample with an unknown or a null at each
/// place where core may send one, and, where core compares what it gets back, with a number of many digits.
pub(super) fn misfits<M: Model>(
    what: &str,
    sample: &Value,
    value_type: &Type,
    place: impl Fn(&[Step]) -> Option<Place>,
) -> Vec<String> {
    let kept = |value: &Value| {
        let model = value::from_value::<M>(value.clone()).map_err(|error| error.to_string())?;
        let back = value::to_value(&model, value_type).map_err(|error| error.to_string())?;
        Ok::<_, String>(back == *value)
    };
    let sample = &with_variants::<M>(sample.clone());
    match kept(sample) {
        Ok(true) => {}
        Ok(false) => return vec![format!("{what}: the model does not keep every value")],
        Err(error) => return vec![format!("{what}: {error}")],
    }
    let mut places = Vec::new();
    sample.clone().walk_mut(&mut |path, value| {
        if let Some(place) = place(path.steps()) {
            places.push((path.clone(), place, matches!(value, Value::Number(_))));
        }
    });
    let mut found = Vec::new();
    for (path, place, is_number) in places {
        let kept_with = |replacement: Value| {
            let mut value = sample.clone();
            value.walk_mut(&mut |at, node| {
                if *at == path {
                    *node = replacement.clone();
                }
            });
            kept(&value)
        };
        if let Some(default) = place.default
            && (kept_with(default.clone()) != Ok(true) || !default.is_wholly_known())
        {
            found.push(format!(
                "{what}.{path} has a default that the model does not take"
            ));
        }
        if kept_with(Value::unknown()) != Ok(true) || kept_with(Value::Null) != Ok(true) {
            found.push(format!(
                "{what}.{path} may be unknown or null, which the model cannot hold there: its field needs an Attr at that depth, as in Attr<Vec<Attr<String>>>"
            ));
        } else if is_number && place.is_compared && kept_with(third()) == Ok(false) {
            found.push(format!(
                "{what}.{path} is rounded by the model: its field needs a Number, since core compares every digit that the user wrote"
            ));
        }
    }
    found
}

/// The sample with a variant in each place where the model has an enum.
fn with_variants<M: Model>(mut sample: Value) -> Value {
    // An error about an element of a set has the path of the set.
    let mut without_sets = sample.clone();
    without_sets.walk_mut(&mut |_, node| {
        if let Value::Set(elements) = node {
            *node = Value::List(mem::take(elements));
        }
    });
    while let Err(error) = value::from_value::<M>(without_sets.clone())
        && let ValueErrorKind::NotOneOf([variant, ..]) = error.kind()
    {
        for value in [&mut sample, &mut without_sets] {
            value.walk_mut(&mut |path, node| {
                if *path == error.path() {
                    *node = Value::from(*variant);
                }
            });
        }
    }
    sample
}

/// `1 / 3` as core computes it, more or less: more digits than a float has.
fn third() -> Value {
    Value::Number(
        format!("0.{}", "3".repeat(100))
            .parse()
            .unwrap_or_else(|_| Number::from(0)),
    )
}

/// What core may send at a place where it may also send an unknown or a null.
pub(super) struct Place {
    /// Core compares what it gets back with what the user wrote.
    pub(super) is_compared: bool,
    pub(super) default: Option<Value>,
}

/// What core may send where a path leads, none where an unknown or a null never stands alone: what only the provider sets
/// is unknown or null as a whole.
pub(super) fn place(kind: Kind, attributes: &[Attribute], steps: &[Step]) -> Option<Place> {
    let is_settable = |attribute: &&Attribute| attribute.required || attribute.optional;
    let (along, further) = attributes_along(attributes, steps);
    let (last, outer) = along.split_last()?;
    let is_whole = further == 0;
    if !outer.iter().all(is_settable) || !(is_whole || is_settable(last)) {
        return None;
    }
    Some(Place {
        is_compared: kind.returns_arguments() && is_settable(last),
        default: last.default.clone().filter(|_| is_whole),
    })
}

/// The attributes that a path leads through, the outermost first, and how many steps lead on from the last of them.
fn attributes_along<'a>(
    mut attributes: &'a [Attribute],
    mut steps: &[Step],
) -> (Vec<&'a Attribute>, usize) {
    let mut along = Vec::new();
    while let [Step::Attribute(name), rest @ ..] = steps
        && let Some(attribute) = attributes.iter().find(|attribute| attribute.name == name)
    {
        along.push(attribute);
        steps = rest;
        let AttributeKind::Nested {
            nesting,
            attributes: nested,
        } = &attribute.kind
        else {
            break;
        };
        attributes = nested;
        steps = match (nesting, steps) {
            (NestingMode::Single, _) | (_, [] | [_]) => steps,
            (NestingMode::List | NestingMode::Set | NestingMode::Map, [_, of_the_element @ ..]) => {
                of_the_element
            }
        };
    }
    (along, steps.len())
}
