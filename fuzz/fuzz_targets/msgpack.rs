//! The msgpack decoder: no bytes may panic it, and what it takes it must encode and take again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use terraform_provider_immuta::tfplugin::value::Value;
use terraform_provider_immuta_fuzz::typed;

fuzz_target!(|data: &[u8]| {
    let Some((ty, bytes)) = typed(data) else {
        return;
    };
    match Value::from_msgpack(bytes, ty) {
        Ok(value) => {
            let again = value
                .to_msgpack(ty)
                .expect("a decoded value can be encoded");
            let decoded = Value::from_msgpack(&again, ty).expect("an encoded value can be decoded");
            assert!(decoded == value, "the value changed");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
