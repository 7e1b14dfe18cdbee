//! Whether a model holds every value that core may send, and gives it back as it was.

use std::mem;

use crate::tfplugin::{
    model::Model,
    path::Step,
    schema::{Attribute, attributes_along},
    value::{self, Number, Type, Value, ValueErrorKind},
};

/// Where values of this type and the model do not fit: the sample, the sample with an unknown or a null at each
/// place where core may send one, and, where core compares what it gets back, with a number of many digits.
pub(super) fn misfits<M: Model>(
    what: &str,
    sample: &Value,
    value_type: &Type,
    may_be_unknown: impl Fn(&[Step]) -> bool,
    is_compared: impl Fn(&[Step]) -> bool,
    default: impl Fn(&[Step]) -> Option<Value>,
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
        if may_be_unknown(path.steps()) {
            let is_number = matches!(value, Value::Number(_));
            places.push((path.clone(), is_number && is_compared(path.steps())));
        }
    });
    let mut found = Vec::new();
    for (place, keeps_digits) in places {
        let kept_with = |replacement: Value| {
            let mut value = sample.clone();
            value.walk_mut(&mut |path, node| {
                if *path == place {
                    *node = replacement.clone();
                }
            });
            kept(&value)
        };
        if let Some(default) = default(place.steps())
            && (kept_with(default.clone()) != Ok(true) || !default.is_wholly_known())
        {
            found.push(format!(
                "{what}.{place} has a default that the model does not take"
            ));
        }
        if kept_with(Value::unknown()) != Ok(true) || kept_with(Value::Null) != Ok(true) {
            found.push(format!(
                "{what}.{place} may be unknown or null, which the model cannot hold there: its field needs an Attr at that depth, as in Attr<Vec<Attr<String>>>"
            ));
        } else if keeps_digits && kept_with(third()) == Ok(false) {
            found.push(format!(
                "{what}.{place} is rounded by the model: its field needs a Number, since core compares every digit that the user wrote"
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

/// Whether core may send an unknown or a null here. What only the provider sets is unknown or null as a whole.
pub(super) fn may_be_unknown(steps: &[Step], attributes: &[Attribute]) -> bool {
    let (along, further) = attributes_along(attributes, steps);
    along.split_last().is_some_and(|(last, outer)| {
        (further == 0 || is_settable(last)) && outer.iter().all(|it| is_settable(it))
    })
}

/// The default of the attribute whose value is here.
pub(super) fn default_at(steps: &[Step], attributes: &[Attribute]) -> Option<Value> {
    match attributes_along(attributes, steps) {
        (along, 0) => along.last()?.default.clone(),
        _ => None,
    }
}

/// Whether the user may write what is here.
pub(super) fn may_be_written(steps: &[Step], attributes: &[Attribute]) -> bool {
    let (along, _) = attributes_along(attributes, steps);
    !along.is_empty() && along.iter().all(|it| is_settable(it))
}

fn is_settable(attribute: &Attribute) -> bool {
    attribute.required || attribute.optional
}
