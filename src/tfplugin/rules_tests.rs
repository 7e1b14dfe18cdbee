//! Rules that reach into nested attributes.

use super::*;
use crate::tfplugin::{NestingMode, value::Object};

/// A CLI that stores a write-only value stores it at any depth.
#[test]
fn a_write_only_value_is_refused_at_any_depth() {
    let key = || vec![Attribute::string("key").optional().write_only()];
    let attributes = [
        Attribute::string("key").optional().write_only(),
        Attribute::nested("one", NestingMode::Single, key()).optional(),
        Attribute::nested("some", NestingMode::List, key()).optional(),
        Attribute::nested("named", NestingMode::Map, key()).optional(),
    ];
    let with = |value: Value| Value::Object(Object::new([("key", value)]));
    let secret = || with(Value::from("s3cret"));
    let config = Value::Object(Object::new([
        ("key", Value::from("s3cret")),
        ("one", secret()),
        ("some", Value::List(vec![with(Value::Null), secret()])),
        ("named", Value::Map([("a".to_owned(), secret())].into())),
    ]));
    let refused = refuse_write_only(config, &attributes, |value| !value.is_null());
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
