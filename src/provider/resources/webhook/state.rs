//! From what the API answered to what state keeps. Pure, and nothing that a read brings is ever
//! taken for a key.

use super::model::{Model, Private, Respelt, Stored};
use crate::{
    immuta::{Webhook, webhook_url},
    tfplugin::{outcome::ResourceState, value::Attr},
};

/// After a create: what was planned, as far as Immuta holds it.
pub(super) fn made(planned: Model, webhook: &Webhook) -> Stored {
    let model = Model {
        id: Attr::Known(webhook.id.clone()),
        suppressed: Attr::Known(webhook.suppressed),
        ..held(planned, webhook)
    };
    with_spelling(model, webhook)
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
    with_spelling(model, webhook)
}

/// Whether an update was to change the url, and Immuta kept the one that it had: not another spelling, but a change that
/// was not made.
pub(super) fn still_has_its_url(prior: &Stored, asked: &str, webhook: &Webhook) -> bool {
    let had = prior.model.url.as_known().into_iter();
    let respelt = prior
        .private
        .respelt
        .iter()
        .map(|respelt| &respelt.answered);
    !webhook_url::equivalent(asked, &webhook.url)
        && prior.model.url.as_known().is_some_and(|had| had != asked)
        && had
            .chain(respelt)
            .any(|had| webhook_url::equivalent(had, &webhook.url))
}

/// After an update by which the url did not change although it should have.
pub(super) fn updated_but_url(planned: Model, prior: &Stored, webhook: &Webhook) -> Stored {
    let Stored { model, .. } = updated(planned, webhook);
    ResourceState {
        model: Model {
            url: prior.model.url.clone(),
            ..model
        },
        private: prior.private.clone(),
    }
}

/// After a create whose answer held an id and no more: what was asked is all that is known.
pub(super) fn made_unread(planned: Model, id: String) -> Stored {
    let has_key = planned.manages_key();
    let model = Model {
        id: Attr::Known(id),
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

/// After a read: what Immuta holds. Where it spells the url as it did when it was sent, or in an
/// equivalent way, the user's spelling stays.
pub(super) fn observed(current: Stored, webhook: &Webhook) -> Stored {
    let known_spelling = match (&current.model.url, &current.private.respelt) {
        (Attr::Known(url), _) if webhook_url::equivalent(url, &webhook.url) => true,
        (Attr::Known(url), Some(respelt)) => {
            *url == respelt.sent && webhook_url::equivalent(&respelt.answered, &webhook.url)
        }
        _ => false,
    };
    let (url, private) = match known_spelling {
        true => (current.model.url, current.private),
        false => (Attr::Known(webhook.url.clone()), Private::default()),
    };
    let model = Model {
        id: Attr::Known(webhook.id.clone()),
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

/// Remembers how the API spells a url that it respelt, so that reads know it for the same.
fn with_spelling(model: Model, webhook: &Webhook) -> Stored {
    let respelt = match &model.url {
        Attr::Known(sent) if !webhook_url::equivalent(sent, &webhook.url) => Some(Respelt {
            sent: sent.clone(),
            answered: webhook.url.clone(),
        }),
        _ => None,
    };
    ResourceState {
        model,
        private: Private { respelt },
    }
}
