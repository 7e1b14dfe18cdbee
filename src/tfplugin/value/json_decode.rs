use super::{DecodeError, Type, Value};
pub(super) fn decode(_bytes: &[u8], _ty: &Type) -> Result<Value, DecodeError> {
    unimplemented!("being written")
}
pub(super) fn decode_lenient(
    _bytes: &[u8],
    _ty: &Type,
) -> Result<(Value, Vec<String>), DecodeError> {
    unimplemented!("being written")
}
