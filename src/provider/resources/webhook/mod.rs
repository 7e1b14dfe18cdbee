//! The resource `immuta_webhook`.
//!
//! [`model`] is what users write, [`plan`] decides what an apply would do, [`state`] turns what the
//! API answered into what state keeps, [`messages`] are the words for what went wrong. This file
//! calls the API in between.

mod messages;
pub(in crate::provider) mod model;
mod plan;
pub(in crate::provider) mod state;
mod take_over;

use self::model::{Identity, Model, Private};
use crate::{
    immuta::{
        Client, CreateOutcome, DeleteOutcome, ReadOutcome, UpdateOutcome, WebhookSpec, webhook_url,
    },
    provider::secret::Secret,
    tfplugin::{
        Capabilities, Configured, Diagnostic, IdentitySchema, ImportId, MaybeConfigured,
        MoveSource, Resource, Schema,
        outcome::{Create, Delete, Instance, Outcome, Plan, Read, Update},
        path::Path,
        value::Attr,
    },
};

/// A webhook of the Request app.
#[derive(Debug)]
pub(in crate::provider) struct WebhookResource;

type Stored = Instance<Model, Private>;

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
        call: &MaybeConfigured<Client>,
        config: Model,
        prior: Option<Stored>,
    ) -> Outcome<Plan<Model>> {
        // Without a refresh nothing else tells which ids are in state.
        let known = prior
            .as_ref()
            .and_then(|prior| model::id(&prior.model).ok());
        if let (Some(call), Some(id)) = (call.configured(), known) {
            call.client.mark_managed(&id);
        }
        let duplicates = match (&prior, &config.url) {
            (None, Attr::Known(url)) => duplicates(call, url).await,
            _ => Vec::new(),
        };
        let mut outcome = Outcome::from(plan::decide(config, prior.map(|prior| prior.model)));
        outcome.warnings = duplicates;
        outcome
    }

    async fn create(
        &self,
        call: &Configured<Client>,
        planned: Model,
        config: Model,
    ) -> Outcome<Create<Stored>> {
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Create::NotMade(error).into(),
        };
        match call.client.create(&spec, &call.stop).await {
            CreateOutcome::Created(webhook) => {
                let state = state::created(planned, &webhook);
                match messages::not_as_asked(messages::Done::Created, &webhook, &spec, false) {
                    Some(error) => Create::MadeBut(state, error).into(),
                    None => Outcome::from(Create::Made(state))
                        .warn(messages::normalized(&webhook, &spec)),
                }
            }
            CreateOutcome::Adopted { webhook, cause } => {
                let state = state::created(planned, &webhook);
                Create::MadeBut(state, messages::adopted(&webhook, &cause)).into()
            }
            CreateOutcome::CreatedIdOnly { id, cause } => {
                let error = messages::created_id_only(&id, &spec.url, &cause);
                Create::MadeBut(state::created_id_only(planned, &id), error).into()
            }
            CreateOutcome::Failed(cause) => {
                Create::NotMade(messages::not_created(&spec.url, &cause)).into()
            }
            CreateOutcome::Ambiguous { candidates, cause } => {
                Create::NotMade(messages::may_exist(&spec.url, &candidates, &cause)).into()
            }
        }
    }

    async fn read(&self, call: &MaybeConfigured<Client>, current: Stored) -> Outcome<Read<Stored>> {
        // After an import nothing but the id is known, so there is nothing that could be kept.
        let is_import = current.model.url.is_null();
        let Some(call) = call.configured() else {
            return match is_import {
                true => Read::Failed(messages::import_unconfigured()).into(),
                false => Read::Kept.into(),
            };
        };
        let id = match model::id(&current.model) {
            Ok(id) => id,
            Err(error) => return Read::Failed(error).into(),
        };
        call.client.mark_managed(&id);
        register_key(&call, &current.model);
        match call.client.read(&id, &call.stop).await {
            ReadOutcome::Found(webhook) => Read::Found(state::observed(current, &webhook)).into(),
            ReadOutcome::NotFound => Read::Gone.into(),
            ReadOutcome::Unavailable(cause) if is_import => {
                Read::Failed(messages::import_unreadable(&id, &cause)).into()
            }
            ReadOutcome::Unavailable(cause) => {
                let warns = call.client.warns_of_unavailable_reads();
                Outcome::from(Read::Kept).warn(warns.then(|| messages::drift_unseen(&cause)))
            }
            ReadOutcome::Failed(cause) => Read::Failed(messages::not_read(&id, &cause)).into(),
        }
    }

    async fn update(
        &self,
        call: &Configured<Client>,
        prior: Stored,
        planned: Model,
        config: Model,
    ) -> Outcome<Update<Stored>> {
        let id = match model::id(&prior.model) {
            Ok(id) => id,
            Err(error) => return Update::NotMade(error).into(),
        };
        let spec = match spec(&planned, config) {
            Ok(spec) => spec,
            Err(error) => return Update::NotMade(error).into(),
        };
        register_key(call, &prior.model);
        match call.client.update(&id, &spec, &call.stop).await {
            UpdateOutcome::Updated(webhook) => {
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
                    Some(error) => Update::MadeBut(state, error).into(),
                    None if key_lost => {
                        Update::MadeBut(state, messages::unmanaged_key_lost(&id)).into()
                    }
                    None => Outcome::from(Update::Made(state))
                        .warn(messages::normalized(&webhook, &spec)),
                }
            }
            UpdateOutcome::Unconfirmed { webhook, cause } => {
                let state = state::updated(planned, &webhook);
                Update::MadeBut(state, messages::update_unconfirmed(&id, &cause)).into()
            }
            UpdateOutcome::NotFound(cause) => Update::NotMade(messages::gone(&id, &cause)).into(),
            UpdateOutcome::Failed(cause) => {
                Update::NotMade(messages::not_updated(&id, &cause)).into()
            }
        }
    }

    async fn delete(&self, call: &Configured<Client>, prior: Stored) -> Outcome<Delete> {
        let id = match model::id(&prior.model) {
            Ok(id) => id,
            Err(error) => return Delete::StillThere(error).into(),
        };
        register_key(call, &prior.model);
        match call.client.delete(&id, &call.stop).await {
            DeleteOutcome::Deleted => Delete::Gone.into(),
            DeleteOutcome::NotDeleted(cause) => {
                Delete::StillThere(messages::not_deleted(&id, &cause)).into()
            }
        }
    }

    fn import(&self, id: ImportId<Identity>) -> Result<Stored, Diagnostic> {
        let id = match id {
            ImportId::Id(id) => id,
            ImportId::Identity(identity) => identity.id.into_known().unwrap_or_default(),
        };
        model::check_import_id(&id)?;
        Ok(Instance {
            model: Model {
                id: Attr::Known(id),
                ..Model::default()
            },
            private: Private::default(),
        })
    }

    fn take_over(&self, source: MoveSource) -> Result<Stored, Diagnostic> {
        take_over::from_rest_object(source)
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
fn register_key(call: &Configured<Client>, stored: &Model) {
    if let Attr::Known(key) = &stored.signing_key {
        call.client.register_secret(key.secret());
    }
}

/// Client that already have the url of a planned one, as an interrupted apply leaves them. Not asked for
/// while Terraform 1.9 and later apply, where a create_before_destroy has a twin for good. Of older ones and
/// of OpenTofu the phase cannot be told, so the message speaks of that twin.
async fn duplicates(call: &MaybeConfigured<Client>, url: &str) -> Vec<Diagnostic> {
    let Some(configured) = call.configured() else {
        return Vec::new();
    };
    if call.capabilities.deferral || webhook_url::check(url).is_err() {
        return Vec::new();
    }
    let ids = configured.client.duplicates(url, &configured.stop).await;
    ids.iter()
        .map(|id| messages::duplicate(id, url).at(Path::attribute("url")))
        .collect()
}
