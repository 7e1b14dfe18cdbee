//! Values as core and the provider exchange them: the tree of a value, its types, its encodings, and how
//! structs are taken from it and put back.
//!
//! Decoding and encoding are driven by the schema's [`Type`], never guessed from the bytes. A
//! handler sees none of this: it gets a struct of [`Attr`] fields.

mod attr;
mod de;
mod error;
mod json_decode;
mod msgpack_decode;
mod msgpack_encode;
mod number;
mod object_builder;
mod ser;
mod set;
mod tree;
mod types;
mod walk;

#[cfg(test)]
mod errors_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod recorded_tests;
#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod set_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tree_tests;

pub(super) use self::set::has_duplicates;
pub use self::{
    attr::Attr,
    de::from_value,
    error::{DecodeError, EncodeError, ModelError, ValueErrorKind},
    number::{MAX_DIGITS, Number, NumberError},
    ser::to_value,
    set::Set,
    tree::{MAX_DEPTH, Object, Refinement, Value},
    types::{ObjectType, Type, TypeError},
};
