use super::{Value, error::ModelError};
/// Takes a struct from a value.
pub fn from_value<T: serde::de::DeserializeOwned>(_value: Value) -> Result<T, ModelError> {
    unimplemented!("being written")
}
