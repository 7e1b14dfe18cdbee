//! Managed resources.

use std::future::Future;

use super::{
    context::{Capabilities, Configured, MaybeConfigured},
    diagnostics::Diagnostic,
    model::{Model, Private},
    outcome::{Create, Delete, HandlerResult, Outcome, Plan, Read, ResourceState, Update},
    schema::{IdentitySchema, Schema},
};

/// An object of `R` as state keeps it.
pub type StateOf<R> = ResourceState<<R as Resource>::Model, <R as Resource>::Private>;

/// A kind of object that core creates, reads, updates and deletes.
///
/// Write-only attributes are known in `config` alone; the service keeps them out of every response.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_provider_immuta::tfplugin::{
///     Attr, Attribute, Configured, Diagnostic, HandlerResult, IdentityAttribute, IdentitySchema, ImportId,
///     MaybeConfigured, Outcome, Resource, Schema, StateOf,
///     outcome::{Create, Delete, Plan, Read, Update},
///     path::Path,
/// };
///
/// /// A shelf is known by its letter, and has nothing else that could change.
/// #[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
/// struct Shelf {
///     letter: Attr<String>,
/// }
///
/// struct ShelfResource;
///
/// impl Resource for ShelfResource {
///     type Client = ();
///     type Model = Shelf;
///     type Private = ();
///     type Identity = Shelf;
///
///     fn type_name(&self) -> &'static str {
///         "library_shelf"
///     }
///     fn schema(&self) -> Schema {
///         Schema::new("A shelf.")
///             .attribute(Attribute::string("letter").required().description("Its letter."))
///     }
///     fn identity_schema(&self) -> IdentitySchema {
///         let letter = IdentityAttribute::string("letter").required_for_import();
///         IdentitySchema::new().attribute(letter.description("Its letter."))
///     }
///     fn identity(&self, model: &Shelf) -> Option<Shelf> {
///         model.letter.is_known().then(|| model.clone())
///     }
///     async fn plan(
///         &self,
///         _: &MaybeConfigured<()>,
///         config: Shelf,
///         prior: Option<StateOf<Self>>,
///         _: Option<()>,
///     ) -> Outcome<Plan<StateOf<Self>>> {
///         match prior {
///             Some(prior) if prior.model == config => Plan::NoOp,
///             Some(_) => Plan::Replace {
///                 planned: config.into(),
///                 requires_replace: vec![Path::attribute("letter")],
///             },
///             None => Plan::Change(config.into()),
///         }
///         .into()
///     }
///     async fn create(
///         &self,
///         _: &Configured<()>,
///         planned: StateOf<Self>,
///         _: Shelf,
///     ) -> Outcome<Create<StateOf<Self>>> {
///         Create::Created(planned).into()
///     }
///     async fn read(
///         &self,
///         _: &MaybeConfigured<()>,
///         current: StateOf<Self>,
///     ) -> Outcome<Read<StateOf<Self>>> {
///         Read::Found(current).into()
///     }
///     async fn update(
///         &self,
///         _: &Configured<()>,
///         _: StateOf<Self>,
///         planned: Shelf,
///         _: Shelf,
///     ) -> Outcome<Update<StateOf<Self>>> {
///         Update::Updated(planned.into()).into()
///     }
///     async fn delete(&self, _: &Configured<()>, _: StateOf<Self>) -> Outcome<Delete> {
///         Delete::Deleted.into()
///     }
///     async fn import(
///         &self,
///         _: &MaybeConfigured<()>,
///         id: ImportId<Shelf>,
///     ) -> HandlerResult<StateOf<Self>> {
///         let shelf = match id {
///             ImportId::Id(letter) => Shelf { letter: letter.into() },
///             ImportId::Identity(shelf) => shelf,
///             _ => return Err(Diagnostic::error("Unable to import shelf", "Use its letter.")).into(),
///         };
///         Ok(shelf.into()).into()
///     }
/// }
/// ```
pub trait Resource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Client: Send + Sync + 'static;
    /// The attributes.
    type Model: Model;
    /// What state keeps beside the attributes.
    type Private: Private;
    /// What names one object; `()` for a resource without an identity.
    type Identity: Model;

    /// As users write it, with the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// What names one object. Without attributes the resource has no identity, and is imported by its id alone.
    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::default()
    }

    /// The identity of this object, once it is known.
    fn identity(&self, model: &Self::Model) -> Option<Self::Identity> {
        let _ = model;
        None
    }

    /// Checks a configuration, which may have unknown values, without any IO. What is unknown here is not checked again
    /// when it is known: that is for [`Resource::create`] and [`Resource::update`]. No required argument is null.
    fn validate(&self, config: &Self::Model, capabilities: Capabilities) -> Vec<Diagnostic> {
        let _ = (config, capabilities);
        Vec::new()
    }

    /// Decides what an apply would do. `prior` is none for a create; defaults are filled in.
    ///
    /// Core wants every attribute that the user set as it is in `config`, or, where that means the same, as it is in
    /// `prior`; what it cannot know yet is unknown. Write-only attributes are in `config` and never in `prior`: set them to
    /// null before the two are compared, or there is a change in every plan.
    ///
    /// The private data of the plan reaches the apply: a create as that of `planned`, an update and a delete as
    /// that of `prior`. In the apply phase core plans the same object again, and from Terraform 1.16 on it gives back
    /// what the first plan returned: `planned_private` is none in a first plan, and under other CLIs. The plan of a new
    /// object that replaces an old one is a first plan.
    fn plan(
        &self,
        context: &MaybeConfigured<Self::Client>,
        config: Self::Model,
        prior: Option<StateOf<Self>>,
        planned_private: Option<Self::Private>,
    ) -> impl Future<Output = Outcome<Plan<StateOf<Self>>>> + Send;

    /// Creates the object.
    fn create(
        &self,
        context: &Configured<Self::Client>,
        planned: StateOf<Self>,
        config: Self::Model,
    ) -> impl Future<Output = Outcome<Create<StateOf<Self>>>> + Send;

    /// Looks the object up. Also called, with what [`Resource::import`] gave, after an import.
    fn read(
        &self,
        context: &MaybeConfigured<Self::Client>,
        current: StateOf<Self>,
    ) -> impl Future<Output = Outcome<Read<StateOf<Self>>>> + Send;

    /// Changes the object in place.
    fn update(
        &self,
        context: &Configured<Self::Client>,
        prior: StateOf<Self>,
        planned: Self::Model,
        config: Self::Model,
    ) -> impl Future<Output = Outcome<Update<StateOf<Self>>>> + Send;

    /// Deletes the object.
    fn delete(
        &self,
        context: &Configured<Self::Client>,
        prior: StateOf<Self>,
    ) -> impl Future<Output = Outcome<Delete>> + Send;

    /// The least that [`Resource::read`] needs to find the object. An import that must search for it, such as
    /// one by name, has the client for that.
    fn import(
        &self,
        context: &MaybeConfigured<Self::Client>,
        id: ImportId<Self::Identity>,
    ) -> impl Future<Output = HandlerResult<StateOf<Self>>> + Send;

    /// Reshapes a stored state of an older schema version; no IO. Attributes that the schema lacks
    /// are dropped afterwards, and absent ones are null. What is returned as it came keeps every digit of its numbers.
    fn upgrade(
        &self,
        version: i64,
        state: serde_json::Map<String, serde_json::Value>,
    ) -> Result<serde_json::Map<String, serde_json::Value>, Diagnostic> {
        let _ = version;
        Ok(state)
    }

    /// Moves the state of a resource of another type or provider to this one (`moved`); no IO.
    fn move_state(&self, source: MoveSource) -> Result<StateOf<Self>, Diagnostic> {
        Err(Diagnostic::error(
            "Move not supported",
            format!(
                "The state of a {} of {} cannot be moved to a {}. Use an import block for the object, and a removed block for the old resource.",
                source.type_name,
                source.provider_address,
                self.type_name(),
            ),
        ))
    }
}

/// How the user named what to import.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ImportId<I> {
    /// `terraform import ADDR ID`, or `id` of an import block.
    Id(String),
    /// `identity` of an import block.
    Identity(I),
}

/// The state of a resource that was declared as something else before.
#[derive(Clone)]
#[non_exhaustive]
pub struct MoveSource {
    /// The provider's source address, with the host of the CLI's own registry.
    pub provider_address: String,
    /// The type of the resource there.
    pub type_name: String,
    /// The version of its schema.
    pub schema_version: i64,
    /// Its attributes, in serde's own values, which round numbers of more than 17 digits. May hold secrets.
    pub state: serde_json::Map<String, serde_json::Value>,
}
