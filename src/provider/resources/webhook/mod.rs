//! The resource `immuta_webhook`.
//!
//! [`model`] is what users write, [`plan`] decides what an apply would do, [`state`] turns what the
//! API answered into what state keeps, [`messages`] are the words for what went wrong. This file
//! calls the API in between.

mod messages;
pub(in crate::provider) mod model;
mod move_state;
mod plan;
pub(in crate::provider) mod state;

use self::model::{Identity, Model, Private, Stored};
use crate::{
    immuta::{Creation, Deletion, Reading, Update, WebhookSpec, Webhooks, webhook_url},
    provider::secret::Secret,
    tfplugin::{
        Capabilities, Configured, Diagnostic, IdentitySchema, ImportId, MaybeConfigured,
        MoveSource, Resource, Schema,
        outcome::{Create, Delete, Outcome, Plan, Read, ResourceState, Update as Updated},
        path::Path,
        value::Attr,
    },
};

/// A webhook of the Request app.
#[derive(Debug)]
pub(in crate::provider) struct WebhookResource;

impl Resource for WebhookResource {
    type Client = Webhooks;
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
        call: &MaybeConfigured<Webhooks>,
        config: Model,
        prior: Option<Stored>,
    ) -> Outcome<Plan<Model>> {
        // Without a refresh nothing else tells which ids are in state.
        let known = prior.as_ref().and_then(|prior| prior.model.id.as_known());
        if let (Some(call), Some(id)) = (call.configured(), known) {
            call.client.saw(id);
        }
        let twins = match (&prior, &config.url) {
            (None, Attr::Known(url)) => twins(call, url).await,
            _ => Vec::new(),
        };
        let mut outcome = Outcome::from(plan::decide(config, prior.map(|prior| prior.model)));
        outcome.warnings = twins;
        outcome
    }

    async fn create(
        &self,
        call: &Configured<Webhooks>,
        planned: Model,
        config: Model,
    ) -> Outcome<Create<Stored>> {
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Create::Failed(error).into(),
        };
        match call.client.create(&spec, &call.stop).await {
            Creation::Made(webhook) => {
                let state = state::made(planned, &webhook);
                match messages::not_as_asked(messages::Done::Created, &webhook, &spec, false) {
                    Some(error) => Create::CreatedTainted(state, error).into(),
                    None => Outcome::from(Create::Created(state))
                        .warn(messages::respelt(&webhook, &spec)),
                }
            }
            Creation::Adopted { webhook, cause } => {
                let state = state::made(planned, &webhook);
                Create::CreatedTainted(state, messages::adopted(&webhook, &cause)).into()
            }
            Creation::MadeUnread { id, cause } => {
                let error = messages::made_unread(&id, &spec.url, &cause);
                Create::CreatedTainted(state::made_unread(planned, id), error).into()
            }
            Creation::NotMade(cause) => {
                Create::Failed(messages::not_created(&spec.url, &cause)).into()
            }
            Creation::Unclear { candidates, cause } => {
                Create::Failed(messages::may_exist(&spec.url, &candidates, &cause)).into()
            }
        }
    }

    async fn read(
        &self,
        call: &MaybeConfigured<Webhooks>,
        current: Stored,
    ) -> Outcome<Read<Stored>> {
        // After an import nothing but the id is known, so there is nothing that could be kept.
        let is_import = current.model.url.is_null();
        let Some(call) = call.configured() else {
            return match is_import {
                true => Read::Failed(messages::import_unconfigured()).into(),
                false => Read::Unchanged.into(),
            };
        };
        let Some(id) = current.model.id.as_known().cloned() else {
            return Read::Failed(messages::no_id()).into();
        };
        call.client.saw(&id);
        keep_key(&call, &current.model);
        match call.client.read(&id, &call.stop).await {
            Reading::Found(webhook) => Read::Found(state::observed(current, &webhook)).into(),
            Reading::Gone => Read::Removed.into(),
            Reading::Unreadable { cause, .. } if is_import => {
                Read::Failed(messages::import_unreadable(&id, &cause)).into()
            }
            Reading::Unreadable { first, cause } => {
                Outcome::from(Read::Unchanged).warn(first.then(|| messages::drift_unseen(&cause)))
            }
            Reading::Failed(cause) => Read::Failed(messages::not_read(&id, &cause)).into(),
        }
    }

    async fn update(
        &self,
        call: &Configured<Webhooks>,
        prior: Stored,
        planned: Model,
        config: Model,
    ) -> Outcome<Updated<Stored>> {
        let Some(id) = prior.model.id.as_known().cloned() else {
            return Updated::Failed(messages::no_id()).into();
        };
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Updated::Failed(error).into(),
        };
        keep_key(call, &prior.model);
        match call.client.update(&id, &spec, &call.stop).await {
            Update::Made(webhook) => {
                let key_lost = prior.model.signing_key_set == Attr::Known(true)
                    && spec.signing_key.is_none()
                    && !webhook.signing_key_set;
                let url_not_taken = state::still_has_its_url(&prior, &spec.url, &webhook);
                let state = match url_not_taken {
                    true => state::updated_but_url(planned, &prior, &webhook),
                    false => state::updated(planned, &webhook),
                };
                match messages::not_as_asked(
                    messages::Done::Updated,
                    &webhook,
                    &spec,
                    url_not_taken,
                ) {
                    Some(error) => Updated::UpdatedWithError(state, error).into(),
                    None if key_lost => {
                        Updated::UpdatedWithError(state, messages::foreign_key_lost(&id)).into()
                    }
                    None => Outcome::from(Updated::Updated(state))
                        .warn(messages::respelt(&webhook, &spec)),
                }
            }
            Update::MadeBut { webhook, cause } => {
                let state = state::updated(planned, &webhook);
                Updated::UpdatedWithError(state, messages::update_unconfirmed(&id, &cause)).into()
            }
            Update::Gone(cause) => Updated::Failed(messages::gone(&id, &cause)).into(),
            Update::NotMade(cause) => Updated::Failed(messages::not_updated(&id, &cause)).into(),
        }
    }

    async fn delete(&self, call: &Configured<Webhooks>, prior: Stored) -> Outcome<Delete> {
        let Some(id) = prior.model.id.as_known() else {
            return Delete::Failed(messages::no_id()).into();
        };
        keep_key(call, &prior.model);
        match call.client.delete(id, &call.stop).await {
            Deletion::Gone => Delete::Deleted.into(),
            Deletion::StillThere(cause) => Delete::Failed(messages::not_deleted(id, &cause)).into(),
        }
    }

    fn import(&self, id: ImportId<Identity>) -> Result<Stored, Diagnostic> {
        let id = match id {
            ImportId::Id(id) => id,
            ImportId::Identity(identity) => identity.id.into_known().unwrap_or_default(),
        };
        model::check_import_id(&id)?;
        Ok(ResourceState {
            model: Model {
                id: Attr::Known(id),
                ..Model::default()
            },
            private: Private::default(),
        })
    }

    fn move_state(&self, source: MoveSource) -> Result<Stored, Diagnostic> {
        move_state::from_rest_object(source)
    }
}

/// What is sent. The write-only key is in the configuration alone.
fn spec(planned: &Model, config: Model) -> Result<WebhookSpec, Diagnostic> {
    let (Attr::Known(url), Attr::Known(verify_tls)) = (&planned.url, &planned.verify_tls) else {
        return Err(Diagnostic::bug(
            "Core asked to apply a webhook without a known url and verify_tls.",
        ));
    };
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
fn keep_key(call: &Configured<Webhooks>, stored: &Model) {
    if let Attr::Known(key) = &stored.signing_key {
        call.client.keep_secret(key.secret());
    }
}

/// Webhooks that already have the url of a planned one, as an interrupted apply leaves them. Not asked for
/// while Terraform 1.9 and later apply, where a create_before_destroy has a twin for good. Of older ones and
/// of OpenTofu the phase cannot be told, so the message speaks of that twin.
async fn twins(call: &MaybeConfigured<Webhooks>, url: &str) -> Vec<Diagnostic> {
    let Some(configured) = call.configured() else {
        return Vec::new();
    };
    if call.capabilities.deferral || webhook_url::check(url).is_err() {
        return Vec::new();
    }
    let ids = configured.client.twins(url, &configured.stop).await;
    ids.iter()
        .map(|id| messages::twin(id, url).at(Path::attribute("url")))
        .collect()
}
