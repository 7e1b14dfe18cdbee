//! From what the API returned to what state keeps. Pure, and nothing that a read returns is ever
//! used as a key.

use super::{
    Stored,
    model::{Model, NormalizedUrl, Private},
};
use crate::{
    immuta::{Webhook, WebhookId, webhook_url},
    tfplugin::{outcome::Instance, value::Attr},
};

/// After a create: what was planned, as far as Immuta holds it.
pub(super) fn created(planned: Model, webhook: &Webhook) -> Stored {
    let model = Model {
        id: Attr::Known(webhook.id.to_string()),
        suppressed: Attr::Known(webhook.suppressed),
        ..held(planned, webhook)
    };
    with_normalized_url(model, webhook)
}

/// After an update: what was planned, as far as Immuta holds it. `suppressed` stays as planned even
/// where it changed meanwhile; the next read shows that.
pub(super) fn updated(planned: Model, webhook: &Webhook) -> Stored {
    let suppressed = match &planned.suppressed {
        Attr::Known(planned) => *planned,
        _ => webhook.suppressed,
    };
    let model = Model {
        suppressed: Attr::Known(suppressed),
        ..held(planned, webhook)
    };
    with_normalized_url(model, webhook)
}

/// Whether an update was to change the url, and Immuta kept the one that it had: not another form, but a change that
/// was not applied.
pub(super) fn still_has_its_url(prior: &Stored, asked: &str, webhook: &Webhook) -> bool {
    let had = prior.model.url.as_known().into_iter();
    let normalized = prior
        .private
        .normalized
        .iter()
        .map(|normalized| &normalized.returned);
    !webhook_url::equivalent(asked, &webhook.url)
        && prior.model.url.as_known().is_some_and(|had| had != asked)
        && had
            .chain(normalized)
            .any(|had| webhook_url::equivalent(had, &webhook.url))
}

/// After an update by which the url did not change although it should have.
pub(super) fn updated_but_url(planned: Model, prior: &Stored, webhook: &Webhook) -> Stored {
    let Stored { model, .. } = updated(planned, webhook);
    Instance {
        model: Model {
            url: prior.model.url.clone(),
            ..model
        },
        private: prior.private.clone(),
    }
}

/// After a create whose response held an id and no more: what was requested is all that is known.
pub(super) fn created_id_only(planned: Model, id: &WebhookId) -> Stored {
    let has_key = planned.manages_key();
    let model = Model {
        id: Attr::Known(id.to_string()),
        signing_key_set: known_or(&planned.signing_key_set, has_key),
        suppressed: known_or(&planned.suppressed, false),
        ..planned
    };
    Instance {
        model,
        private: Private::default(),
    }
}

fn known_or(planned: &Attr<bool>, otherwise: bool) -> Attr<bool> {
    Attr::Known(*planned.as_known().unwrap_or(&otherwise))
}

/// After a read: what Immuta holds. Where it holds the url in the form that it returned when the url was sent, or in an
/// equivalent form, the url stays as configured.
pub(super) fn observed(current: Stored, webhook: &Webhook) -> Stored {
    let same_url = match (&current.model.url, &current.private.normalized) {
        (Attr::Known(url), _) if webhook_url::equivalent(url, &webhook.url) => true,
        (Attr::Known(url), Some(normalized)) => {
            *url == normalized.sent && webhook_url::equivalent(&normalized.returned, &webhook.url)
        }
        _ => false,
    };
    let (url, private) = match same_url {
        true => (current.model.url, current.private),
        false => (Attr::Known(webhook.url.clone()), Private::default()),
    };
    let model = Model {
        id: Attr::Known(webhook.id.to_string()),
        url,
        verify_tls: Attr::Known(webhook.verify_tls),
        signing_key: match webhook.signing_key_set {
            true => current.model.signing_key,
            false => Attr::Null,
        },
        signing_key_wo: Attr::Null,
        signing_key_wo_version: match webhook.signing_key_set {
            true => current.model.signing_key_wo_version,
            false => Attr::Null,
        },
        signing_key_set: Attr::Known(webhook.signing_key_set),
        suppressed: Attr::Known(webhook.suppressed),
    };
    Instance { model, private }
}

/// What a list finds: a webhook whose key Terraform does not manage.
pub(in crate::provider) fn listed(webhook: &Webhook) -> Model {
    let nothing_known = Instance {
        model: Model::default(),
        private: Private::default(),
    };
    observed(nothing_known, webhook).model
}

/// The planned attributes, but where Immuta plainly holds something else.
fn held(planned: Model, webhook: &Webhook) -> Model {
    let asked_for_key = planned.manages_key();
    let key_dropped = asked_for_key && !webhook.signing_key_set;
    Model {
        verify_tls: Attr::Known(webhook.verify_tls),
        signing_key: if key_dropped {
            Attr::Null
        } else {
            planned.signing_key
        },
        signing_key_wo: Attr::Null,
        signing_key_wo_version: if key_dropped {
            Attr::Null
        } else {
            planned.signing_key_wo_version
        },
        signing_key_set: match planned.signing_key_set {
            // A key that someone else set meanwhile is for the next read to show.
            Attr::Known(false) => Attr::Known(false),
            _ => Attr::Known(webhook.signing_key_set),
        },
        ..planned
    }
}

/// Keeps the form of a url that the API normalized, so that reads recognize it.
fn with_normalized_url(model: Model, webhook: &Webhook) -> Stored {
    let normalized = match &model.url {
        Attr::Known(sent) if !webhook_url::equivalent(sent, &webhook.url) => Some(NormalizedUrl {
            sent: sent.clone(),
            returned: webhook.url.clone(),
        }),
        _ => None,
    };
    Instance {
        model,
        private: Private { normalized },
    }
}
