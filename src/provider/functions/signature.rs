//! The function `signature`: what a delivery is signed with.

use aws_lc_rs::hmac;

use crate::tfplugin::{
    Function, FunctionDefinition, FunctionError, Parameter,
    value::{Type, Value},
};

/// The signature of a delivery's body.
#[derive(Debug)]
pub(in crate::provider) struct Signature;

impl Function for Signature {
    fn name(&self) -> &'static str {
        "signature"
    }

    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(
            Type::String,
            "The signature of a delivery",
            "Computes the HMAC-SHA256 of a body under a signing key, as lowercase hexadecimal digits. Requires Terraform 1.8 or OpenTofu 1.7 or later.\n\nImmuta documents that deliveries are signed with HMAC-SHA256 under the webhook's signing key, in the header `x-immuta-webhook-signature-sha256`. It does **not** document how the signature is encoded, nor exactly which bytes are signed; lowercase hexadecimal digits over the raw body are the common practice, and an assumption here. Compare with a real delivery before you rely on it.",
        )
        .parameter(Parameter::new(
            "body",
            Type::String,
            "The body of the delivery, byte for byte.",
        ))
        .parameter(Parameter::new(
            "key",
            Type::String,
            "The webhook's signing key.",
        ))
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = |position: usize| {
            arguments
                .get(position)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        if text(1).is_empty() {
            return Err(FunctionError::of_argument(1, "it must not be empty"));
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, text(1).as_bytes());
        let tag = hmac::sign(&key, text(0).as_bytes());
        Ok(Value::String(hex::encode(tag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn agrees_with_the_rfc() {
        let arguments = vec![
            Value::from("what do ya want for nothing?"),
            Value::from("Jefe"),
        ];
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(Signature.call(arguments), Ok(Value::from(expected)));
    }

    #[test]
    fn an_empty_key_is_the_second_argument_s_fault() {
        let error = Signature
            .call(vec![Value::from("x"), Value::from("")])
            .unwrap_err();
        assert_eq!(error.argument, Some(1));
    }
}
