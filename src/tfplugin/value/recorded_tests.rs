//! Byte strings as core itself sent them: decoded, and encoded again to the same bytes.

use super::testing::{number, object};
use super::*;

fn webhook() -> Type {
    object(&[
        ("id", Type::String),
        ("signing_key", Type::String),
        ("signing_key_set", Type::Bool),
        ("signing_key_wo", Type::String),
        ("signing_key_wo_version", Type::Number),
        ("suppressed", Type::Bool),
        ("url", Type::String),
        ("verify_tls", Type::Bool),
    ])
}

fn probe() -> Type {
    object(&[
        ("payload", Type::Dynamic),
        ("status", Type::Number),
        ("tags", Type::Set(Box::new(Type::String))),
        ("timeout", Type::Number),
        ("webhook_id", Type::String),
    ])
}

/// Decodes, checks that encoding gives the same bytes, and returns the value.
#[track_caller]
fn both_ways(recorded: &str, ty: &Type) -> Value {
    let bytes = hex::decode(recorded).unwrap();
    let value = Value::from_msgpack(&bytes, ty).unwrap();
    assert_eq!(hex::encode(value.to_msgpack(ty).unwrap()), recorded);
    value
}

#[test]
fn configuration_with_nulls() {
    let value = both_ways(
        "88a26964c0ab7369676e696e675f6b6579c0af7369676e696e675f6b65795f736574c0ae7369676e696e675f\
         6b65795f776fc0b67369676e696e675f6b65795f776f5f76657273696f6ec0aa73757070726573736564c0a3\
         75726cb668747470733a2f2f772e6578616d706c652f686f6f6baa7665726966795f746c73c0",
        &webhook(),
    );
    let mut expected = match webhook() {
        Type::Object(ty) => Object::nulls(&ty),
        _ => unreachable!(),
    };
    expected.insert("url", "https://w.example/hook".into());
    assert_eq!(value, Value::Object(expected));
}

#[test]
fn null_object() {
    assert_eq!(both_ways("c0", &webhook()), Value::Null);
}

#[test]
fn plan_with_plain_unknowns() {
    let value = both_ways(
        "88a26964d40000ab7369676e696e675f6b6579c0af7369676e696e675f6b65795f736574d40000ae7369676e\
         696e675f6b65795f776fc0b67369676e696e675f6b65795f776f5f76657273696f6ec0aa7375707072657373\
         6564d40000a375726cb668747470733a2f2f772e6578616d706c652f686f6f6baa7665726966795f746c73c3",
        &webhook(),
    );
    assert!(value.get("id").is_some_and(Value::is_unknown));
    assert!(value.get("signing_key").is_some_and(Value::is_null));
    assert_eq!(value.get("verify_tls").and_then(Value::as_bool), Some(true));
    assert!(value.contains_unknown());
}

#[test]
fn refined_unknown_is_sent_back_as_it_came() {
    let value = both_ways(
        "88a26964c0ab7369676e696e675f6b6579d40000af7369676e696e675f6b65795f736574c0ae7369676e696e\
         675f6b65795f776fc0b67369676e696e675f6b65795f776f5f76657273696f6ec0aa73757070726573736564\
         c0a375726cc70d0c8201c202a868747470733a2f2faa7665726966795f746c73c0",
        &webhook(),
    );
    assert_eq!(value.get("url"), Some(&Value::unknown()));
    assert_eq!(value.get("signing_key"), Some(&Value::unknown()));
}

#[test]
fn dynamic_object_set_and_decimal_number() {
    let value = both_ways(
        "85a77061796c6f616492c4485b226f626a656374222c7b226c223a5b227475706c65222c5b226e756d626572\
         222c22737472696e67225d5d2c226e223a226e756d626572222c2273223a22737472696e67227d5d83a16c92\
         01a161a16e05a173a178a6737461747573cd0194a47461677392a161a162a774696d656f7574a3302e31aa77\
         6562686f6f6b5f6964a178",
        &probe(),
    );
    let payload = value.get("payload").unwrap();
    assert_eq!(
        payload.get("l"),
        Some(&Value::Tuple(vec![1.into(), "a".into()]))
    );
    assert_eq!(payload.get("n"), Some(&5.into()));
    assert_eq!(value.get("status"), Some(&404.into()));
    assert_eq!(
        value.get("tags"),
        Some(&Value::Set(vec!["a".into(), "b".into()]))
    );
    assert_eq!(value.get("timeout"), Some(&number("0.1")));
}

#[test]
fn small_and_huge_numbers_come_as_text() {
    let value = both_ways(
        "85a77061796c6f616492c408226e756d62657222a9302e30303030303031a6737461747573cd0194a4746167\
         73c0a774696d656f7574be313233343536373839303132333435363738393031323334353637383930aa7765\
         62686f6f6b5f6964a17a",
        &probe(),
    );
    let payload = Value::Dynamic(Box::new((Type::Number, number("1e-7"))));
    assert_eq!(value.get("payload"), Some(&payload));
    assert_eq!(
        value.get("timeout"),
        Some(&number("123456789012345678901234567890"))
    );
}

#[test]
fn dynamic_unknown_of_a_known_type() {
    let value = both_ways(
        "85a77061796c6f616492c40822737472696e6722d40000a6737461747573c0a474616773c0a774696d656f75\
         7405aa776562686f6f6b5f6964a179",
        &probe(),
    );
    let payload = value.get("payload").unwrap();
    assert!(payload.is_unknown());
    assert_eq!(
        payload,
        &Value::Dynamic(Box::new((Type::String, Value::unknown())))
    );
}
