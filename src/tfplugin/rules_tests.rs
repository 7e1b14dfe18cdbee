//! Rules that reach into nested attributes.

use super::*;
use crate::tfplugin::{NestingMode, value::Object};

/// Core would call it a bug of the provider: there are fewer elements in the plan than in the configuration.
#[test]
fn elements_of_a_set_that_a_default_makes_the_same_are_an_error() {
    let copy = vec![
        Attribute::string("shelf").required(),
        Attribute::number("count")
            .optional()
            .computed()
            .default_value(Value::from(1)),
    ];
    let copies = Attribute::nested("copies", NestingMode::Set, copy).optional();
    let shelves = vec![copies.clone()];
    for (attributes, wrap) in [
        (vec![copies], (|set| set) as fn(Value) -> Value),
        (
            vec![Attribute::nested("copies", NestingMode::Single, shelves).optional()],
            |set| Value::Object(Object::new([("copies", set)])),
        ),
    ] {
        let filled = |counts: [Value; 2], shelf: Value| {
            let copies = counts.map(|count| {
                Value::Object(Object::new([("shelf", shelf.clone()), ("count", count)]))
            });
            let set = wrap(Value::Set(copies.into()));
            let mut config = Value::Object(Object::new([("copies", set)]));
            fill_defaults(&mut config, &attributes)
        };
        let error = filled([Value::Null, Value::from(1)], "A".into()).unwrap_err();
        assert_eq!(error.summary, "Invalid value");
        assert_eq!(error.attribute, Some(Path::attribute("copies")));
        assert_eq!(filled([Value::Null, Value::from(2)], "A".into()), Ok(()));
        assert_eq!(
            filled([Value::Null, Value::from(1)], Value::unknown()),
            Ok(())
        );
    }
}
