//! Each wrong shape has its own error, which says where, and never quotes the value.

use std::collections::BTreeMap;

use super::testing::{list, map, nested, object};
use super::*;
use crate::tfplugin::path::{Path, Step};

const SECRET: &str = "s3cr3t";

#[track_caller]
fn msgpack(recorded: &str, ty: &Type) -> (Path, ValueErrorKind) {
    let bytes = hex::decode(recorded).unwrap();
    let error = Value::from_msgpack(&bytes, ty).unwrap_err();
    (error.path(), error.kind().clone())
}

#[track_caller]
fn json(text: &str, ty: &Type) -> (Path, ValueErrorKind) {
    let error = Value::from_json(text.as_bytes(), ty).unwrap_err();
    (error.path(), error.kind().clone())
}

#[track_caller]
fn encoding(value: &Value, ty: &Type) -> (Path, ValueErrorKind) {
    let error = value.to_msgpack(ty).unwrap_err();
    (error.path(), error.kind().clone())
}

fn mismatch(expected: &'static str, found: &'static str) -> ValueErrorKind {
    ValueErrorKind::Mismatch { expected, found }
}

fn root<T>(kind: T) -> (Path, T) {
    (Path::root(), kind)
}

fn pair() -> Type {
    object(&[("a", Type::String), ("b", list(Type::Number))])
}

#[test]
fn msgpack_cut_short_anywhere() {
    let whole = hex::decode("82a161a178a1629201a3302e31").unwrap();
    assert!(Value::from_msgpack(&whole, &pair()).is_ok());
    for end in 0..whole.len() {
        let error = Value::from_msgpack(&whole[..end], &pair()).unwrap_err();
        assert_eq!(error.kind(), &ValueErrorKind::Truncated, "cut at {end}");
    }
}

#[test]
fn msgpack_lengths_beyond_the_input() {
    for (recorded, ty) in [
        ("ddffffffff", list(Type::Number)),
        ("dfffffffff", map(Type::Number)),
        ("dfffffffff", pair()),
        ("dbffffffff", Type::String),
        ("c9ffffffff0c", Type::String),
        ("92c6ffffffff", Type::Dynamic),
        ("9301", list(Type::Number)),
    ] {
        assert_eq!(
            msgpack(recorded, &ty).1,
            ValueErrorKind::Truncated,
            "{recorded}"
        );
    }
}

#[test]
fn msgpack_wrong_kinds() {
    for (recorded, ty, kind) in [
        ("01", Type::Bool, mismatch("a bool", "a number")),
        ("c3", Type::Number, mismatch("a number", "a bool")),
        (
            "c403010203",
            Type::String,
            mismatch("a string", "binary data"),
        ),
        ("c3", Type::String, mismatch("a string", "a bool")),
        ("80", list(Type::Bool), mismatch("a list", "a map")),
        (
            "a0",
            Type::Set(Box::new(Type::Bool)),
            mismatch("a set", "a string"),
        ),
        ("90", map(Type::Bool), mismatch("a map", "an array")),
        ("90", pair(), mismatch("an object", "an array")),
        ("80", Type::Tuple(vec![]), mismatch("a tuple", "a map")),
        ("01", Type::Dynamic, mismatch("a dynamic value", "a number")),
        ("c1", Type::Number, mismatch("a number", "no msgpack")),
        ("c70201aaaa", Type::Bool, ValueErrorKind::Extension(1)),
        ("a2ff00", Type::String, ValueErrorKind::Utf8),
        ("a2ff00", Type::Number, ValueErrorKind::Utf8),
        ("0101", Type::Number, ValueErrorKind::TrailingBytes),
        ("c0c0", pair(), ValueErrorKind::TrailingBytes),
        (
            "9101",
            Type::Tuple(vec![]),
            ValueErrorKind::Length {
                expected: 0,
                found: 1,
            },
        ),
        (
            "a178",
            Type::Number,
            ValueErrorKind::Number(NumberError::Syntax),
        ),
        (
            "ab31653939393939393939",
            Type::Number,
            ValueErrorKind::Truncated,
        ),
        (
            "aa31653939393939393939",
            Type::Number,
            ValueErrorKind::Number(NumberError::TooLong),
        ),
        (
            "cb7ff0000000000000",
            Type::Number,
            ValueErrorKind::Number(NumberError::NotFinite),
        ),
        (
            "ca7fc00000",
            Type::Number,
            ValueErrorKind::Number(NumberError::NotFinite),
        ),
        ("9101", Type::Dynamic, ValueErrorKind::DynamicPair),
        ("92c4012201", Type::Dynamic, ValueErrorKind::DynamicType),
        (
            "9201c0",
            Type::Dynamic,
            mismatch("the type of a dynamic value", "a number"),
        ),
    ] {
        assert_eq!(msgpack(recorded, &ty), root(kind), "{recorded} as {ty:?}");
    }
}

#[test]
fn msgpack_attributes() {
    let ty = pair();
    // {"a": null}, {"a": null, "c": null}, {"a": null, "a": null}, {"b": …, "b": …}
    assert_eq!(
        msgpack("81a161c0", &ty),
        root(ValueErrorKind::MissingAttribute("b".into()))
    );
    assert_eq!(
        msgpack("81a162c0", &ty),
        root(ValueErrorKind::MissingAttribute("a".into()))
    );
    assert_eq!(
        msgpack("82a161c0a163c0", &ty),
        root(ValueErrorKind::UnsupportedAttribute("c".into()))
    );
    assert_eq!(
        msgpack("83a161c0a162c0a161c0", &ty),
        root(ValueErrorKind::DuplicateAttribute("a".into()))
    );
    assert_eq!(
        msgpack("82c0c0c0c0", &ty),
        root(mismatch("an attribute name (a string)", "null"))
    );
    // Attributes in another order are no error.
    let swapped = hex::decode("82a162c0a161a178").unwrap();
    let value = Value::from_msgpack(&swapped, &ty).unwrap();
    assert_eq!(
        value,
        Object::new([("a", "x".into()), ("b", Value::Null)]).into()
    );
}

#[test]
fn msgpack_map_keys() {
    assert_eq!(
        msgpack("82a16b01a16b02", &map(Type::Number)),
        (
            Path::root().child(Step::Key("k".to_owned())),
            ValueErrorKind::DuplicateKey
        )
    );
    assert_eq!(
        msgpack("810102", &map(Type::Number)),
        root(mismatch("a map key (a string)", "a number"))
    );
}

#[test]
fn errors_say_where() {
    let ty = object(&[("a", map(list(Type::Bool)))]);
    let expected = Path::attribute("a")
        .child(Step::Key("k".to_owned()))
        .child_index(1);
    let kind = mismatch("a bool", "a number");
    assert_eq!(
        msgpack("81a16181a16b92c301", &ty),
        (expected.clone(), kind.clone())
    );
    assert_eq!(
        json(r#"{"a": {"k": [true, 1]}}"#, &ty),
        (expected.clone(), kind.clone())
    );
    let inner = Value::List(vec![true.into(), 1.into()]);
    let value = Object::new([("a", Value::Map([("k".to_owned(), inner)].into()))]);
    assert_eq!(encoding(&value.into(), &ty), (expected, kind));
    let bytes = hex::decode("81a16181a16b92c301").unwrap();
    assert_eq!(
        Value::from_msgpack(&bytes, &ty).unwrap_err().to_string(),
        r#"cannot decode the value at a["k"][1]: a bool is required, this is a number"#
    );
}

#[test]
fn json_wrong_kinds() {
    for (text, ty, kind) in [
        ("1", Type::Bool, mismatch("a bool", "a number")),
        ("-1", Type::Bool, mismatch("a bool", "a number")),
        ("1.5", Type::String, mismatch("a string", "a number")),
        ("true", Type::String, mismatch("a string", "a bool")),
        ("true", Type::Number, mismatch("a number", "a bool")),
        ("[]", Type::Number, mismatch("a number", "an array")),
        ("{}", Type::Number, mismatch("a number", "an object")),
        (
            r#""s3cr3t""#,
            Type::Number,
            ValueErrorKind::Number(NumberError::Syntax),
        ),
        (r#""s3cr3t""#, Type::Bool, mismatch("a bool", "a string")),
        (r#""s3cr3t""#, pair(), mismatch("an object", "a string")),
        ("[]", pair(), mismatch("an object", "an array")),
        ("{}", list(Type::Bool), mismatch("a list", "an object")),
        ("1", Type::Dynamic, mismatch("a dynamic value", "a number")),
        (
            "1e999999999999",
            Type::Number,
            ValueErrorKind::Number(NumberError::TooLong),
        ),
        (
            "[1]",
            Type::Tuple(vec![]),
            ValueErrorKind::Length {
                expected: 0,
                found: 1,
            },
        ),
        (
            "[]",
            Type::Tuple(vec![Type::Bool]),
            ValueErrorKind::Length {
                expected: 1,
                found: 0,
            },
        ),
        (
            r#"{"a": null}"#,
            pair(),
            ValueErrorKind::MissingAttribute("b".into()),
        ),
        (
            r#"{"c": null}"#,
            pair(),
            ValueErrorKind::UnsupportedAttribute("c".into()),
        ),
        (
            r#"{"b": null, "a": null, "b": null}"#,
            pair(),
            ValueErrorKind::DuplicateAttribute("b".into()),
        ),
        (
            r#"{"type": "bool"}"#,
            Type::Dynamic,
            ValueErrorKind::DynamicPair,
        ),
        (
            r#"{"type": "bool", "value": true, "x": 1}"#,
            Type::Dynamic,
            ValueErrorKind::DynamicPair,
        ),
        (
            r#"{"value": true, "type": "boolean"}"#,
            Type::Dynamic,
            ValueErrorKind::DynamicType,
        ),
        (
            r#"{"value": 1, "type": "bool"}"#,
            Type::Dynamic,
            mismatch("a bool", "a number"),
        ),
        ("true false", Type::Bool, ValueErrorKind::TrailingBytes),
        ("", Type::Bool, ValueErrorKind::Truncated),
        (r#"{"a""#, pair(), ValueErrorKind::Truncated),
        (
            "[1 2]",
            list(Type::Number),
            ValueErrorKind::Json { line: 1, column: 4 },
        ),
        (
            "\ntru?",
            Type::Bool,
            ValueErrorKind::Json { line: 2, column: 4 },
        ),
    ] {
        assert_eq!(json(text, &ty), root(kind), "{text} as {ty:?}");
    }
    assert_eq!(
        json(r#"{"k": 1, "k": 2}"#, &map(Type::Number)),
        (
            Path::root().child(Step::Key("k".to_owned())),
            ValueErrorKind::DuplicateKey
        )
    );
    let error = Value::from_json(b"\"\xff\"", &Type::String).unwrap_err();
    assert_eq!(error.kind(), &ValueErrorKind::Utf8);
}

#[test]
fn encoding_what_is_not_of_the_type() {
    let value = Object::new([("a", Value::Null)]);
    assert_eq!(
        encoding(&value.into(), &pair()),
        root(ValueErrorKind::MissingAttribute("b".into()))
    );
    let value = Object::new([("a", Value::Null), ("b", Value::Null), ("c", Value::Null)]);
    assert_eq!(
        encoding(&value.into(), &pair()),
        root(ValueErrorKind::UnsupportedAttribute("c".into()))
    );
    assert_eq!(
        encoding(&Value::Tuple(vec![]), &Type::Tuple(vec![Type::Bool])),
        root(ValueErrorKind::Length {
            expected: 1,
            found: 0
        })
    );
    for (value, ty, found) in [
        (Value::from(true), Type::Number, "a bool"),
        (1.into(), Type::String, "a number"),
        ("x".into(), Type::Bool, "a string"),
        ("x".into(), Type::Dynamic, "a string"),
        (Value::List(vec![]), pair(), "a list"),
        (
            Value::List(vec![]),
            Type::Set(Box::new(Type::Bool)),
            "a list",
        ),
        (Value::Set(vec![]), list(Type::Bool), "a set"),
        (Value::Tuple(vec![]), list(Type::Bool), "a tuple"),
        (Value::Map(BTreeMap::new()), pair(), "a map"),
        (Object::default().into(), map(Type::Bool), "an object"),
        (
            Value::Dynamic(Box::new((Type::Bool, true.into()))),
            Type::Bool,
            "a dynamic value",
        ),
    ] {
        assert_eq!(encoding(&value, &ty), root(mismatch(ty.noun(), found)));
    }
}

#[test]
fn too_deep() {
    let (value, ty) = nested(MAX_DEPTH);
    let msgpack = value.to_msgpack(&ty).unwrap();
    assert_eq!(Value::from_msgpack(&msgpack, &ty).unwrap(), value);
    let json = testing::json(&value);
    assert_eq!(Value::from_json(json.as_bytes(), &ty).unwrap(), value);

    let (deeper, deeper_type) = nested(MAX_DEPTH + 1);
    let (path, kind) = encoding(&deeper, &deeper_type);
    assert_eq!(kind, ValueErrorKind::TooDeep);
    assert_eq!(path.steps().len(), MAX_DEPTH + 1);
    let mut bytes = vec![0x91; MAX_DEPTH + 1];
    bytes.push(1);
    let error = Value::from_msgpack(&bytes, &deeper_type).unwrap_err();
    assert_eq!(error.kind(), &ValueErrorKind::TooDeep);
    let text = "[".repeat(MAX_DEPTH + 1) + "1" + &"]".repeat(MAX_DEPTH + 1);
    let error = Value::from_json(text.as_bytes(), &deeper_type).unwrap_err();
    assert_eq!(error.kind(), &ValueErrorKind::TooDeep);
}

#[test]
fn dynamic_in_dynamic_without_end() {
    let mut bytes = Vec::new();
    for _ in 0..5_000 {
        bytes.extend_from_slice(b"\x92\xc4\x09\"dynamic\"");
    }
    bytes.push(0xc0);
    let error = Value::from_msgpack(&bytes, &Type::Dynamic).unwrap_err();
    assert_eq!(error.kind(), &ValueErrorKind::TooDeep);

    let levels = 5_000;
    let text = r#"{"type":"dynamic","value":"#.repeat(levels) + "null" + &"}".repeat(levels);
    let error = Value::from_json(text.as_bytes(), &Type::Dynamic).unwrap_err();
    assert_eq!(error.kind(), &ValueErrorKind::TooDeep);

    let text = format!(
        r#"{}"bool"{}"#,
        r#"["list","#.repeat(levels),
        "]".repeat(levels)
    );
    assert!(Type::from_json(text.as_bytes()).is_err());
}

#[test]
fn nothing_quotes_a_value() {
    let ty = pair();
    let secret = object(&[("a", Type::String), ("b", Type::String)]);
    let known = Object::new([("a", SECRET.into()), ("b", SECRET.into())]);
    let value = Value::from(known);
    let msgpack = value.to_msgpack(&secret).unwrap();
    let json = testing::json(&value).into_bytes();
    let cut = &json[..json.len() - 3];
    let texts = [
        format!("{value:?}"),
        Value::from_msgpack(&msgpack, &ty).unwrap_err().to_string(),
        format!("{:?}", Value::from_msgpack(&msgpack, &ty)),
        Value::from_json(&json, &ty).unwrap_err().to_string(),
        format!("{:?}", Value::from_json(&json, &ty)),
        Value::from_json(cut, &secret).unwrap_err().to_string(),
        value.to_msgpack(&ty).unwrap_err().to_string(),
        format!("{:?}", value.to_msgpack(&ty)),
    ];
    for text in texts {
        assert!(!text.contains(SECRET), "{text}");
    }
}
