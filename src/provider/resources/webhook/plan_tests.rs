use super::*;
use crate::{
    provider::resources::webhook::model::Private,
    tfplugin::{outcome::ResourceState, value::Number},
};

/// As after a refresh, with a key that is known.
fn decide(config: Model, prior: Option<Model>) -> Plan<Model> {
    let prior = prior.map(|model| ResourceState {
        model,
        private: Private::default(),
    });
    super::decide(config, prior, true)
}

fn unconfirmed(model: Model) -> Option<Stored> {
    let private = Private {
        key_unconfirmed: true,
        ..Private::default()
    };
    Some(ResourceState { model, private })
}

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
fn an_equivalent_url_is_no_change() {
    let equivalent = Model {
        url: Attr::Known("HTTPS://Example.com:443/a".to_owned()),
        ..config()
    };
    assert!(matches!(decide(equivalent, Some(prior())), Plan::NoOp));
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

/// The key A is configured and in state, and Immuta may hold B.
#[test]
fn an_unconfirmed_key_is_sent_again_whatever_is_configured() {
    let set = |model| Model {
        signing_key_set: Attr::Known(true),
        ..model
    };
    let write_only = Model {
        signing_key_wo: Attr::Known("k".into()),
        ..with_wo(config(), 1)
    };
    for (config, prior) in [
        (with_key(config(), "a"), set(with_key(prior(), "a"))),
        (write_only, set(with_wo(prior(), 1))),
    ] {
        let plan = planned(super::decide(config, unconfirmed(prior.clone()), true));
        assert!(plan.signing_key_set.is_unknown());
        assert_eq!(plan.id, prior.id);
    }
}

#[test]
fn an_unconfirmed_key_that_is_not_configured_replaces() {
    for prior in [prior(), with_key(prior(), "a"), with_wo(prior(), 1)] {
        let plan = super::decide(config(), unconfirmed(prior.clone()), true);
        let Plan::Replace {
            planned,
            requires_replace,
        } = plan
        else {
            panic!("{plan:?}");
        };
        assert!(planned.id.is_unknown());
        assert_eq!(requires_replace.len(), 1);
        let expected = if prior.manages_key() {
            "signing_key"
        } else {
            "id"
        };
        assert!(requires_replace[0].to_string().starts_with(expected));
    }
}

#[test]
fn a_key_that_turns_out_null_does_not_replace_in_an_apply() {
    let prior = ResourceState {
        model: with_key(prior(), "a"),
        private: Private::default(),
    };
    let plan = super::decide(config(), Some(prior), false);
    assert!(matches!(plan, Plan::Failed(_)), "{plan:?}");
}

#[test]
fn a_write_only_key_is_needed_only_where_it_is_sent() {
    let prior = Model {
        signing_key_set: Attr::Known(true),
        ..with_wo(prior(), 1)
    };
    let without_key = with_wo(config(), 1);
    assert!(matches!(
        decide(without_key.clone(), Some(prior.clone())),
        Plan::NoOp
    ));
    let other_url = Model {
        url: Attr::Known("https://example.com/b".to_owned()),
        ..without_key.clone()
    };
    for (config, prior) in [
        (without_key.clone(), None),
        (with_wo(config(), 2), Some(prior.clone())),
        (other_url, Some(prior)),
    ] {
        let plan = decide(config, prior);
        assert!(matches!(plan, Plan::Failed(_)), "{plan:?}");
    }
}
