//! The RPCs of managed resources, a file for each.

mod apply_resource_change;
mod generate_resource_config;
mod import_resource_state;
mod move_resource_state;
mod plan_resource_change;
mod read_resource;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_resource_config;

use async_trait::async_trait;
use bytes::Bytes;

use crate::tfplugin::{
    context::MaybeConfigured,
    diagnostics::Diagnostic,
    outcome::ResourceState,
    panic::catch_panic_now,
    proto::{
        DynamicValue, ResourceIdentityData, apply_resource_change as apply,
        generate_resource_config as generate, import_resource_state as import,
        move_resource_state as mv, plan_resource_change as plan, read_resource as read,
        upgrade_resource_identity as upgrade_identity, upgrade_resource_state as upgrade,
        validate_resource_config as validate,
    },
    resource::{Resource, StateOf},
    schema::{Attribute, IdentitySchema, Schema},
    schema_errors::{Kind, identity_errors, schema_errors},
    value::ObjectType,
    wire::{self, SchemaCodec},
};

/// A resource of any type, as the service calls it.
#[async_trait]
pub(in crate::tfplugin) trait AnyResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    fn schema_errors(&self) -> Vec<String>;
    /// None for a resource without an identity.
    fn identity_schema(&self) -> Option<&IdentitySchema>;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn upgrade(&self, request: upgrade::Request) -> upgrade::Response;
    async fn upgrade_identity(
        &self,
        request: upgrade_identity::Request,
    ) -> upgrade_identity::Response;
    async fn read(&self, context: MaybeConfigured<C>, request: read::Request) -> read::Response;
    async fn plan(&self, context: MaybeConfigured<C>, request: plan::Request) -> plan::Response;
    async fn apply(&self, context: MaybeConfigured<C>, request: apply::Request) -> apply::Response;
    async fn import(
        &self,
        context: MaybeConfigured<C>,
        request: import::Request,
    ) -> import::Response;
    async fn move_state(&self, request: mv::Request) -> mv::Response;
    async fn generate(&self, request: generate::Request) -> generate::Response;
}

pub(super) struct RegisteredResource<R> {
    resource: R,
    codec: SchemaCodec,
    identity_schema: IdentitySchema,
    identity_type: ObjectType,
}

#[async_trait]
impl<R: Resource> AnyResource<R::Client> for RegisteredResource<R> {
    fn schema(&self) -> &Schema {
        &self.codec.schema
    }

    fn schema_errors(&self) -> Vec<String> {
        let name = self.resource.type_name();
        let mut found = schema_errors::<R::Model>(Kind::Resource, name, &self.codec);
        if let Some(identity) = self.identity_schema() {
            found.extend(identity_errors::<R::Identity>(name, identity));
        }
        found
    }

    fn identity_schema(&self) -> Option<&IdentitySchema> {
        Some(&self.identity_schema).filter(|schema| !schema.attributes.is_empty())
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        self.validate_resource_config(request).await
    }

    async fn upgrade(&self, request: upgrade::Request) -> upgrade::Response {
        self.upgrade_resource_state(request).await
    }

    async fn upgrade_identity(
        &self,
        request: upgrade_identity::Request,
    ) -> upgrade_identity::Response {
        self.upgrade_resource_identity(request)
    }

    async fn read(
        &self,
        context: MaybeConfigured<R::Client>,
        request: read::Request,
    ) -> read::Response {
        self.read_resource(&context, request).await
    }

    async fn plan(
        &self,
        context: MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> plan::Response {
        self.plan_resource_change(&context, request).await
    }

    async fn apply(
        &self,
        context: MaybeConfigured<R::Client>,
        request: apply::Request,
    ) -> apply::Response {
        self.apply_resource_change(&context, request).await
    }

    async fn import(
        &self,
        context: MaybeConfigured<R::Client>,
        request: import::Request,
    ) -> import::Response {
        self.import_resource_state(&context, request).await
    }

    async fn move_state(&self, request: mv::Request) -> mv::Response {
        self.move_resource_state(request).await
    }

    async fn generate(&self, request: generate::Request) -> generate::Response {
        self.generate_resource_config(request)
    }
}

impl<R: Resource> RegisteredResource<R> {
    pub(super) fn new(resource: R) -> Self {
        let identity_schema = resource.identity_schema();
        Self {
            codec: SchemaCodec::new(resource.schema()),
            identity_type: identity_schema.object_type(),
            identity_schema,
            resource,
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        self.resource.type_name()
    }

    fn attributes(&self) -> &[Attribute] {
        &self.codec.schema.attributes
    }

    /// The identity of an object, once it is known.
    fn identity(&self, model: &R::Model) -> Result<Option<ResourceIdentityData>, Diagnostic> {
        catch_panic_now("identity", || self.resource.identity(model))?
            .map(|identity| wire::encode_identity(&identity, &self.identity_type))
            .transpose()
    }

    /// The state in a request; none where it is null.
    fn decode_state(
        &self,
        state: Option<DynamicValue>,
        private: &[u8],
    ) -> Result<Option<StateOf<R>>, Diagnostic> {
        let value = self.codec.decode(state)?;
        if value.is_null() {
            return Ok(None);
        }
        Ok(Some(ResourceState {
            model: wire::stored_model(value)?,
            private: wire::decode_private(private),
        }))
    }

    fn encode_state(&self, state: &StateOf<R>) -> Result<EncodedState, Diagnostic> {
        let private = wire::encode_private(&state.private)?;
        let object = self.encode_object(&state.model)?;
        Ok(EncodedState { private, ..object })
    }

    /// An object with its identity, and no private data.
    pub(super) fn encode_object(&self, model: &R::Model) -> Result<EncodedState, Diagnostic> {
        let (value, mut bugs) = self.codec.encode_result(model)?;
        // The object is to be stored, whatever is wrong with its identity.
        let identity = self.identity(model).unwrap_or_else(|bug| {
            bugs.push(bug);
            None
        });
        Ok(EncodedState {
            value: Some(value),
            private: Bytes::new(),
            identity,
            bugs,
        })
    }
}

/// What core is to store.
pub(super) struct EncodedState {
    pub(super) value: Option<DynamicValue>,
    private: Bytes,
    pub(super) identity: Option<ResourceIdentityData>,
    /// What is wrong with what the handler returned.
    pub(super) bugs: Vec<Diagnostic>,
}

/// The cause is left out: it could quote the state.
fn unreadable_state<E>(_: E) -> Diagnostic {
    Diagnostic::error(
        "State not readable",
        "The stored state of this resource does not have the form that the provider expects. Restore it from a backup, or remove the resource from the state and import the object by its id.",
    )
}
