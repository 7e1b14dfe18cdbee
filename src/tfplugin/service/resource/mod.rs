//! The RPCs of managed resources: messages in, the handler's outcome between, messages out.

mod apply_resource_change;
mod plan_resource_change;
mod read_resource;
mod take_in;

use async_trait::async_trait;
use bytes::Bytes;

use super::wire::{self, Shape, contained, messages};
use crate::tfplugin::{
    call::{Capabilities, MaybeConfigured},
    conformance,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::Instance,
    proto::{
        self, apply_resource_change as apply, generate_resource_config as generate,
        import_resource_state as import, move_resource_state as mv, plan_resource_change as plan,
        read_resource as read, upgrade_resource_identity as upgrade_identity,
        upgrade_resource_state as upgrade, validate_resource_config as validate,
    },
    resource::{InstanceOf, Resource},
    rules,
    schema::{IdentitySchema, Schema},
    value::{ObjectType, Type, Value},
};

/// A resource of any type, as the service calls it.
#[async_trait]
pub(crate) trait AnyResource<C>: Send + Sync {
    fn schema(&self) -> &Schema;
    /// What does not fit between model and schema; for tests.
    fn faults(&self) -> Vec<String>;
    fn identity_schema(&self) -> &IdentitySchema;
    async fn validate(&self, request: validate::Request) -> validate::Response;
    async fn upgrade(&self, request: upgrade::Request) -> upgrade::Response;
    async fn upgrade_identity(
        &self,
        request: upgrade_identity::Request,
    ) -> upgrade_identity::Response;
    async fn read(&self, call: MaybeConfigured<C>, request: read::Request) -> read::Response;
    async fn plan(&self, call: MaybeConfigured<C>, request: plan::Request) -> plan::Response;
    async fn apply(&self, call: MaybeConfigured<C>, request: apply::Request) -> apply::Response;
    async fn import(&self, call: MaybeConfigured<C>, request: import::Request) -> import::Response;
    async fn take_over(&self, request: mv::Request) -> mv::Response;
    async fn generate(&self, request: generate::Request) -> generate::Response;
}

pub(crate) struct RegisteredResource<R> {
    resource: R,
    shape: Shape,
    identity_schema: IdentitySchema,
    identity_type: ObjectType,
}

impl<R: Resource> RegisteredResource<R> {
    pub(crate) fn new(resource: R) -> Self {
        let identity_schema = resource.identity_schema();
        Self {
            shape: Shape::new(resource.schema()),
            identity_type: identity_schema.object_type(),
            identity_schema,
            resource,
        }
    }

    fn attributes(&self) -> &[crate::tfplugin::schema::Attribute] {
        &self.shape.schema.attributes
    }

    /// The identity of an object whose name is known.
    fn identity(
        &self,
        model: &R::Model,
    ) -> Result<Option<proto::ResourceIdentityData>, Diagnostic> {
        self.resource
            .identity(model)
            .map(|identity| wire::identity_message(&identity, &self.identity_type))
            .transpose()
    }

    /// A stored object; none where the state is null.
    fn stored(
        &self,
        state: Option<proto::DynamicValue>,
        private: &[u8],
    ) -> Result<Option<InstanceOf<R>>, Diagnostic> {
        let tree = self.shape.decode(state)?;
        if tree.is_null() {
            return Ok(None);
        }
        Ok(Some(Instance {
            model: wire::model(tree)?,
            private: wire::read_private(private),
        }))
    }

    /// What is to be stored, with what had to be repaired for it.
    fn store(
        &self,
        instance: &InstanceOf<R>,
        planned: Option<&Value>,
    ) -> Result<Stored, Diagnostic> {
        let mut tree = self.shape.tree(&instance.model)?;
        rules::drop_write_only(&mut tree, self.attributes());
        let mut violations = rules::null_unknowns(&mut tree);
        if let Some(planned) = planned {
            violations.extend(rules::check_apply(planned, &tree));
        }
        Ok(Stored {
            state: Some(self.shape.encode(&tree)?),
            private: wire::write_private(&instance.private)?,
            identity: self.identity(&instance.model)?,
            violations,
        })
    }
}

/// What goes into the state, encoded.
struct Stored {
    state: Option<proto::DynamicValue>,
    private: Bytes,
    identity: Option<proto::ResourceIdentityData>,
    violations: Vec<Diagnostic>,
}

#[async_trait]
impl<R: Resource> AnyResource<R::Client> for RegisteredResource<R> {
    fn schema(&self) -> &Schema {
        &self.shape.schema
    }

    fn faults(&self) -> Vec<String> {
        let what = format!("resource {}", self.resource.type_name());
        conformance::faults::<R::Model>(&what, &self.shape)
    }

    fn identity_schema(&self) -> &IdentitySchema {
        &self.identity_schema
    }

    async fn validate(&self, request: validate::Request) -> validate::Response {
        let capabilities = Capabilities::from(request.client_capabilities);
        let checked = async {
            let tree = self.shape.decode_config(request.config)?;
            let mut found = match capabilities.write_only {
                true => Vec::new(),
                false => rules::refuse_write_only(&tree, self.attributes(), |value| {
                    !value.is_null() && !value.is_unknown()
                }),
            };
            found.extend(self.resource.validate(&wire::model(tree)?, capabilities));
            Ok(found)
        };
        validate::Response {
            diagnostics: contained("ValidateResourceConfig", checked).await,
        }
    }

    async fn upgrade(&self, request: upgrade::Request) -> upgrade::Response {
        let upgraded = contain("UpgradeResourceState", async {
            self.shape.encode(&self.try_upgrade(request)?)
        });
        match upgraded.await.and_then(|upgraded| upgraded) {
            Ok(state) => upgrade::Response {
                upgraded_state: Some(state),
                diagnostics: Vec::new(),
            },
            Err(error) => upgrade::Response {
                upgraded_state: None,
                diagnostics: messages([error]),
            },
        }
    }

    async fn upgrade_identity(
        &self,
        request: upgrade_identity::Request,
    ) -> upgrade_identity::Response {
        let json = request.raw_identity.unwrap_or_default().json;
        // Rule 10: a state without identity counts as version 0 with nothing in it.
        if json.is_empty() {
            return upgrade_identity::Response::default();
        }
        let identity_type = Type::Object(self.identity_type.clone());
        let upgraded = Value::from_json_lenient(&json, &identity_type)
            .map_err(take_in::unreadable_state)
            .and_then(|(tree, _)| wire::encode(&tree, &identity_type));
        match upgraded {
            Ok(identity) => upgrade_identity::Response {
                upgraded_identity: Some(proto::ResourceIdentityData {
                    identity_data: Some(identity),
                }),
                diagnostics: Vec::new(),
            },
            Err(error) => upgrade_identity::Response {
                upgraded_identity: None,
                diagnostics: messages([error]),
            },
        }
    }

    async fn read(
        &self,
        call: MaybeConfigured<R::Client>,
        request: read::Request,
    ) -> read::Response {
        let kept = read::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        self.try_read(&call, request, kept.clone())
            .await
            .unwrap_or_else(|error| read::Response {
                diagnostics: messages([error]),
                ..kept
            })
    }

    async fn plan(
        &self,
        call: MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> plan::Response {
        // Rule 6: the plan of a destroy is null. What core proposes is not looked at otherwise.
        if wire::is_null(request.proposed_new_state.as_ref()) {
            return plan::Response {
                planned_state: wire::null(&self.shape.value_type),
                planned_private: request.prior_private,
                ..Default::default()
            };
        }
        self.try_plan(&call, request)
            .await
            .unwrap_or_else(|error| plan::Response {
                diagnostics: messages([error]),
                ..Default::default()
            })
    }

    async fn apply(
        &self,
        call: MaybeConfigured<R::Client>,
        request: apply::Request,
    ) -> apply::Response {
        let kept = apply::Response {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            new_identity: request.planned_identity.clone(),
            ..Default::default()
        };
        self.try_apply(&call, request, kept.clone())
            .await
            .unwrap_or_else(|error| apply::Response {
                diagnostics: messages([error]),
                ..kept
            })
    }

    async fn import(
        &self,
        call: MaybeConfigured<R::Client>,
        request: import::Request,
    ) -> import::Response {
        let deferred = call.deferral().map(Into::into);
        let imported = contain("ImportResourceState", async { self.try_import(request) }).await;
        match imported.and_then(|imported| imported) {
            Ok(resource) => import::Response {
                imported_resources: vec![resource],
                deferred,
                ..Default::default()
            },
            Err(error) => import::Response {
                diagnostics: messages([error]),
                ..Default::default()
            },
        }
    }

    async fn take_over(&self, request: mv::Request) -> mv::Response {
        contain("MoveResourceState", async { self.try_take_over(request) })
            .await
            .and_then(|moved| moved)
            .unwrap_or_else(|error| mv::Response {
                diagnostics: messages([error]),
                ..Default::default()
            })
    }

    async fn generate(&self, request: generate::Request) -> generate::Response {
        let config = self.shape.decode(request.state).and_then(|mut tree| {
            rules::keep_configurable(&mut tree, self.attributes());
            self.shape.encode(&tree)
        });
        match config {
            Ok(config) => generate::Response {
                config: Some(config),
                diagnostics: Vec::new(),
            },
            Err(error) => generate::Response {
                config: None,
                diagnostics: messages([error]),
            },
        }
    }
}
