//! Null where a value is required, and values where the provider sets them, or where no CLI may store them.

use super::*;

fn attributes() -> Vec<Attribute> {
    let part = || {
        vec![
            Attribute::string("name").required(),
            Attribute::string("note").optional(),
            Attribute::string("id").computed(),
        ]
    };
    let nested = |name, nesting| Attribute::nested(name, nesting, part()).optional();
    vec![
        Attribute::string("name").required(),
        Attribute::string("id").computed(),
        nested("one", NestingMode::Single),
        nested("some", NestingMode::List),
        nested("any", NestingMode::Set),
        nested("named", NestingMode::Map),
    ]
}

fn object(members: Vec<(&'static str, Value)>) -> Value {
    Value::Object(Object::new(members))
}

fn part(name: Value, id: Value) -> Value {
    object(vec![("name", name), ("note", Value::Null), ("id", id)])
}

fn found(name: Value, id: Value) -> Vec<(String, String)> {
    let part = || part(name.clone(), id.clone());
    let config = object(vec![
        ("name", name.clone()),
        ("id", id.clone()),
        ("one", part()),
        ("some", Value::List(vec![Value::Null, part()])),
        ("any", Value::Set(vec![part()])),
        ("named", Value::Map([("k".to_owned(), part())].into())),
    ]);
    let errors = argument_errors(&config, &attributes());
    let each = errors.into_iter().map(|error| {
        let path = error.attribute.map(|path| path.to_string());
        (path.unwrap_or_default(), error.detail)
    });
    each.collect()
}

const PATHS: [&str; 5] = ["", "one.", "some[1].", "any", "named[\"k\"]."];

#[test]
fn a_required_argument_is_not_null_at_any_depth() {
    let found = found(Value::Null, Value::Null);
    let expected = PATHS.map(|path| match path {
        "any" => (
            "any".to_owned(),
            "name of an element of any is required, and its value is null.".to_owned(),
        ),
        path => (
            format!("{path}name"),
            format!("{path}name is required, and its value is null."),
        ),
    });
    assert_eq!(found, expected);
}

#[test]
fn a_read_only_attribute_has_no_value_at_any_depth() {
    let found = found(Value::from("a"), Value::from("s3cret"));
    assert_eq!(found.len(), PATHS.len());
    for ((path, detail), expected) in found.iter().zip(PATHS) {
        assert!(path.starts_with(expected.trim_end_matches('.')), "{path}");
        assert!(
            detail.contains("is set by the provider") && !detail.contains("s3cret"),
            "{detail}"
        );
    }
}

#[test]
fn what_is_unknown_or_fits_is_no_error() {
    for value in [Value::unknown(), Value::from("a")] {
        assert_eq!(found(value.clone(), Value::Null), []);
        assert_eq!(found(value, Value::unknown()), []);
    }
    let nulls = Object::nulls(&crate::tfplugin::Schema::new("").object_type());
    assert_eq!(argument_errors(&Value::Object(nulls), &[]), []);
}

/// A CLI that stores a write-only value stores it at any depth.
#[test]
fn a_write_only_value_is_refused_at_any_depth() {
    let key = || vec![Attribute::string("key").optional().write_only()];
    let attributes = [
        Attribute::string("key").optional().write_only(),
        Attribute::nested("named", NestingMode::Map, key()).optional(),
        Attribute::nested("one", NestingMode::Single, key()).optional(),
        Attribute::nested("some", NestingMode::List, key()).optional(),
    ];
    let with = |value: Value| Value::Object(Object::new([("key", value)]));
    let secret = || with(Value::from("s3cret"));
    let config = Value::Object(Object::new([
        ("key", Value::from("s3cret")),
        ("one", secret()),
        ("some", Value::List(vec![with(Value::Null), secret()])),
        ("named", Value::Map([("a".to_owned(), secret())].into())),
    ]));
    let refused = refuse_write_only(&config, &attributes, |value| !value.is_null());
    let places: Vec<_> = refused
        .iter()
        .filter_map(|error| error.detail.split(" is write-only").next())
        .collect();
    assert_eq!(
        places,
        ["key", "named[\"a\"].key", "one.key", "some[1].key"]
    );
    assert!(refused.iter().all(|error| !error.detail.contains("s3cret")));
}
