//! Properties of the codecs over generated types, values and bytes.

use proptest::prelude::*;

use super::testing::{any_number, any_type, any_typed};
use super::*;

proptest! {
    #[test]
    fn msgpack((ty, value) in any_typed(true)) {
        let bytes = value.to_msgpack(&ty).unwrap();
        let decoded = Value::from_msgpack(&bytes, &ty).unwrap();
        prop_assert!(decoded == value);
        prop_assert_eq!(decoded.to_msgpack(&ty).unwrap(), bytes);
    }

    #[test]
    fn json((ty, value) in any_typed(false)) {
        let json = testing::json(&value);
        prop_assert!(Value::from_json(json.as_bytes(), &ty).unwrap() == value);
        let (lenient, dropped) = Value::from_json_lenient(json.as_bytes(), &ty).unwrap();
        prop_assert!(lenient == value);
        prop_assert!(dropped.is_empty());
    }

    #[test]
    fn types(ty in any_type()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()).unwrap(), ty);
    }

    #[test]
    fn numbers(number in any_number()) {
        let text = number.to_string();
        prop_assert!(!text.contains(['e', 'E']));
        prop_assert!(text.parse::<Number>().unwrap() == number);
    }

    #[test]
    fn any_float_is_found_again(float in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        prop_assert_eq!(Number::from_f64_exact(float).unwrap().as_f64(), float);
        prop_assert_eq!(Number::try_from(float).unwrap().as_f64(), float);
    }

    #[test]
    fn any_bytes_as_msgpack(ty in any_type(), bytes in any::<Vec<u8>>()) {
        if let Ok(value) = Value::from_msgpack(&bytes, &ty) {
            let again = value.to_msgpack(&ty).unwrap();
            prop_assert!(Value::from_msgpack(&again, &ty).unwrap() == value);
        }
    }

    #[test]
    fn any_text_as_json(ty in any_type(), text in "[\\[\\]{}\",:0-9a-z\\\\ .e+-]{0,64}") {
        if let Ok(value) = Value::from_json(text.as_bytes(), &ty) {
            let again = testing::json(&value);
            prop_assert!(Value::from_json(again.as_bytes(), &ty).unwrap() == value);
        }
        let _ = Value::from_json_lenient(text.as_bytes(), &ty).is_ok();
    }

    /// One byte changed in a good message.
    #[test]
    fn msgpack_with_an_error(
        (ty, value) in any_typed(true),
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = value.to_msgpack(&ty).unwrap();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        if let Ok(value) = Value::from_msgpack(&bytes, &ty) {
            prop_assert!(value.to_msgpack(&ty).is_ok());
        }
    }

    #[test]
    fn any_bytes_as_a_number(text in "[-+]?[0-9]{0,5}\\.?[0-9]{0,5}([eE][-+]?[0-9]{0,12})?") {
        if let Ok(number) = text.parse::<Number>() {
            prop_assert!(number.to_string().len() <= MAX_DIGITS + 3);
        }
    }
}
