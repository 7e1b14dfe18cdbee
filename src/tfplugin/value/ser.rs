use super::{Type, Value, error::ModelError};
/// Puts a struct back into a value.
pub fn to_value<T: serde::Serialize>(_model: &T, _ty: &Type) -> Result<Value, ModelError> {
    unimplemented!("being written")
}
