//! Whether schemas, models and descriptions fit together, and whether a schema asks for what this layer leaves out.
//! For tests of a provider.

use std::{collections::BTreeSet, fmt, mem, sync::Arc};

use super::{
    function::Function,
    model::Model,
    path::Step,
    schema::{Attribute, AttributeKind, IdentitySchema, NestingMode, Schema, attributes_along},
    value::{self, Number, Object, Type, Value, ValueErrorKind},
    wire::{self, SchemaCodec},
};

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Provider,
    Resource,
    DataSource,
    EphemeralResource,
    ListResource,
    Action,
}

impl Kind {
    /// What core takes for itself in such a block. The arguments of a list and of an action have a block of their own.
    fn meta_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &[
                "alias",
                "count",
                "depends_on",
                "for_each",
                "lifecycle",
                "locals",
                "source",
                "version",
            ],
            Self::Resource | Self::DataSource | Self::EphemeralResource => &[
                "connection",
                "count",
                "depends_on",
                "for_each",
                "lifecycle",
                "locals",
                "provider",
                "provisioner",
            ],
            Self::ListResource | Self::Action => &[],
        }
    }

    /// Whether what the user wrote goes back to core, which compares it.
    fn returns_arguments(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::DataSource | Self::EphemeralResource
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider",
            Self::Resource => "resource",
            Self::DataSource => "data",
            Self::EphemeralResource => "ephemeral",
            Self::ListResource => "list",
            Self::Action => "action",
        })
    }
}

/// What is wrong with a schema and its name, and where it and the model do not fit.
pub(super) fn schema_errors<M: Model>(kind: Kind, name: &str, codec: &SchemaCodec) -> Vec<String> {
    let what = format!("{kind} {name}");
    let mut found = of_schema(kind, &what, &codec.schema);
    if kind != Kind::Provider && !is_identifier(name) {
        found.push(format!("{what} {NOT_AN_IDENTIFIER}"));
    }
    let attributes = &codec.schema.attributes;
    let misfits = of_model::<M>(
        &what,
        &sample_object(attributes),
        &codec.value_type,
        |steps| may_be_unknown(steps, attributes),
        |steps| kind.returns_arguments() && may_be_written(steps, attributes),
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
    let at_the_top = |steps: &[Step]| steps.len() == 1;
    let sample = sample(&identity_type);
    found.extend(of_model::<M>(
        &what,
        &sample,
        &identity_type,
        at_the_top,
        at_the_top,
    ));
    found
}

/// The type names that core does not take for those of this provider: it goes by what stands before the first
/// underscore. `acme-beta` may have those of `acme`.
pub(super) fn prefix_errors<'a>(
    provider: &str,
    type_names: impl Iterator<Item = &'a &'static str>,
) -> Vec<String> {
    let stem = provider.split('-').next().unwrap_or(provider);
    type_names
        .filter(|name| name.split('_').next() != Some(stem))
        .map(|name| format!("{name} does not begin with {stem}_"))
        .collect()
}

const NOT_AN_IDENTIFIER: &str =
    "must begin with a lowercase letter, and have lowercase letters, digits and underscores alone";

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| matches!(char, 'a'..='z' | '0'..='9' | '_'))
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

/// Where values of this type and the model do not fit: the sample, the sample with an unknown or a null at each
/// place where core may send one, and, where core compares what it gets back, with a number of many digits.
fn of_model<M: Model>(
    what: &str,
    sample: &Value,
    value_type: &Type,
    may_be_unknown: impl Fn(&[Step]) -> bool,
    is_compared: impl Fn(&[Step]) -> bool,
) -> Vec<String> {
    let kept = |value: &Value| {
        let model = wire::model::<M>(value.clone()).map_err(|error| error.detail)?;
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
fn may_be_unknown(steps: &[Step], attributes: &[Attribute]) -> bool {
    let (along, further) = attributes_along(attributes, steps);
    along.split_last().is_some_and(|(last, outer)| {
        (further == 0 || is_settable(last)) && outer.iter().all(|it| is_settable(it))
    })
}

/// Whether the user may write what is here.
fn may_be_written(steps: &[Step], attributes: &[Attribute]) -> bool {
    let (along, _) = attributes_along(attributes, steps);
    !along.is_empty() && along.iter().all(|it| is_settable(it))
}

fn is_settable(attribute: &Attribute) -> bool {
    attribute.required || attribute.optional
}

fn of_schema(kind: Kind, what: &str, schema: &Schema) -> Vec<String> {
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
        if attribute.default.is_some() && !(attribute.optional && attribute.computed) {
            error("has a default, so it must be optional and computed");
        }
        if attribute.write_only && kind != Kind::Resource {
            error("is write-only, which only attributes of resources can be");
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
