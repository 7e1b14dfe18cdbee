//! Tests of the codecs as a whole; what one file does alone is tested beside it.

mod errors;
mod generate;
mod model;
mod recorded;
mod round_trip;
mod tree;

use super::*;

/// An object type from pairs.
fn object(attributes: &[(&'static str, Type)]) -> Type {
    Type::Object(ObjectType::new(attributes.iter().cloned()))
}

fn list(element: Type) -> Type {
    Type::List(Box::new(element))
}

fn map(element: Type) -> Type {
    Type::Map(Box::new(element))
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

/// Nested lists around a number, `levels` deep: the value and its type.
fn nested(levels: usize) -> (Value, Type) {
    (0..levels).fold((Value::from(1), Type::Number), |(value, ty), _| {
        (Value::Sequence(vec![value]), list(ty))
    })
}
