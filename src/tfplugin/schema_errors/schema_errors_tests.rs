//! Schemas and models that do not fit, and what is said of them.

use serde::{Deserialize, Serialize};

use super::*;
use crate::tfplugin::{
    Attr, Attribute, IdentityAttribute, NestingMode, Schema, Set,
    value::{Number, Value},
};

#[derive(Deserialize, Serialize)]
struct Part<N> {
    name: Attr<String>,
    sizes: Attr<Set<N>>,
}

#[derive(Deserialize, Serialize)]
struct Model<T, P, N> {
    tags: Attr<Vec<T>>,
    parts: Attr<Set<P>>,
    limits: Attr<std::collections::BTreeMap<String, N>>,
    seen: Attr<Vec<String>>,
}

fn described(attribute: Attribute) -> Attribute {
    attribute.description("Described.")
}

fn list(element: Type) -> Type {
    Type::List(Box::new(element))
}

fn schema() -> Schema {
    let sizes = Attribute::of("sizes", Type::Set(Box::new(Type::Number))).optional();
    let part = vec![
        described(Attribute::string("name").required()),
        described(sizes),
    ];
    let limits = Attribute::of("limits", Type::Map(Box::new(Type::Number))).optional();
    Schema::new("Described.")
        .attribute(described(
            Attribute::of("tags", list(Type::String)).optional(),
        ))
        .attribute(described(
            Attribute::nested("parts", NestingMode::Set, part).optional(),
        ))
        .attribute(described(limits))
        .attribute(described(
            Attribute::of("seen", list(Type::String)).computed(),
        ))
}

fn errors<M: crate::tfplugin::Model>(schema: Schema) -> Vec<String> {
    of_kind::<M>(Kind::Resource, schema)
}

fn of_kind<M: crate::tfplugin::Model>(kind: Kind, schema: Schema) -> Vec<String> {
    schema_errors::<M>(kind, "thing", &SchemaCodec::new(schema))
}

#[test]
fn a_model_needs_an_attr_at_each_depth_that_may_be_unknown() {
    type Fits = Model<Attr<String>, Attr<Part<Attr<i64>>>, Attr<Number>>;
    assert_eq!(errors::<Fits>(schema()), [""; 0]);
    type Lacks = Model<String, Part<Number>, i64>;
    let found = errors::<Lacks>(schema());
    for place in [
        "resource thing.limits[\"key\"] ",
        "resource thing.parts[0] ",
        "resource thing.parts[0].sizes[0] ",
        "resource thing.tags[0] ",
    ] {
        let named = found.iter().filter(|error| error.starts_with(place));
        assert_eq!(named.count(), 1, "{place}: {found:?}");
    }
    assert_eq!(found.len(), 4, "{found:?}");
}

fn says(found: &[String], words: &str) {
    assert!(found.iter().any(|error| error.contains(words)), "{found:?}");
}

/// Core compares every digit of what it gets back.
#[test]
fn a_float_is_refused_where_the_user_writes_the_number_and_core_gets_it_back() {
    let number = |attribute: Attribute| Schema::new("Described.").attribute(described(attribute));
    let written = || number(Attribute::number("one").optional());
    for kind in [Kind::Resource, Kind::DataSource, Kind::EphemeralResource] {
        let rounded = of_kind::<One<f64>>(kind, written());
        says(&rounded, "thing.one is rounded by the model");
        says(&of_kind::<One<f32>>(kind, written()), "is rounded");
        assert_eq!(of_kind::<One<Number>>(kind, written()), [""; 0]);
        // An error for the user, who can write another number.
        assert_eq!(of_kind::<One<i64>>(kind, written()), [""; 0]);
    }
    let computed = number(Attribute::number("one").computed());
    assert_eq!(errors::<One<f64>>(computed), [""; 0]);
    for kind in [Kind::Provider, Kind::ListResource, Kind::Action] {
        assert_eq!(of_kind::<One<f64>>(kind, written()), [""; 0]);
    }
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Binding {
    Hardcover,
    Paperback,
}

#[test]
fn a_model_may_have_enums_at_any_depth() {
    let strings = |collection: fn(Box<Type>) -> Type| {
        let attribute = Attribute::of("one", collection(Box::new(Type::String))).optional();
        Schema::new("Described.").attribute(described(attribute))
    };
    assert_eq!(
        errors::<One<Vec<Attr<Binding>>>>(strings(Type::List)),
        [""; 0]
    );
    assert_eq!(
        errors::<One<Set<Attr<Binding>>>>(strings(Type::Set)),
        [""; 0]
    );
    let with_default = |default: Value| {
        let attribute = Attribute::string("one").optional().computed();
        Schema::new("Described.").attribute(described(attribute.default_value(default)))
    };
    assert_eq!(
        errors::<One<Binding>>(with_default("paperback".into())),
        [""; 0]
    );
    for default in ["leather".into(), Value::unknown()] {
        says(
            &errors::<One<Binding>>(with_default(default)),
            "has a default that the model does not take",
        );
    }
    let lacks = errors::<One<Vec<Binding>>>(strings(Type::List));
    says(&lacks, "thing.one[0] may be unknown or null");
}

#[test]
fn names_are_such_as_core_passes_on() {
    let named =
        |name| Schema::new("Described.").attribute(described(Attribute::string(name).optional()));
    #[derive(Deserialize, Serialize)]
    struct Named {
        count: Attr<String>,
    }
    for kind in [
        Kind::Provider,
        Kind::Resource,
        Kind::DataSource,
        Kind::EphemeralResource,
    ] {
        says(
            &of_kind::<Named>(kind, named("count")),
            "thing.count is a meta-argument",
        );
    }
    // Their arguments have a block of their own.
    for kind in [Kind::ListResource, Kind::Action] {
        assert_eq!(of_kind::<Named>(kind, named("count")), [""; 0]);
    }
    for name in ["Count", "the-count", "1st", ""] {
        says(&errors::<Named>(named(name)), NOT_AN_IDENTIFIER);
    }
    let of_type =
        |name| schema_errors::<Named>(Kind::Action, name, &SchemaCodec::new(named("count")));
    says(&of_type("acme-thing"), NOT_AN_IDENTIFIER);
    assert_eq!(of_type("acme_thing2"), [""; 0]);
    let foreign = prefix_errors(
        "acme",
        ["acme_thing", "acme", "other_thing", "acmes_thing"].iter(),
    );
    assert_eq!(foreign.len(), 2, "{foreign:?}");
    assert_eq!(prefix_errors("acme-beta", ["acme_thing"].iter()), [""; 0]);
}

/// What the attributes of an identity may be.
#[test]
fn an_identity_has_primitives_and_lists_of_them() {
    let of = |value_type| {
        let attribute = IdentityAttribute::of("one", value_type);
        IdentitySchema::new().attribute(attribute.required_for_import())
    };
    assert_eq!(
        identity_errors::<One<bool>>("thing", &of(Type::Bool)),
        [""; 0]
    );
    assert_eq!(
        identity_errors::<One<Vec<String>>>("thing", &of(list(Type::String))),
        [""; 0]
    );
    let set = identity_errors::<One<Set<String>>>("thing", &of(Type::Set(Box::new(Type::String))));
    says(&set, "nor a list of them");
}

#[derive(Deserialize, Serialize)]
struct One<T> {
    one: Attr<T>,
}

#[test]
fn a_schema_that_asks_for_what_is_left_out_is_refused() {
    let with = |attribute: Attribute| {
        let schema = Schema::new("Described.").attribute(described(attribute));
        errors::<One<Attr<String>>>(schema)
    };
    let said = |attribute: Attribute, words: &str| {
        says(&with(attribute), words);
    };
    said(Attribute::of("one", Type::Dynamic).optional(), "dynamic");
    said(
        Attribute::of("one", list(Type::Dynamic)).optional(),
        "dynamic",
    );
    let wrong = Attribute::string("one").optional().computed();
    said(wrong.default_value(Value::from(1)), "another type");
    let secret = described(Attribute::string("secret").optional().write_only());
    said(
        Attribute::nested("one", NestingMode::Set, vec![secret]).optional(),
        "in a set",
    );
    let secret = Attribute::string("one").optional().write_only();
    let schema = Schema::new("Described.").attribute(described(secret));
    for kind in [Kind::Resource, Kind::Action] {
        assert_eq!(of_kind::<One<String>>(kind, schema.clone()), [""; 0]);
    }
    for kind in [
        Kind::Provider,
        Kind::DataSource,
        Kind::EphemeralResource,
        Kind::ListResource,
    ] {
        says(
            &of_kind::<One<String>>(kind, schema.clone()),
            "only attributes of resources and actions",
        );
    }
}
