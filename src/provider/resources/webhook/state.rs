//! From what the API returned to what state keeps. Pure, and nothing that a read returns is ever used as a key.

use super::model::{Model, NormalizedUrl, Private, Stored};
use crate::{
    immuta::{Webhook, WebhookId, webhook_url},
    tfplugin::{outcome::ResourceState, value::Attr},
};

/// After a create: what was planned, as far as Immuta holds it.
pub(super) fn created(planned: Model, webhook: &Webhook) -> Stored {
    let key_dropped = is_key_dropped(&planned, webhook);
    let model = Model {
        id: Attr::Known(webhook.id.to_string()),
        suppressed: Attr::Known(webhook.suppressed),
        ..held(planned, webhook)
    };
    with_private(model, webhook, key_dropped)
}

/// After an update: what was planned, as far as Immuta holds it. `suppressed` stays as planned even
/// where it changed meanwhile; the next read shows that.
pub(super) fn updated(planned: Model, webhook: &Webhook) -> Stored {
    let key_dropped = is_key_dropped(&planned, webhook);
    let suppressed = match &planned.suppressed {
        Attr::Known(planned) => *planned,
        _ => webhook.suppressed,
    };
    let model = Model {
        suppressed: Attr::Known(suppressed),
        ..held(planned, webhook)
    };
    with_private(model, webhook, key_dropped)
}

/// Whether an update was to change the url, and Immuta kept the one that it had: not another form of the new one, but a
/// change that was not applied.
pub(super) fn url_not_applied(prior: &Stored, requested: &str, webhook: &Webhook) -> bool {
    let had = prior.model.url.as_known().into_iter();
    let normalized = prior.private.normalized.iter().map(|url| &url.returned);
    !webhook_url::same_but_for_form(requested, &webhook.url)
        && prior
            .model
            .url
            .as_known()
            .is_some_and(|had| had != requested)
        && had
            .chain(normalized)
            .any(|had| webhook_url::equivalent(had, &webhook.url))
}

/// After an update by which the url did not change although it should have.
pub(super) fn updated_but_url(planned: Model, prior: &Stored, webhook: &Webhook) -> Stored {
    let updated = updated(planned, webhook);
    ResourceState {
        model: Model {
            url: prior.model.url.clone(),
            ..updated.model
        },
        private: Private {
            normalized: prior.private.normalized.clone(),
            ..updated.private
        },
    }
}

/// After an update whose outcome is unknown: the prior state, which the next plan compares with what Immuta holds. Of a key
/// that was sent nothing can be compared, so it is noted.
pub(super) fn may_be_updated(prior: Stored, key_sent: bool) -> Stored {
    let key_unconfirmed = prior.private.key_unconfirmed || key_sent;
    ResourceState {
        model: prior.model,
        private: Private {
            key_unconfirmed,
            ..prior.private
        },
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
    ResourceState {
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
    let normalized = current.private.normalized;
    let same_url = match (&current.model.url, &normalized) {
        (Attr::Known(url), _) if webhook_url::equivalent(url, &webhook.url) => true,
        (Attr::Known(url), Some(normalized)) => {
            *url == normalized.sent && webhook_url::equivalent(&normalized.returned, &webhook.url)
        }
        _ => false,
    };
    let (url, normalized) = match same_url {
        true => (current.model.url, normalized),
        false => (Attr::Known(webhook.url.clone()), None),
    };
    let private = Private {
        normalized,
        // Where no key is set, it is known that none of them was applied.
        key_unconfirmed: current.private.key_unconfirmed && webhook.signing_key_set,
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
    ResourceState { model, private }
}

/// What a list finds: a webhook whose key Terraform does not manage.
pub(in crate::provider) fn listed(webhook: &Webhook) -> Model {
    let nothing_known = ResourceState {
        model: Model::default(),
        private: Private::default(),
    };
    observed(nothing_known, webhook).model
}

/// Whether a key was sent, and the response says that none is set.
fn is_key_dropped(planned: &Model, webhook: &Webhook) -> bool {
    planned.manages_key() && !webhook.signing_key_set
}

/// The planned attributes, but where Immuta plainly holds something else.
fn held(planned: Model, webhook: &Webhook) -> Model {
    let key_dropped = is_key_dropped(&planned, webhook);
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

/// Keeps the form of a url that the API normalized, so that reads recognize it, and that a key was sent which the response
/// lacks.
fn with_private(model: Model, webhook: &Webhook, key_dropped: bool) -> Stored {
    let normalized = match &model.url {
        Attr::Known(sent) if !webhook_url::equivalent(sent, &webhook.url) => Some(NormalizedUrl {
            sent: sent.clone(),
            returned: webhook.url.clone(),
        }),
        _ => None,
    };
    ResourceState {
        model,
        private: Private {
            normalized,
            key_unconfirmed: key_dropped,
        },
    }
}
