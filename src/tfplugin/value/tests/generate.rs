//! Generated types, and values of them.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

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
        Type::List(element) | Type::Set(element) => {
            vec(value_of(element, unknowns, dynamics), 0..4)
                .prop_map(Value::Sequence)
                .boxed()
        }
        Type::Map(element) => {
            btree_map(any::<String>(), value_of(element, unknowns, dynamics), 0..4)
                .prop_map(Value::Map)
                .boxed()
        }
        Type::Tuple(elements) => elements
            .iter()
            .map(|element| value_of(element, unknowns, dynamics))
            .collect::<Vec<_>>()
            .prop_map(Value::Sequence)
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
