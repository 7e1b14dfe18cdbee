//! The JSON decoders: no bytes may panic them, and both must accept what is strictly right, which can be
//! encoded as msgpack and taken again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use terraform_provider_immuta::tfplugin::value::Value;
use terraform_provider_immuta_fuzz::typed;

fuzz_target!(|data: &[u8]| {
    let Some((ty, bytes)) = typed(data) else {
        return;
    };
    let lenient = Value::from_json_lenient(bytes, ty);
    match Value::from_json(bytes, ty) {
        Ok(value) => {
            let (same, dropped) = lenient.expect("what is accepted is accepted leniently");
            assert!(
                same == value && dropped.is_empty(),
                "leniency changed the value"
            );
            let again = value
                .to_msgpack(ty)
                .expect("a decoded value can be encoded");
            let decoded = Value::from_msgpack(&again, ty).expect("an encoded value can be decoded");
            assert!(decoded == value, "the value changed");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
