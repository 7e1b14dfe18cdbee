//! The tree itself: state of nodes, walking, lenient reading, what Debug shows.

use super::testing::{list, number, object};
use super::*;

fn sample() -> Value {
    let tags = Value::List(vec!["x".into(), Value::unknown()]);
    let labels = Value::Map([("k".to_owned(), Value::from("v"))].into());
    let any = Value::Dynamic(Box::new((Type::Number, 5.into())));
    Object::new([("tags", tags), ("labels", labels), ("any", any)]).into()
}

#[test]
fn a_walk_visits_each_node_once_in_order_and_may_change_it() {
    let mut value = sample();
    let mut paths = Vec::new();
    value.walk_mut(&mut |path, node| {
        paths.push(path.to_string());
        if node.is_unknown() {
            *node = "y".into();
        }
    });
    let visited = [
        "",
        "any",
        "any",
        "labels",
        r#"labels["k"]"#,
        "tags",
        "tags[0]",
        "tags[1]",
    ];
    assert_eq!(paths, visited);
    let tags = Value::List(vec!["x".into(), "y".into()]);
    assert_eq!(value.get("tags"), Some(&tags));
}

#[test]
fn states() {
    let value = sample();
    assert!(value.contains_unknown() && !value.is_unknown() && !value.is_wholly_known());
    assert!(Value::from("x").is_wholly_known());
    let dynamic = |inner| Value::Dynamic(Box::new((Type::String, inner)));
    assert!(dynamic(Value::Null).is_null());
    assert!(dynamic(Value::unknown()).is_unknown());
    assert_eq!(dynamic("x".into()).as_str(), Some("x"));
}

#[test]
fn objects_stay_sorted() {
    let mut object = Object::new([("b", Value::from(1)), ("a", 2.into()), ("b", 3.into())]);
    assert_eq!(object.insert("aa", true.into()), None);
    let names: Vec<_> = object.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["a", "aa", "b"]);
    assert_eq!(object.get("b"), Some(&3.into()));
    assert_eq!(object.insert("b", Value::Null), Some(3.into()));
    assert_eq!(object.get("b"), Some(&Value::Null));
}

#[test]
fn refinements_do_not_count_in_equality() {
    let refined = Value::Unknown(Refinement::new(&[0x81, 1, 0xc2]));
    assert_eq!(refined, Value::unknown());
    assert_ne!(refined, Value::Null);
}

#[test]
fn debug_shows_shapes_only() {
    let value = Object::new([
        ("key", Value::from("s3cr3t")),
        ("pin", 4711.into()),
        (
            "more",
            Value::Map([("s3cr3t".to_owned(), true.into())].into()),
        ),
        (
            "list",
            Value::List(vec![false.into(), Value::Null, Value::unknown()]),
        ),
    ]);
    assert_eq!(
        format!("{:?}", Value::from(value)),
        r#"{"key": String(..), "list": [Bool(..), Null, Unknown], "more": Map(1 elements), "pin": Number(..)}"#
    );
}

#[test]
fn lenient_json_drops_and_fills() {
    let inner = object(&[("x", Type::Bool), ("y", Type::Bool)]);
    let ty = object(&[("a", Type::String), ("b", Type::Number), ("c", list(inner))]);
    let json =
        br#"{"z": {"deep": [1, "s"]}, "c": [{"x": true}, {"y": false, "old": 1}], "b": 1.50}"#;
    assert!(Value::from_json(json, &ty).is_err());
    let (value, dropped) = Value::from_json_lenient(json, &ty).unwrap();
    assert_eq!(dropped, ["z", "c[1].old"]);
    let first = Object::new([("x", Value::from(true)), ("y", Value::Null)]);
    let second = Object::new([("x", Value::Null), ("y", false.into())]);
    let expected = Object::new([
        ("a", Value::Null),
        ("b", number("1.5")),
        ("c", Value::List(vec![first.into(), second.into()])),
    ]);
    assert_eq!(value, expected.into());

    let error = Value::from_json_lenient(br#"{"c": [{"x": 1}]}"#, &ty).unwrap_err();
    assert_eq!(error.path().to_string(), "c[0].x");
}

#[test]
fn json_takes_decimal_text_as_a_number() {
    let value = Value::from_json(br#""0.1""#, &Type::Number).unwrap();
    assert_eq!(value, number("0.1"));
    let precise = "0.1000000000000000000000000000000000001";
    let value = Value::from_json(precise.as_bytes(), &Type::Number).unwrap();
    assert_eq!(value, number(precise));
}

#[test]
fn json_of_dynamic_values_in_either_order() {
    let expected = Value::Dynamic(Box::new((list(Type::Bool), Value::List(vec![true.into()]))));
    for json in [
        r#"{"type":["list","bool"],"value":[true]}"#,
        r#"{"value":[true],"type":["list","bool"]}"#,
    ] {
        let value = Value::from_json(json.as_bytes(), &Type::Dynamic).unwrap();
        assert_eq!(value, expected);
    }
}

#[test]
fn floats_are_taken_exactly() {
    // 0.5 and 2^-60, as core sends numbers that a float holds exactly.
    let half = Value::from_msgpack(&hex::decode("cb3fe0000000000000").unwrap(), &Type::Number);
    assert_eq!(half.unwrap(), number("0.5"));
    let tiny = Value::from_msgpack(&hex::decode("cb3c30000000000000").unwrap(), &Type::Number);
    let tiny = tiny.unwrap();
    assert_eq!(
        tiny,
        number("0.000000000000000000867361737988403547205962240695953369140625")
    );
    let single = Value::from_msgpack(&hex::decode("ca3f000000").unwrap(), &Type::Number);
    assert_eq!(single.unwrap(), number("0.5"));
}

#[test]
fn integers_of_each_width() {
    for (recorded, expected) in [
        ("7f", "127"),
        ("e0", "-32"),
        ("ccff", "255"),
        ("cdffff", "65535"),
        ("ceffffffff", "4294967295"),
        ("cfffffffffffffffff", "18446744073709551615"),
        ("d080", "-128"),
        ("d18000", "-32768"),
        ("d280000000", "-2147483648"),
        ("d38000000000000000", "-9223372036854775808"),
    ] {
        let bytes = hex::decode(recorded).unwrap();
        let value = Value::from_msgpack(&bytes, &Type::Number).unwrap();
        assert_eq!(value, number(expected));
        assert_eq!(
            value.to_msgpack(&Type::Number).unwrap(),
            bytes,
            "{expected}"
        );
    }
}
