//! Sets are equal in any order, in values, in models and on the wire.

use serde::{Deserialize, Serialize};

use super::{Attr, Object, ObjectType, Set, Type, Value, from_value, to_value};

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(*text)).collect()
}

fn part(name: &str, sizes: &[&str]) -> Value {
    let sizes = Value::Set(texts(sizes));
    Object::new([("name", Value::from(name)), ("sizes", sizes)]).into()
}

#[test]
fn the_order_of_a_set_does_not_matter_at_any_depth() {
    let of = |parts: [Value; 2]| Value::Map([("k".to_owned(), Value::Set(parts.into()))].into());
    let one = of([part("a", &["x", "y"]), part("b", &[])]);
    assert_eq!(one, of([part("b", &[]), part("a", &["y", "x", "y"])]));
    assert_ne!(one, of([part("b", &[]), part("a", &["y"])]));
    assert_ne!(one, of([part("b", &[]), part("c", &["x", "y"])]));
    assert_ne!(
        Value::List(texts(&["a", "b"])),
        Value::List(texts(&["b", "a"]))
    );
    assert_ne!(Value::Set(texts(&["a"])), Value::List(texts(&["a"])));
    let number = |text: &str| Value::Number(text.parse().unwrap());
    assert_eq!(
        Value::Set(vec![number("1e3"), number("0.5")]),
        Value::Set(vec![number("0.50"), number("1000")]),
    );
}

#[test]
fn a_set_is_encoded_without_duplicates() {
    let ty = Type::Set(Box::new(Type::String));
    let encoded = Value::Set(texts(&["b", "a", "b"])).to_msgpack(&ty).unwrap();
    assert_eq!(
        encoded,
        Value::Set(texts(&["b", "a"])).to_msgpack(&ty).unwrap()
    );
    // Two unknown elements may turn out different.
    let unknowns = Value::Set(vec![Value::unknown(), Value::unknown()]);
    let decoded = Value::from_msgpack(&unknowns.to_msgpack(&ty).unwrap(), &ty).unwrap();
    assert!(matches!(decoded, Value::Set(elements) if elements.len() == 2));
}

#[test]
fn a_model_keeps_a_set() {
    #[derive(Deserialize, Serialize, PartialEq)]
    struct Model {
        tags: Attr<Set<Attr<String>>>,
    }
    let tags = Type::Set(Box::new(Type::String));
    let ty = Type::Object(ObjectType::new([("tags", tags)]));
    let value = |mut tags: Vec<Value>| {
        tags.push(Value::unknown());
        Value::from(Object::new([("tags", Value::Set(tags))]))
    };
    let one: Model = from_value(value(texts(&["a", "b"]))).unwrap();
    let other: Model = from_value(value(texts(&["b", "a"]))).unwrap();
    assert!(one == other);
    assert!(to_value(&one, &ty).unwrap() == value(texts(&["b", "a"])));
}
