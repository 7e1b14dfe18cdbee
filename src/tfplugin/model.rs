//! Models: structs whose fields are the attributes of a schema.

use serde::{Serialize, de::DeserializeOwned};

/// A struct whose fields are [`Attr`](super::value::Attr)s named like the attributes of a schema.
/// Serde's derive is all that it takes.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{Attr, Attribute, Model, Schema};
///
/// #[derive(Deserialize, Serialize)]
/// struct Book {
///     title: Attr<String>,
///     pages: Attr<i64>,
/// }
///
/// fn schema() -> Schema {
///     Schema::new("A book.")
///         .attribute(Attribute::string("title").required())
///         .attribute(Attribute::number("pages").computed())
/// }
///
/// fn is_a_model<M: Model>() {}
/// is_a_model::<Book>();
/// # schema();
/// ```
pub trait Model: Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Model for T {}

/// What a resource keeps in state beside its attributes; stored as JSON.
/// Bytes that cannot be read (of another version) count as the default.
pub trait Private: Serialize + DeserializeOwned + Default + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Default + Send + Sync + 'static> Private for T {}
