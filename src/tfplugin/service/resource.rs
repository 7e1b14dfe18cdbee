//! The RPCs of managed resources: messages in, the handler's outcome between, messages out.

use async_trait::async_trait;
use bytes::Bytes;

use super::wire::{self, Shape, messages};
use crate::tfplugin::{
    call::{Capabilities, MaybeConfigured},
    conformance,
    containment::contain,
    diagnostics::Diagnostic,
    outcome::{Create, Delete, Instance, Plan, Read, Update},
    proto::{
        self, apply_resource_change as apply, generate_resource_config as generate,
        import_resource_state as import, move_resource_state as mv, plan_resource_change as plan,
        read_resource as read, upgrade_resource_identity as upgrade_identity,
        upgrade_resource_state as upgrade, validate_resource_config as validate,
    },
    resource::{ImportId, InstanceOf, MoveSource, Resource},
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

    async fn create(
        &self,
        call: &MaybeConfigured<R::Client>,
        planned: Value,
        config: Value,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("create", self.resource.type_name()));
        };
        let planned_model = wire::model(planned.clone())?;
        let config = wire::model(config)?;
        let work = self.resource.create(&call, planned_model, config);
        let outcome = contain("ApplyResourceChange", work)
            .await
            .unwrap_or_else(|panic| Create::NotMade(panic).into());
        let (instance, error, planned) = match outcome.result {
            Create::Made(instance) => (instance, None, Some(&planned)),
            Create::MadeBut(instance, error) => (instance, Some(error), None),
            Create::NotMade(error) => {
                return Ok(apply::Response {
                    new_state: wire::null(&self.shape.value_type),
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..Default::default()
                });
            }
        };
        let stored = self.store(&instance, planned)?;
        Ok(stored.applied(outcome.warnings, error))
    }

    async fn update(
        &self,
        call: &MaybeConfigured<R::Client>,
        prior: InstanceOf<R>,
        planned: Value,
        config: Value,
        kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("update", self.resource.type_name()));
        };
        let planned_model = wire::model(planned.clone())?;
        let config = wire::model(config)?;
        let work = self.resource.update(&call, prior, planned_model, config);
        let outcome = contain("ApplyResourceChange", work)
            .await
            .unwrap_or_else(|panic| Update::NotMade(panic).into());
        let (instance, error, planned) = match outcome.result {
            Update::Made(instance) => (instance, None, Some(&planned)),
            Update::MadeBut(instance, error) => (instance, Some(error), None),
            Update::NotMade(error) => {
                return Ok(apply::Response {
                    diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                    ..kept
                });
            }
        };
        let stored = self.store(&instance, planned)?;
        Ok(stored.applied(outcome.warnings, error))
    }

    async fn delete(
        &self,
        call: &MaybeConfigured<R::Client>,
        prior: InstanceOf<R>,
        kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let Some(call) = call.configured() else {
            return Err(not_configured("delete", self.resource.type_name()));
        };
        let outcome = contain("ApplyResourceChange", self.resource.delete(&call, prior))
            .await
            .unwrap_or_else(|panic| Delete::StillThere(panic).into());
        Ok(match outcome.result {
            Delete::Gone => apply::Response {
                new_state: wire::null(&self.shape.value_type),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Delete::StillThere(error) => apply::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..kept
            },
        })
    }

    async fn try_apply(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: apply::Request,
        mut kept: apply::Response,
    ) -> Result<apply::Response, Diagnostic> {
        let prior = self.stored(request.prior_state, &request.planned_private)?;
        // Where an object goes core may plan no identity; one that stays all the same keeps its own.
        if let (None, Some(prior)) = (&kept.new_identity, &prior) {
            kept.new_identity = self.identity(&prior.model)?;
        }
        let planned = self.shape.decode(request.planned_state)?;
        let config = self.shape.decode(request.config)?;
        match (prior, planned.is_null()) {
            (Some(prior), true) => self.delete(call, prior, kept).await,
            (Some(prior), false) => self.update(call, prior, planned, config, kept).await,
            (None, false) => self.create(call, planned, config).await,
            (None, true) => Ok(kept),
        }
    }

    async fn try_plan(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: plan::Request,
    ) -> Result<plan::Response, Diagnostic> {
        let config_tree = self.shape.decode(request.config)?;
        let mut prior_tree = self.shape.decode(request.prior_state)?;
        if !call.capabilities.write_only {
            let refused =
                rules::refuse_write_only(&config_tree, self.attributes(), |value| !value.is_null());
            if !refused.is_empty() {
                return Ok(plan::Response {
                    diagnostics: messages(refused),
                    ..Default::default()
                });
            }
        }
        let mut defaulted = config_tree.clone();
        rules::fill_defaults(&mut defaulted, self.attributes());
        // Rule 9: in the second plan of a replacement the private data is the old object's.
        let private = match prior_tree.is_null() {
            true => Bytes::new(),
            false => request.prior_private,
        };
        let prior = match prior_tree.is_null() {
            true => None,
            false => Some(Instance {
                model: wire::model(prior_tree.clone())?,
                private: wire::read_private(&private),
            }),
        };

        let prior_identity = match &prior {
            Some(prior) => self.identity(&prior.model)?,
            None => None,
        };
        let work = self.resource.plan(call, wire::model(defaulted)?, prior);
        let outcome = contain("PlanResourceChange", work)
            .await
            .unwrap_or_else(|panic| Plan::Failed(panic).into());

        let deferral = call.deferral();
        let mut diagnostics = outcome.warnings;
        let (model, because, deferred) = match outcome.result {
            Plan::Keep => (None, Vec::new(), deferral),
            Plan::Change(planned) => (Some(planned), Vec::new(), deferral),
            Plan::Replace { planned, because } => {
                diagnostics.extend(rules::check_replacement(&self.shape.schema, &because));
                (Some(planned), because, deferral)
            }
            Plan::Deferred { planned, reason } => (Some(planned), Vec::new(), Some(reason)),
            Plan::Failed(error) => {
                return Ok(plan::Response {
                    diagnostics: messages(diagnostics.into_iter().chain([error])),
                    ..Default::default()
                });
            }
        };
        let keep = model.is_none();
        let (mut planned, planned_identity) = match &model {
            Some(model) => (self.shape.tree(model)?, self.identity(model)?),
            None => (std::mem::take(&mut prior_tree), prior_identity),
        };
        rules::drop_write_only(&mut planned, self.attributes());

        diagnostics.extend(rules::check_plan(
            &self.shape.schema,
            if keep { &planned } else { &prior_tree },
            &config_tree,
            &planned,
        ));
        Ok(plan::Response {
            planned_state: Some(self.shape.encode(&planned)?),
            requires_replace: because.iter().map(Into::into).collect(),
            planned_private: private,
            planned_identity,
            diagnostics: messages(diagnostics),
            deferred: deferred.map(Into::into),
            ..Default::default()
        })
    }

    async fn try_read(
        &self,
        call: &MaybeConfigured<R::Client>,
        request: read::Request,
        mut kept: read::Response,
    ) -> Result<read::Response, Diagnostic> {
        let Some(current) = self.stored(request.current_state, &request.private)? else {
            return Ok(kept);
        };
        // An older CLI's state has no identity: it gets one even when nothing else is learned.
        if let Some(identity) = self.identity(&current.model)? {
            kept.new_identity = Some(identity);
        }
        if let Some(reason) = call.deferral() {
            kept.deferred = Some(reason.into());
            return Ok(kept);
        }
        let outcome = contain("ReadResource", self.resource.read(call, current))
            .await
            .unwrap_or_else(|panic| Read::Failed(panic).into());
        Ok(match outcome.result {
            Read::Found(instance) => {
                let stored = self.store(&instance, None)?;
                read::Response {
                    new_state: stored.state,
                    private: stored.private,
                    new_identity: stored.identity,
                    diagnostics: messages(outcome.warnings.into_iter().chain(stored.violations)),
                    ..Default::default()
                }
            }
            Read::Gone => read::Response {
                new_state: wire::null(&self.shape.value_type),
                diagnostics: messages(outcome.warnings),
                ..Default::default()
            },
            Read::Kept => read::Response {
                diagnostics: messages(outcome.warnings),
                ..kept
            },
            Read::Failed(error) => read::Response {
                diagnostics: messages(outcome.warnings.into_iter().chain([error])),
                ..kept
            },
        })
    }

    fn imported(&self, instance: &InstanceOf<R>) -> Result<import::ImportedResource, Diagnostic> {
        let stored = self.store(instance, None)?;
        Ok(import::ImportedResource {
            type_name: self.resource.type_name().to_owned(),
            state: stored.state,
            private: stored.private,
            identity: stored.identity,
        })
    }

    fn try_import(&self, request: import::Request) -> Result<import::ImportedResource, Diagnostic> {
        let identity = request.identity.and_then(|identity| identity.identity_data);
        let id = match identity {
            Some(identity) => {
                let identity_type = Type::Object(self.identity_type.clone());
                ImportId::Identity(wire::model(wire::decode(Some(identity), &identity_type)?)?)
            }
            None => ImportId::Id(request.id),
        };
        self.imported(&self.resource.import(id)?)
    }

    fn try_upgrade(&self, request: upgrade::Request) -> Result<Value, Diagnostic> {
        let raw = request.raw_state.unwrap_or_default();
        if raw.json.is_empty() {
            return match raw.flatmap.is_empty() {
                true => Ok(Value::Null),
                false => Err(Diagnostic::error(
                    "State too old to upgrade",
                    format!(
                        "The state of this {} was written in the format of Terraform 0.11. This provider never wrote that format. Remove the resource from the state and import the object by its id.",
                        self.resource.type_name()
                    ),
                )),
            };
        }
        let state = parse_object(&raw.json)?;
        let state = self.resource.upgrade(request.version, state)?;
        let json = serde_json::to_vec(&state).map_err(Diagnostic::bug)?;
        let (mut tree, dropped) =
            Value::from_json_lenient(&json, &self.shape.value_type).map_err(unreadable_state)?;
        if !dropped.is_empty() {
            tracing::debug!(
                ?dropped,
                "the stored state has attributes that the schema lacks"
            );
        }
        rules::drop_write_only(&mut tree, self.attributes());
        Ok(tree)
    }

    fn try_take_over(&self, request: mv::Request) -> Result<mv::Response, Diagnostic> {
        let raw = request.source_state.unwrap_or_default();
        let source = MoveSource {
            provider_address: request.source_provider_address,
            type_name: request.source_type_name,
            schema_version: request.source_schema_version,
            state: parse_object(&raw.json)?,
        };
        let instance = self.resource.take_over(source)?;
        let stored = self.store(&instance, None)?;
        Ok(mv::Response {
            target_state: stored.state,
            target_private: stored.private,
            target_identity: stored.identity,
            diagnostics: messages(stored.violations),
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

impl Stored {
    fn applied(self, warnings: Vec<Diagnostic>, error: Option<Diagnostic>) -> apply::Response {
        apply::Response {
            new_state: self.state,
            private: self.private,
            new_identity: self.identity,
            diagnostics: messages(warnings.into_iter().chain(self.violations).chain(error)),
            ..Default::default()
        }
    }
}

fn not_configured(operation: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider not configured",
        format!(
            "Core asked to {operation} a {type_name}, but the configuration of the provider is not known. Nothing was done. Apply again once the values that the provider block refers to are known."
        ),
    )
}

fn parse_object(json: &[u8]) -> Result<serde_json::Map<String, serde_json::Value>, Diagnostic> {
    serde_json::from_slice(json).map_err(unreadable_state)
}

/// The cause is left out: it could quote the state.
fn unreadable_state<E>(_: E) -> Diagnostic {
    Diagnostic::error(
        "State not readable",
        "The stored state of this resource does not have the form that the provider expects. Restore it from a backup, or remove the resource from the state and import the object by its id.",
    )
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
            .map_err(unreadable_state)
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

/// Runs a check and gives what it found, be it a panic.
pub(super) async fn contained(
    rpc: &'static str,
    check: impl Future<Output = Result<Vec<Diagnostic>, Diagnostic>>,
) -> Vec<proto::Diagnostic> {
    let found = contain(rpc, check).await.and_then(|checked| checked);
    messages(found.unwrap_or_else(|error| vec![error]))
}
