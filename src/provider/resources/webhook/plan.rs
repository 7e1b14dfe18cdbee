//! What an apply would do: a pure function of the configuration and the prior state.

use super::{
    messages,
    model::{Model, Stored},
};
use crate::{
    immuta::webhook_url,
    tfplugin::{outcome::Plan, path::Path, value::Attr},
};

/// Decides. `config` has its defaults filled in. Terraform refreshes in the plan phase only, so a prior state that was not
/// refreshed by this process may be that of an apply, whose plan must stay as it was first made.
pub(super) fn decide(config: Model, prior: Option<Stored>, is_refreshed: bool) -> Plan<Model> {
    let Some(prior) = prior else {
        return with_key(&config, new(config.clone()));
    };
    let key_unconfirmed = prior.private.key_unconfirmed;
    let prior = prior.model;
    if !config.wants_key() && (prior.manages_key() || key_unconfirmed) {
        if !is_refreshed {
            // Perhaps the key was unknown when this was planned as an update: it must not turn into a replacement.
            let attribute = match prior.signing_key_wo_version.is_null() {
                true => "signing_key",
                false => "signing_key_wo",
            };
            let id = prior.id.as_known().map(String::as_str);
            return Plan::Failed(messages::key_is_null(id.unwrap_or_default(), attribute));
        }
        return Plan::Replace {
            requires_replace: removed_key(&prior),
            planned: new(config),
        };
    }
    let mut planned = changed(config.clone(), &prior);
    if key_unconfirmed {
        // Sends the configured key again, whatever else is configured: which key Immuta holds is unknown.
        planned.signing_key_set = Attr::Unknown;
    }
    match planned == prior {
        true => Plan::NoOp,
        false => with_key(&config, planned),
    }
}

/// A change, which sends the key that is configured.
fn with_key(config: &Model, planned: Model) -> Plan<Model> {
    match config.lacks_write_only_key() {
        true => Plan::Failed(messages::missing_write_only_key()),
        false => Plan::Change(planned),
    }
}

/// A new webhook. What Immuta decides is unknown.
fn new(config: Model) -> Model {
    Model {
        signing_key_set: key_given(&config),
        id: Attr::Unknown,
        suppressed: Attr::Unknown,
        signing_key_wo: Attr::Null,
        ..config
    }
}

/// The same webhook with other attributes.
fn changed(config: Model, prior: &Model) -> Model {
    // A key that Immuta holds stays, whoever set it: the API has no way to remove one.
    let signing_key_set = match (key_given(&config), &prior.signing_key_set) {
        (_, Attr::Known(true)) => Attr::Known(true),
        (Attr::Known(false), Attr::Known(false)) => Attr::Known(false),
        (Attr::Known(false), _) => Attr::Unknown,
        (given, _) => given,
    };
    let url = match (config.url, &prior.url) {
        (Attr::Known(url), Attr::Known(prior)) if webhook_url::equivalent(&url, prior) => {
            Attr::Known(prior.clone())
        }
        (url, _) => url,
    };
    Model {
        url,
        signing_key_set,
        id: prior.id.clone(),
        suppressed: match &prior.suppressed {
            Attr::Null => Attr::Unknown,
            known => *known,
        },
        signing_key_wo: Attr::Null,
        verify_tls: config.verify_tls,
        signing_key: config.signing_key,
        signing_key_wo_version: config.signing_key_wo_version,
    }
}

/// Whether the webhook will have a key that is configured.
fn key_given(config: &Model) -> Attr<bool> {
    if config.signing_key.is_known() || config.signing_key_wo.is_known() {
        Attr::Known(true)
    } else if config.signing_key.is_unknown() || config.signing_key_wo.is_unknown() {
        Attr::Unknown
    } else {
        Attr::Known(false)
    }
}

/// The attributes that held a key which is configured no more, in either form. An unconfirmed key may be in none of them;
/// core takes only what changes for a reason, and the id of a replacement always does.
fn removed_key(prior: &Model) -> Vec<Path> {
    let held = [
        ("signing_key", prior.signing_key.is_null()),
        (
            "signing_key_wo_version",
            prior.signing_key_wo_version.is_null(),
        ),
        ("id", prior.manages_key()),
    ];
    held.into_iter()
        .filter(|(_, is_null)| !is_null)
        .map(|(name, _)| Path::attribute(name))
        .collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
