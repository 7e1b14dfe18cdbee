//! The resource `immuta_webhook`.
//!
//! [`model`] is what users write, [`plan`] decides what an apply would do, [`state`] turns what the API returned into
//! what state keeps, [`messages`] are the diagnostics. This file calls the API in between.

mod messages;
pub(in crate::provider) mod model;
mod move_state;
mod plan;
pub(in crate::provider) mod state;

use self::model::{Identity, Model, Private, Stored};
use crate::{
    immuta::{
        Client, CreateOutcome, DeleteOutcome, ReadOutcome, UpdateOutcome, WebhookId, WebhookSpec,
        webhook_url,
    },
    provider::secret::Secret,
    tfplugin::{
        Capabilities, Configured, Diagnostic, HandlerResult, IdentitySchema, ImportId,
        MaybeConfigured, MoveSource, Resource, Schema,
        outcome::{Create, Delete, Outcome, Plan, Read, ResourceState, Update},
        path::Path,
        value::Attr,
    },
};

/// A webhook of the Request app.
#[derive(Debug)]
pub(in crate::provider) struct WebhookResource;

impl Resource for WebhookResource {
    type Client = Client;
    type Model = Model;
    type Private = Private;
    type Identity = Identity;

    fn type_name(&self) -> &'static str {
        "immuta_webhook"
    }

    fn schema(&self) -> Schema {
        model::schema()
    }

    fn identity_schema(&self) -> IdentitySchema {
        model::identity_schema()
    }

    fn identity(&self, model: &Model) -> Option<Identity> {
        let id = model.id.as_known()?.clone();
        Some(Identity {
            id: Attr::Known(id),
        })
    }

    fn validate(&self, config: &Model, _: Capabilities) -> Vec<Diagnostic> {
        model::validate(config)
    }

    async fn plan(
        &self,
        context: &MaybeConfigured<Client>,
        config: Model,
        prior: Option<Stored>,
        _: Option<Private>,
    ) -> Outcome<Plan<Stored>> {
        let configured = context.configured();
        let id = prior
            .as_ref()
            .and_then(|prior| stored_id(&prior.model).ok());
        let mut is_refreshed = true;
        if let (Some(context), Some(id)) = (&configured, &id) {
            // Without a refresh nothing else tells which ids are in state.
            context.client.mark_managed(id);
            is_refreshed = context.client.is_refreshed(id);
        }
        let url = config.url.as_known().cloned();
        let private = prior.as_ref().map(|prior| prior.private.clone());
        let private = private.unwrap_or_default();
        let plan = plan::decide(config, prior, is_refreshed);
        // Of a replacement core shows the warnings of this first plan only.
        let creates = id.is_none() || matches!(plan, Plan::Replace { .. });
        let mut warnings = match (configured, url) {
            (Some(context), Some(url)) if creates => duplicates(&context, &url).await,
            _ => Vec::new(),
        };
        // Not said again while Terraform 1.11 and later apply.
        if private.key_unconfirmed && !context.capabilities.deferral {
            warnings.extend(id.map(|id| messages::key_unconfirmed(&id)));
        }
        Outcome {
            result: plan.map(|model| ResourceState::new(model, private)),
            warnings,
        }
    }

    async fn create(
        &self,
        context: &Configured<Client>,
        planned: Stored,
        config: Model,
    ) -> Outcome<Create<Stored>> {
        let planned = planned.model;
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Create::Failed(error).into(),
        };
        let (webhook, cause) = match context.client.create(&spec, &context.stop).await {
            CreateOutcome::Created(webhook) => (webhook, None),
            CreateOutcome::Reconciled { webhook, cause } => (webhook, Some(cause)),
            CreateOutcome::Adopted { webhook, cause } => {
                let state = state::created(planned, &webhook);
                let error = messages::adopted(&webhook, &cause);
                return Create::CreatedTainted(state, error).into();
            }
            CreateOutcome::CreatedIdOnly { id, cause } => {
                let error = messages::created_id_only(&id, &spec.url, &cause);
                return Create::CreatedTainted(state::created_id_only(planned, &id), error).into();
            }
            CreateOutcome::Failed(cause) => {
                return Create::Failed(messages::not_created(&spec.url, &cause)).into();
            }
            CreateOutcome::Ambiguous { candidates, cause } => {
                let error = messages::may_exist(&spec.url, &candidates, &cause);
                return Create::Failed(error).into();
            }
        };
        let state = state::created(planned, &webhook);
        let done = messages::Done::Created;
        let result = match messages::not_applied(done, &webhook, &spec, false) {
            Some(error) => Create::CreatedTainted(state, error),
            None => Create::Created(state),
        };
        Outcome::from(result)
            .warn(cause.map(|cause| messages::reconciled(&webhook, &cause)))
            .warn(messages::normalized(&webhook, &spec))
    }

    async fn read(
        &self,
        context: &MaybeConfigured<Client>,
        current: Stored,
    ) -> Outcome<Read<Stored>> {
        // After an import nothing but the id is known, so there is no state that could stay.
        let is_import = current.model.url.is_null();
        let Some(context) = context.configured() else {
            return match is_import {
                true => Read::Failed(messages::import_unconfigured()).into(),
                false => Read::Unchanged.into(),
            };
        };
        let id = match stored_id(&current.model) {
            Ok(id) => id,
            Err(error) => return Read::Failed(error).into(),
        };
        context.client.mark_refreshed(&id);
        register_key(&context, &current.model);
        match context.client.read(&id, &context.stop).await {
            ReadOutcome::Found(webhook) => Read::Found(state::observed(current, &webhook)).into(),
            // Core would say so by itself, but Pulumi's bridge takes an absent object for one without attributes.
            ReadOutcome::NotFound if is_import => {
                Read::Failed(messages::import_not_found(&id)).into()
            }
            ReadOutcome::NotFound => Read::Removed.into(),
            ReadOutcome::Unavailable(cause) if is_import => {
                Read::Failed(messages::import_unavailable(&id, &cause)).into()
            }
            ReadOutcome::Unavailable(cause) => {
                let warns = context.client.warns_of_unavailable_reads();
                Outcome::from(Read::Unchanged)
                    .warn(warns.then(|| messages::drift_detection_unavailable(&cause)))
            }
            ReadOutcome::Failed(cause) => Read::Failed(messages::not_read(&id, &cause)).into(),
        }
    }

    async fn update(
        &self,
        context: &Configured<Client>,
        prior: Stored,
        planned: Model,
        config: Model,
    ) -> Outcome<Update<Stored>> {
        let id = match stored_id(&prior.model) {
            Ok(id) => id,
            Err(error) => return Update::Failed(error).into(),
        };
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Update::Failed(error).into(),
        };
        register_key(context, &prior.model);
        let webhook = match context.client.update(&id, &spec, &context.stop).await {
            UpdateOutcome::Updated(webhook) => webhook,
            UpdateOutcome::Unconfirmed { webhook, cause } => {
                let state = state::updated(planned, &webhook);
                let error = messages::update_unconfirmed(&id, &cause);
                return Update::UpdatedWithError(state, error).into();
            }
            UpdateOutcome::Ambiguous(cause) => {
                let key_sent = spec.signing_key.is_some();
                let error = messages::may_be_updated(&id, key_sent, &cause);
                let state = state::may_be_updated(prior, key_sent);
                return Update::UpdatedWithError(state, error).into();
            }
            UpdateOutcome::NotFound(cause) => {
                return Update::Failed(messages::not_found(&id, &cause)).into();
            }
            UpdateOutcome::Failed(cause) => {
                return Update::Failed(messages::not_updated(&id, &cause)).into();
            }
        };
        let unmanaged_key_lost = prior.model.signing_key_set == Attr::Known(true)
            && spec.signing_key.is_none()
            && !webhook.signing_key_set;
        let url_not_applied = state::url_not_applied(&prior, &spec.url, &webhook);
        let state = match url_not_applied {
            true => state::updated_but_url(planned, &prior, &webhook),
            false => state::updated(planned, &webhook),
        };
        let done = messages::Done::Updated;
        match messages::not_applied(done, &webhook, &spec, url_not_applied) {
            Some(error) => Update::UpdatedWithError(state, error).into(),
            None if unmanaged_key_lost => {
                Update::UpdatedWithError(state, messages::unmanaged_key_lost(&id)).into()
            }
            None => {
                Outcome::from(Update::Updated(state)).warn(messages::normalized(&webhook, &spec))
            }
        }
    }

    async fn delete(&self, context: &Configured<Client>, prior: Stored) -> Outcome<Delete> {
        let id = match stored_id(&prior.model) {
            Ok(id) => id,
            Err(error) => return Delete::Failed(error).into(),
        };
        register_key(context, &prior.model);
        match context.client.delete(&id, &context.stop).await {
            DeleteOutcome::Deleted => Delete::Deleted.into(),
            DeleteOutcome::NotDeleted(cause) => {
                Delete::Failed(messages::not_deleted(&id, &cause)).into()
            }
        }
    }

    async fn import(
        &self,
        _: &MaybeConfigured<Client>,
        id: ImportId<Identity>,
    ) -> HandlerResult<Stored> {
        let id = match id {
            ImportId::Id(id) => id,
            ImportId::Identity(identity) => identity.id.into_known().unwrap_or_default(),
        };
        let stored = model::check_import_id(&id).map(|_| {
            let model = Model {
                id: Attr::Known(id),
                ..Model::default()
            };
            ResourceState::new(model, Private::default())
        });
        stored.into()
    }

    fn move_state(&self, source: MoveSource) -> Result<Stored, Diagnostic> {
        move_state::from_rest_object(source)
    }
}

/// The id of a webhook in state.
fn stored_id(stored: &Model) -> Result<WebhookId, Diagnostic> {
    let id = stored.id.as_known().map(String::as_str);
    WebhookId::parse(id.unwrap_or_default()).map_err(|_| messages::no_id())
}

/// What is sent. The write-only key is in the configuration alone.
fn spec(planned: &Model, config: Model) -> Result<WebhookSpec, Diagnostic> {
    let (Attr::Known(url), Attr::Known(verify_tls)) = (&planned.url, &planned.verify_tls) else {
        return Err(Diagnostic::bug(
            "Core asked to apply a webhook without a known url and verify_tls.",
        ));
    };
    if config.lacks_write_only_key() {
        return Err(messages::missing_write_only_key());
    }
    let key = planned
        .signing_key
        .clone()
        .into_known()
        .or(config.signing_key_wo.into_known());
    Ok(WebhookSpec {
        url: url.clone(),
        verify_tls: *verify_tls,
        signing_key: key.map(Secret::into_inner),
    })
}

/// Lets no message and no log show the key of the state, even if the API quotes it.
fn register_key(context: &Configured<Client>, stored: &Model) {
    if let Attr::Known(key) = &stored.signing_key {
        context.client.register_secret(key.secret());
    }
}

/// Warnings of webhooks that already have the url of a planned one, as an interrupted apply leaves them. Not looked for
/// while Terraform 1.9 and later apply, where a create_before_destroy has a duplicate on purpose. Of older ones and of
/// OpenTofu the phase is unknown, so the message speaks of that duplicate.
async fn duplicates(context: &Configured<Client>, url: &str) -> Vec<Diagnostic> {
    if context.capabilities.deferral || webhook_url::check(url).is_err() {
        return Vec::new();
    }
    match context.client.duplicates(url, &context.stop).await {
        Ok(ids) => ids
            .iter()
            .map(|id| messages::duplicate(id, url).at(Path::attribute("url")))
            .collect(),
        // Creates work without a list too.
        Err(cause) if cause.is_cancelled() || cause.is_route_missing() => Vec::new(),
        Err(cause) if context.client.warns_of_unchecked_duplicates() => {
            vec![messages::duplicates_unchecked(&cause)]
        }
        Err(_) => Vec::new(),
    }
}
