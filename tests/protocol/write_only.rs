//! The write-only key: sent, and never kept anywhere.

use serde_json::json;
use tfplugin_host::Value;
use tfplugin_host::value::unknown;
use tfplugin_host::workspace::Action;

use crate::world::{A, World, under_each};

const URL: &str = "https://hooks.example.com/immuta";
const SECRET: &str = "s3cret-key-that-rests-nowhere";
const SECOND: &str = "another-s3cret-that-rests-nowhere";

fn key(key: &str, version: u32) -> serde_json::Value {
    json!({"url": URL, "signing_key_wo": key, "signing_key_wo_version": version})
}

fn nowhere(world: &World) {
    let mut texts = vec![world.log()];
    for state in world.workspace.states().values() {
        texts.push(state.json());
        texts.push(String::from_utf8_lossy(&state.private).into_owned());
        texts.push(format!("{:?}", state.identity));
    }
    for text in texts {
        for secret in [SECRET, SECOND, &world.simulator.token()] {
            assert!(!text.contains(secret), "a secret in {text}");
        }
    }
}

#[test]
fn sent_on_create_on_a_new_version_and_on_any_other_change() {
    under_each(
        |profile| profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            let stored = |world: &World| world.simulator.webhooks().remove(0).signing_key;
            world.workspace.set(A, key(SECRET, 1));
            world.workspace.apply().unwrap();
            assert_eq!(stored(&world).as_deref(), Some(SECRET));
            assert_eq!(
                world.workspace.attribute(A, "signing_key_set"),
                Value::Bool(true)
            );
            assert!(world.workspace.plan().unwrap().is_noop());

            // Another value under the same version is no change.
            world.workspace.set(A, key(SECOND, 1));
            assert!(world.workspace.plan().unwrap().is_noop());
            world.workspace.set(A, key(SECOND, 2));
            assert_eq!(*world.workspace.plan().unwrap().action(A), Action::Update);
            world.workspace.apply().unwrap();
            assert_eq!(stored(&world).as_deref(), Some(SECOND));

            // The API does not say that leaving the key out keeps it.
            world
                .simulator
                .behave(|b| b.put = immuta_simulator::PutStyle::Full);
            let mut changed = key(SECOND, 2);
            changed["verify_tls"] = json!(false);
            world.workspace.set(A, changed);
            world.workspace.apply().unwrap();
            assert_eq!(stored(&world).as_deref(), Some(SECOND));
            assert!(world.workspace.plan().unwrap().is_noop());
            nowhere(&world);
        },
    );
}

#[test]
fn a_key_gone_outside_shows_on_the_version() {
    under_each(
        |profile| profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            world.workspace.set(A, key(SECRET, 1));
            world.workspace.apply().unwrap();
            let id = world.simulator.webhooks().remove(0).id;
            world.simulator.edit(&id, |w| w.signing_key = None);
            let plan = world.workspace.plan().unwrap();
            assert_eq!(*plan.action(A), Action::Update);
            let found = &plan.found(A).unwrap().value;
            assert!(
                found.attribute("signing_key_wo_version").is_null(),
                "{plan}"
            );
            world.workspace.apply().unwrap();
            assert_eq!(
                world.simulator.webhooks()[0].signing_key.as_deref(),
                Some(SECRET)
            );
            assert!(world.workspace.plan().unwrap().is_noop());
            nowhere(&world);
        },
    );
}

#[test]
fn moved_both_ways_in_place_and_its_removal_replaces() {
    under_each(
        |profile| profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            world
                .workspace
                .set(A, json!({"url": URL, "signing_key": "plain"}));
            world.workspace.apply().unwrap();
            let id = world.simulator.webhooks().remove(0).id;
            for (config, expected) in [
                (key(SECRET, 1), SECRET),
                (json!({"url": URL, "signing_key": "plain"}), "plain"),
                (key(SECOND, 2), SECOND),
            ] {
                world.workspace.set(A, config);
                world.simulator.clear_requests();
                assert_eq!(*world.workspace.plan().unwrap().action(A), Action::Update);
                world.workspace.apply().unwrap();
                let now = world.simulator.webhook(&id).unwrap();
                assert_eq!(now.signing_key.as_deref(), Some(expected));
                assert!(world.workspace.plan().unwrap().is_noop());
            }
            world.workspace.set(A, json!({"url": URL}));
            let plan = world.workspace.plan().unwrap();
            assert!(
                matches!(plan.action(A), Action::Replace(because) if !because.is_empty()),
                "{plan}"
            );
            world.workspace.apply().unwrap();
            let now = world.simulator.webhooks().remove(0);
            assert_ne!(now.id, id);
            assert_eq!(now.signing_key, None);
            nowhere(&world);
        },
    );
}

#[test]
fn a_value_known_only_in_apply() {
    under_each(
        |profile| profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            let planned = json!({
                "url": URL, "signing_key_wo": unknown(), "signing_key_wo_version": 1
            });
            world
                .workspace
                .set_unknown_at_plan(A, planned, key(SECRET, 1));
            world.workspace.apply().unwrap();
            assert_eq!(
                world.simulator.webhooks()[0].signing_key.as_deref(),
                Some(SECRET)
            );
            nowhere(&world);
        },
    );
}

#[test]
fn the_pair_belongs_together_and_conflicts_with_the_plain_key() {
    under_each(
        |profile| profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            for (config, attribute) in [
                (
                    json!({"url": URL, "signing_key_wo": SECRET}),
                    "signing_key_wo_version",
                ),
                (
                    json!({"url": URL, "signing_key_wo_version": 1}),
                    "signing_key_wo",
                ),
                (
                    json!({"url": URL, "signing_key": "k", "signing_key_wo": SECRET, "signing_key_wo_version": 1}),
                    "signing_key_wo",
                ),
                (
                    json!({"url": URL, "signing_key_wo": "", "signing_key_wo_version": 1}),
                    "signing_key_wo",
                ),
            ] {
                world.workspace.set(A, config);
                let report = world.workspace.validate().unwrap_err();
                assert!(report.violations().is_empty(), "{report}");
                assert_eq!(report.errors().len(), 1, "{report}");
                assert_eq!(
                    report.errors()[0].attribute.as_deref(),
                    Some(attribute),
                    "{report}"
                );
            }
            nowhere(&world);
        },
    );
}

/// An old CLI would keep the value in its state: the only clean way out is an error at validation.
#[test]
fn an_old_cli_is_told_that_it_is_too_old() {
    under_each(
        |profile| !profile.write_only,
        |profile| {
            let mut world = World::new(profile);
            world.workspace.set(A, key(SECRET, 1));
            let report = world.workspace.validate().unwrap_err();
            assert!(report.violations().is_empty(), "{report}");
            let errors = report.errors();
            assert_eq!(errors.len(), 1, "{report}");
            assert_eq!(
                errors[0].attribute.as_deref(),
                Some("signing_key_wo"),
                "{report}"
            );
            assert!(report.to_string().contains("1.11"), "{report}");
            assert!(!report.to_string().contains(SECRET));
            assert!(world.workspace.apply().is_err());
            assert_eq!(world.simulator.count(), 0);
            nowhere(&world);
        },
    );
}
