//! The value codec: time and allocations of what every call does at its two ends.
//!
//! `cargo bench --bench codec`

use std::hint::black_box;

use divan::{AllocProfiler, Bencher, counter::BytesCount};
use terraform_provider_immuta::tfplugin::value::{Number, Object, ObjectType, Type, Value};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// An object of ten attributes as a resource has them: strings, bools, numbers, nulls, an unknown, a list, a map.
fn object_type() -> Type {
    Type::Object(ObjectType::new([
        ("count", Type::Number),
        ("created_at", Type::String),
        ("enabled", Type::Bool),
        ("id", Type::String),
        ("labels", Type::Map(Box::new(Type::String))),
        ("names", Type::List(Box::new(Type::String))),
        ("note", Type::String),
        ("ratio", Type::Number),
        ("url", Type::String),
        ("verify_tls", Type::Bool),
    ]))
}

fn object() -> Value {
    let strings = |texts: [&str; 2]| Value::List(texts.map(Value::from).into());
    Value::Object(Object::new([
        ("count", Value::from(12)),
        ("created_at", Value::unknown()),
        ("enabled", Value::Bool(true)),
        ("id", Value::from("6f1c0a4e-6f5f-4d5a-9b1e-111111111111")),
        (
            "labels",
            Value::Map([("team".to_owned(), Value::from("data"))].into()),
        ),
        ("names", strings(["first", "second"])),
        ("note", Value::Null),
        ("ratio", Value::Number(decimal("0.1"))),
        (
            "url",
            Value::from("https://hooks.example.com/immuta/requests"),
        ),
        ("verify_tls", Value::Bool(false)),
    ]))
}

fn decimal(text: &str) -> Number {
    text.parse().unwrap_or_else(|_| Number::from(0))
}

fn list_type() -> Type {
    Type::List(Box::new(Type::String))
}

fn list() -> Value {
    Value::List(
        (0..1000)
            .map(|number| Value::String(format!("https://hooks.example.com/{number}")))
            .collect(),
    )
}

fn decode(bencher: Bencher, value: &Value, ty: &Type) {
    let bytes = value.to_msgpack(ty).unwrap_or_default();
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| Value::from_msgpack(black_box(&bytes), ty));
}

fn encode(bencher: Bencher, value: &Value, ty: &Type) {
    bencher.bench_local(|| black_box(value).to_msgpack(ty));
}

fn decode_json(bencher: Bencher, json: &str, ty: &Type) {
    bencher
        .counter(BytesCount::new(json.len()))
        .bench_local(|| Value::from_json_lenient(black_box(json.as_bytes()), ty));
}

#[divan::bench]
fn object_of_10_from_msgpack(bencher: Bencher) {
    decode(bencher, &object(), &object_type());
}

#[divan::bench]
fn object_of_10_to_msgpack(bencher: Bencher) {
    encode(bencher, &object(), &object_type());
}

#[divan::bench]
fn object_of_10_from_state_json(bencher: Bencher) {
    let json = r#"{"count":12,"created_at":null,"enabled":true,"id":"6f1c0a4e-6f5f-4d5a-9b1e-111111111111","labels":{"team":"data"},"names":["first","second"],"note":null,"ratio":0.1,"url":"https://hooks.example.com/immuta/requests","verify_tls":false}"#;
    decode_json(bencher, json, &object_type());
}

#[divan::bench]
fn list_of_1000_from_msgpack(bencher: Bencher) {
    decode(bencher, &list(), &list_type());
}

#[divan::bench]
fn list_of_1000_to_msgpack(bencher: Bencher) {
    encode(bencher, &list(), &list_type());
}

#[divan::bench]
fn list_of_1000_from_state_json(bencher: Bencher) {
    let items: Vec<_> = (0..1000)
        .map(|number| format!("\"https://hooks.example.com/{number}\""))
        .collect();
    decode_json(bencher, &format!("[{}]", items.join(",")), &list_type());
}
