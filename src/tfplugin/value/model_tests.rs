//! Structs from values and back.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::testing::{list, map, number, object};
use super::*;
use crate::tfplugin::path::Path;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Webhook {
    url: Attr<String>,
    verify_tls: Attr<bool>,
    id: Attr<String>,
    version: Attr<i64>,
    ratio: Attr<f64>,
    exact: Attr<Number>,
    tags: Attr<Vec<String>>,
    labels: Attr<BTreeMap<String, Attr<String>>>,
    retry: Attr<Retry>,
    mode: Attr<Mode>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Retry {
    attempts: Attr<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    AtOnce,
    Later,
}

fn retry_type() -> Type {
    object(&[("attempts", Type::Number)])
}

fn webhook_type() -> Type {
    object(&[
        ("url", Type::String),
        ("verify_tls", Type::Bool),
        ("id", Type::String),
        ("version", Type::Number),
        ("ratio", Type::Number),
        ("exact", Type::Number),
        ("tags", Type::Set(Box::new(Type::String))),
        ("labels", map(Type::String)),
        ("retry", retry_type()),
        ("mode", Type::String),
    ])
}

fn webhook_value() -> Value {
    let labels = [
        ("a".to_owned(), Value::from("x")),
        ("b".to_owned(), Value::Null),
    ];
    Object::new([
        ("url", Value::from("https://w.example")),
        ("verify_tls", Value::Null),
        ("id", Value::unknown()),
        ("version", 7.into()),
        ("ratio", number("0.1")),
        ("exact", number("123456789012345678901234567890.5")),
        ("tags", Value::Set(vec!["p".into(), "q".into()])),
        ("labels", Value::Map(labels.into())),
        ("retry", Object::new([("attempts", 4.into())]).into()),
        ("mode", "at_once".into()),
    ])
    .into()
}

fn webhook() -> Webhook {
    let labels = [
        ("a".to_owned(), Attr::Known("x".to_owned())),
        ("b".to_owned(), Attr::Null),
    ];
    Webhook {
        url: Attr::Known("https://w.example".to_owned()),
        verify_tls: Attr::Null,
        id: Attr::Unknown,
        version: Attr::Known(7),
        ratio: Attr::Known(0.1),
        exact: Attr::Known("123456789012345678901234567890.5".parse().unwrap()),
        tags: Attr::Known(vec!["p".to_owned(), "q".to_owned()]),
        labels: Attr::Known(labels.into()),
        retry: Attr::Known(Retry {
            attempts: Attr::Known(4),
        }),
        mode: Attr::Known(Mode::AtOnce),
    }
}

#[test]
fn from_value_and_back() {
    assert_eq!(from_value::<Webhook>(webhook_value()).unwrap(), webhook());
    assert_eq!(
        to_value(&webhook(), &webhook_type()).unwrap(),
        webhook_value()
    );
}

#[test]
fn whole_values_may_be_null_or_unknown() {
    let null: Attr<Webhook> = from_value(Value::Null).unwrap();
    assert!(null.is_null());
    let unknown: Attr<Webhook> = from_value(Value::unknown()).unwrap();
    assert!(unknown.is_unknown());
    let nothing = Attr::<Webhook>::Null;
    assert_eq!(to_value(&nothing, &webhook_type()).unwrap(), Value::Null);
}

#[test]
fn dynamic_values_are_looked_into() {
    let dynamic = |inner| Value::Dynamic(Box::new((Type::String, inner)));
    assert_eq!(
        from_value::<Attr<String>>(dynamic("x".into())).unwrap(),
        Attr::Known("x".to_owned())
    );
    assert!(
        from_value::<Attr<String>>(dynamic(Value::Null))
            .unwrap()
            .is_null()
    );
}

#[track_caller]
fn fails<T: for<'de> Deserialize<'de> + fmt::Debug>(value: Value) -> (String, ValueErrorKind) {
    let error = from_value::<T>(value).unwrap_err();
    (error.path().to_string(), error.kind().clone())
}

fn model_error(text: &str) -> ValueErrorKind {
    ValueErrorKind::Model(text.to_owned())
}

#[test]
fn fields_and_attributes_must_match() {
    let value = Object::new([("attempts", Value::Null), ("extra", Value::Null)]);
    assert_eq!(
        fails::<Retry>(value.into()),
        (
            String::new(),
            ValueErrorKind::UnsupportedAttribute("extra".into())
        )
    );
    assert_eq!(
        fails::<Retry>(Object::default().into()),
        (
            String::new(),
            ValueErrorKind::MissingAttribute("attempts".into())
        )
    );
    let retry = Retry {
        attempts: Attr::Null,
    };
    let error = to_value(&retry, &object(&[])).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::UnsupportedAttribute("attempts".into())
    );
    let wider = object(&[("attempts", Type::Number), ("extra", Type::Bool)]);
    let error = to_value(&retry, &wider).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::MissingAttribute("extra".into())
    );
}

#[test]
fn what_does_not_fit_is_named_and_not_quoted() {
    let retry = |attempts| Object::new([("attempts", attempts)]).into();
    assert_eq!(
        fails::<Retry>(retry("s3cr3t".into())),
        (
            "attempts".into(),
            model_error("u8 is required, this is a string")
        )
    );
    let range = ValueErrorKind::OutOfRange("a whole number between 0 and 255".into());
    for attempts in [300.into(), number("1.5"), number("-1"), number("1e30")] {
        assert_eq!(
            fails::<Retry>(retry(attempts)),
            ("attempts".into(), range.clone())
        );
    }
    let (_, beyond) = fails::<f64>(number("-1e999"));
    let range = "a number between -1.7976931348623157e308 and 1.7976931348623157e308";
    assert_eq!(beyond, ValueErrorKind::OutOfRange(range.into()));
    let lists = Value::List(vec![Value::List(vec![1.into(), number("0.5")])]);
    assert_eq!(fails::<Vec<Vec<i8>>>(lists).0, "[0][1]");
    let sets = Value::List(vec![Value::Set(vec![number("0.5")])]);
    assert_eq!(fails::<Vec<Vec<i8>>>(sets).0, "[0]");
    assert_eq!(
        fails::<Retry>(Value::Null),
        (
            String::new(),
            model_error("an object is required, this is null")
        )
    );
    assert_eq!(
        fails::<Attr<Vec<String>>>(Value::List(vec!["a".into(), Value::Null])),
        (
            "[1]".into(),
            model_error("a string is required, this is null")
        )
    );
    assert_eq!(
        fails::<Attr<Mode>>("s3cr3t".into()),
        (
            String::new(),
            ValueErrorKind::NotOneOf(&["at_once", "later"])
        )
    );
    assert_eq!(
        fails::<Option<String>>("x".into()),
        (
            String::new(),
            model_error("an Option cannot tell null from unknown: use Attr")
        )
    );
    assert_eq!(
        fails::<Attr<Number>>("1".into()),
        (
            String::new(),
            model_error("a number is required, this is a string")
        )
    );
}

#[test]
fn fields_must_be_of_the_type() {
    let error = to_value(&webhook(), &list(Type::Bool)).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::Mismatch {
            expected: "a list",
            found: "an object"
        }
    );
    let retry = Attr::Known(Retry {
        attempts: Attr::Known(1),
    });
    let error = to_value(&retry, &object(&[("attempts", Type::String)])).unwrap_err();
    assert_eq!(error.path(), Path::attribute("attempts"));
    assert_eq!(
        error.to_string(),
        "cannot convert the value at attempts: a string is required, this is a number"
    );
    let error = to_value(&vec![1, 2], &Type::Tuple(vec![Type::Number])).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::Length {
            expected: 1,
            found: 2
        }
    );
    let error = to_value(&Some(1), &Type::Number).unwrap_err();
    assert_eq!(
        error.kind(),
        &model_error("an Option cannot tell null from unknown: use Attr")
    );
    // The shortest number that reads back, as for f64.
    let tenth = to_value(&0.1_f32, &Type::Number).unwrap();
    assert_eq!(tenth, number("0.1"));
    let error = to_value(&f64::NAN, &Type::Number).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::Number(NumberError::NotFinite)
    );
    let error = to_value(&"x", &Type::Dynamic).unwrap_err();
    assert_eq!(
        error.kind(),
        &ValueErrorKind::Mismatch {
            expected: "a dynamic value",
            found: "a string"
        }
    );
}

#[test]
fn a_newtype_may_hold_a_secret() {
    struct Secret(String);

    impl Serialize for Secret {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Secret {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self)
        }
    }

    let secret: Attr<Secret> = from_value("s3cr3t".into()).unwrap();
    assert_eq!(format!("{secret:?}"), "Known(..)");
    assert_eq!(to_value(&secret, &Type::String).unwrap(), "s3cr3t".into());
}

#[test]
fn attr_helpers() {
    let known = Attr::from(1);
    assert_eq!(known.as_known(), Some(&1));
    assert_eq!(known.map(|n| n + 1), Attr::Known(2));
    assert_eq!(Attr::<i64>::from(None), Attr::Null);
    assert_eq!(Attr::<i64>::Unknown.unwrap_or(5), 5);
    assert_eq!(Attr::<i64>::default(), Attr::Null);
    assert_eq!(
        format!("{:?} {:?}", Attr::Known(4711), Attr::<i64>::Unknown),
        "Known(..) Unknown"
    );
}
