use super::{EncodeError, Type, Value};
pub(super) fn encode(_value: &Value, _ty: &Type) -> Result<Vec<u8>, EncodeError> {
    unimplemented!("being written")
}
