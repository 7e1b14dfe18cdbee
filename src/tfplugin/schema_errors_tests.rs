//! Schemas and models that do not fit, and what is said of them.

use serde::{Deserialize, Serialize};

use super::*;
use crate::tfplugin::{Attr, Set, value::Number};

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
    schema_errors::<M>("thing", &SchemaCodec::new(schema))
}

#[test]
fn a_model_needs_an_attr_at_each_depth_that_may_be_unknown() {
    type Fits = Model<Attr<String>, Attr<Part<Attr<i64>>>, Attr<f64>>;
    assert_eq!(errors::<Fits>(schema()), [""; 0]);
    type Lacks = Model<String, Part<Number>, i64>;
    let found = errors::<Lacks>(schema());
    for place in [
        "thing.limits[\"key\"] ",
        "thing.parts[0] ",
        "thing.parts[0].sizes[0] ",
        "thing.tags[0] ",
    ] {
        let named = found.iter().filter(|error| error.starts_with(place));
        assert_eq!(named.count(), 1, "{place}: {found:?}");
    }
    assert_eq!(found.len(), 4, "{found:?}");
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
        let found = with(attribute);
        assert!(found.iter().any(|error| error.contains(words)), "{found:?}");
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
}
