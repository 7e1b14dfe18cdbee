//! What an apply would do: a pure function of the configuration and the prior state.

use super::model::Model;
use crate::{
    immuta::webhook_url,
    tfplugin::{outcome::Plan, path::Path, value::Attr},
};

/// Decides. `config` has its defaults filled in.
pub(super) fn decide(config: Model, prior: Option<Model>) -> Plan<Model> {
    let Some(prior) = prior else {
        return Plan::Change(new(config));
    };
    let because = key_removed(&config, &prior);
    if !because.is_empty() {
        return Plan::Replace {
            planned: new(config),
            requires_replace: because,
        };
    }
    let planned = changed(config, &prior);
    match planned == prior {
        true => Plan::NoOp,
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

/// The attributes that held a key which is configured no more, in either form.
fn key_removed(config: &Model, prior: &Model) -> Vec<Path> {
    let still_wanted = config.manages_key() || !config.signing_key_wo.is_null();
    if still_wanted || !prior.manages_key() {
        return Vec::new();
    }
    let held = [
        ("signing_key", prior.signing_key.is_null()),
        (
            "signing_key_wo_version",
            prior.signing_key_wo_version.is_null(),
        ),
    ];
    held.into_iter()
        .filter(|(_, is_null)| !is_null)
        .map(|(name, _)| Path::attribute(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tfplugin::value::Number;

    fn config() -> Model {
        Model {
            url: Attr::Known("https://example.com/a".to_owned()),
            verify_tls: Attr::Known(true),
            ..Model::default()
        }
    }

    fn prior() -> Model {
        Model {
            id: Attr::Known("id-1".to_owned()),
            signing_key_set: Attr::Known(false),
            suppressed: Attr::Known(false),
            ..config()
        }
    }

    fn with_key(model: Model, key: &str) -> Model {
        Model {
            signing_key: Attr::Known(key.into()),
            ..model
        }
    }

    fn with_wo(model: Model, version: i64) -> Model {
        Model {
            signing_key_wo_version: Attr::Known(Number::from(version)),
            ..model
        }
    }

    fn planned(plan: Plan<Model>) -> Model {
        match plan {
            Plan::Change(planned) => planned,
            other => panic!("not a change: {other:?}"),
        }
    }

    #[test]
    fn a_new_webhook_knows_all_but_what_immuta_decides() {
        let plan = planned(decide(config(), None));
        assert!(plan.id.is_unknown());
        assert!(plan.suppressed.is_unknown());
        assert_eq!(plan.signing_key_set, Attr::Known(false));
        assert_eq!(
            planned(decide(with_key(config(), "k"), None)).signing_key_set,
            Attr::Known(true)
        );
    }

    #[test]
    fn nothing_changed_is_kept() {
        assert!(matches!(decide(config(), Some(prior())), Plan::NoOp));
    }

    #[test]
    fn an_equivalent_spelling_is_no_change() {
        let respelt = Model {
            url: Attr::Known("HTTPS://Example.com:443/a".to_owned()),
            ..config()
        };
        assert!(matches!(decide(respelt, Some(prior())), Plan::NoOp));
    }

    #[test]
    fn an_update_in_place_knows_what_stays() {
        let other = Model {
            url: Attr::Known("https://example.com/b".to_owned()),
            ..config()
        };
        let plan = planned(decide(other, Some(prior())));
        assert_eq!(plan.id, prior().id);
        assert_eq!(plan.suppressed, Attr::Known(false));
        assert_eq!(plan.signing_key_set, Attr::Known(false));
    }

    #[test]
    fn a_first_key_is_an_update_in_place() {
        let plan = planned(decide(with_key(config(), "k"), Some(prior())));
        assert_eq!(plan.signing_key_set, Attr::Known(true));
    }

    #[test]
    fn removing_a_managed_key_replaces() {
        let managed = [
            (with_key(prior(), "k"), "signing_key"),
            (with_wo(prior(), 1), "signing_key_wo_version"),
        ];
        for (prior, attribute) in managed {
            let prior = Model {
                signing_key_set: Attr::Known(true),
                ..prior
            };
            match decide(config(), Some(prior)) {
                Plan::Replace {
                    planned,
                    requires_replace,
                } => {
                    assert_eq!(requires_replace, [Path::attribute(attribute)]);
                    assert!(planned.id.is_unknown());
                    assert_eq!(planned.signing_key_set, Attr::Known(false));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_key_that_terraform_never_managed_is_left_alone() {
        let prior = Model {
            signing_key_set: Attr::Known(true),
            ..prior()
        };
        assert!(matches!(decide(config(), Some(prior)), Plan::NoOp));
    }

    #[test]
    fn moving_a_key_between_its_forms_updates_in_place() {
        let set = |model| Model {
            signing_key_set: Attr::Known(true),
            ..model
        };
        let wo = Model {
            signing_key_wo: Attr::Known("k".into()),
            ..with_wo(config(), 1)
        };
        let plan = planned(decide(wo.clone(), Some(set(with_key(prior(), "k")))));
        assert!(plan.signing_key.is_null() && plan.signing_key_wo.is_null());
        planned(decide(
            with_key(config(), "k"),
            Some(set(with_wo(prior(), 1))),
        ));
        assert!(matches!(
            decide(wo, Some(set(with_wo(prior(), 1)))),
            Plan::NoOp
        ));
    }

    #[test]
    fn an_unknown_key_makes_signing_key_set_unknown_only_where_it_can_change() {
        let unknown = Model {
            signing_key: Attr::Unknown,
            ..config()
        };
        assert!(
            planned(decide(unknown.clone(), Some(prior())))
                .signing_key_set
                .is_unknown()
        );
        let keyed = Model {
            signing_key_set: Attr::Known(true),
            ..prior()
        };
        assert_eq!(
            planned(decide(unknown, Some(keyed))).signing_key_set,
            Attr::Known(true)
        );
    }
}
