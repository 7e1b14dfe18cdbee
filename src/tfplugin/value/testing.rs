//! Types and values for tests of the codecs, written or generated.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

/// An object type from pairs.
pub(super) fn object(attributes: &[(&'static str, Type)]) -> Type {
    Type::Object(ObjectType::new(attributes.iter().cloned()))
}

pub(super) fn list(element: Type) -> Type {
    Type::List(Box::new(element))
}

pub(super) fn map(element: Type) -> Type {
    Type::Map(Box::new(element))
}

pub(super) fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

/// Nested lists around a number, `levels` deep: the value and its type.
pub(super) fn nested(levels: usize) -> (Value, Type) {
    (0..levels).fold((Value::from(1), Type::Number), |(value, ty), _| {
        (Value::List(vec![value]), list(ty))
    })
}

/// The JSON form of a known value, as core writes it into a state.
pub(super) fn json(value: &Value) -> String {
    fn text(text: &str) -> String {
        serde_json::Value::from(text).to_string()
    }
    fn members<'v>(members: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
        let members = members.map(|(name, value)| format!("{}:{}", text(name), json(value)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => panic!("an unknown value has no JSON form"),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string),
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => {
            format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(","))
        }
        Value::Map(map) => members(map.iter().map(|(key, value)| (key.as_str(), value))),
        Value::Object(object) => members(object.iter().map(|(name, value)| (&**name, value))),
        Value::Dynamic(inner) => {
            let ty = String::from_utf8(inner.0.to_json()).expect("JSON is text");
            format!("{{\"type\":{ty},\"value\":{}}}", json(&inner.1))
        }
    }
}

/// Any type, at most three levels deep.
pub(super) fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
        Just(Type::Dynamic),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(list),
            inner
                .clone()
                .prop_map(|element| Type::Set(Box::new(element))),
            inner.clone().prop_map(map),
            vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|attributes| Type::Object(ObjectType::new(attributes))),
        ]
    })
}

/// A type and a value of it; where `unknowns`, some nodes are unknown.
pub(super) fn any_typed(unknowns: bool) -> impl Strategy<Value = (Type, Value)> {
    any_type().prop_flat_map(move |ty| {
        let value = value_of(&ty, unknowns, 2);
        (Just(ty), value)
    })
}

pub(super) fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (-1000_i64..1000).prop_map(Number::from),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,2})?"
            .prop_map(|text| text.parse().expect("a decimal number")),
        any::<f64>()
            .prop_filter("finite", |float| float.is_finite())
            .prop_map(|float| Number::from_f64_exact(float).expect("finite")),
    ]
}

/// `dynamics` bounds dynamic values in dynamic values.
fn value_of(ty: &Type, unknowns: bool, dynamics: usize) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number => any_number().prop_map(Value::from).boxed(),
        Type::String => any::<String>().prop_map(Value::from).boxed(),
        Type::Dynamic if dynamics == 0 => Just(Value::Null).boxed(),
        Type::Dynamic => any_type()
            .prop_flat_map(move |ty| {
                let value = value_of(&ty, unknowns, dynamics - 1);
                (Just(ty), value)
            })
            .prop_map(|typed| Value::Dynamic(Box::new(typed)))
            .boxed(),
        Type::List(element) => vec(value_of(element, unknowns, dynamics), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(element) => vec(value_of(element, unknowns, dynamics), 0..4)
            .prop_map(Value::Set)
            .boxed(),
        Type::Map(element) => {
            btree_map(any::<String>(), value_of(element, unknowns, dynamics), 0..4)
                .prop_map(Value::Map)
                .boxed()
        }
        Type::Tuple(elements) => elements
            .iter()
            .map(|element| value_of(element, unknowns, dynamics))
            .collect::<Vec<_>>()
            .prop_map(Value::Tuple)
            .boxed(),
        Type::Object(object) => object
            .attributes()
            .iter()
            .map(|(name, ty)| (Just(name.clone()), value_of(ty, unknowns, dynamics)))
            .collect::<Vec<_>>()
            .prop_map(|attributes| Object::new(attributes).into())
            .boxed(),
    };
    if unknowns {
        let refined = Value::Unknown(Refinement::new(&[0x81, 1, 0xc2]));
        prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::unknown()), 1 => Just(refined)]
            .boxed()
    } else {
        prop_oneof![8 => known, 1 => Just(Value::Null)].boxed()
    }
}
