//! Replays what the released CLIs were recorded to send, where the recordings are present, and
//! compares every request of the harness with them, field by field. Without the recordings each
//! scenario passes and says so.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod replay;

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tfplugin_host::session::{ImportBy, MoveSource};
use tfplugin_host::workspace::{Action, PlanOptions, Report};
use tfplugin_host::{Cli, Profile, Value, Workspace};

use replay::Replay;

const A: &str = "immuta_webhook.a";
const ID: &str = "00000000-0000-4000-8000-000000000001";

/// Runs a scenario for each CLI that it was recorded with.
fn for_each_cli(scenario: &str, run: impl Fn(&Profile, &Arc<Replay>, &mut Workspace)) {
    let mut ran = Vec::new();
    for profile in Profile::ALL {
        let Some(replay) = Replay::open(&profile, scenario) else {
            continue;
        };
        let replay = Arc::new(replay);
        let cli = Cli::new(replay.clone(), profile.clone())
            .provider(json!({"endpoint": "https://immuta.example", "token": "t"}));
        let mut workspace = Workspace::new(cli);
        run(&profile, &replay, &mut workspace);
        replay.finish();
        ran.push(profile.name);
    }
    if ran.is_empty() {
        println!("{scenario}: no recordings here, nothing was compared");
    } else {
        println!("{scenario}: compared with {}", ran.join(", "));
    }
}

fn hook(extra: Json) -> Json {
    let mut config = json!({"url": "https://w.example/hook"});
    if let (Some(config), Some(extra)) = (config.as_object_mut(), extra.as_object()) {
        config.extend(extra.clone());
    }
    config
}

/// The outcome does not matter, the requests do: the recorded provider breaks rules of ours.
fn whatever<T, E>(_: Result<T, E>) {}

/// The plan, whatever it broke.
fn planned(replay: &Replay, workspace: &Workspace) -> Report {
    let plan = workspace.plan().unwrap_or_else(|report| *report);
    replay.check();
    plan
}

#[test]
fn lifecycle() {
    for_each_cli("lifecycle", |_, replay, workspace| {
        workspace.set(A, hook(json!({})));
        replay.command("validate");
        whatever(workspace.validate());
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("apply");
        whatever(workspace.apply());
        assert_eq!(workspace.attribute(A, "id"), Value::string(ID));
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("apply");
        workspace.set(A, hook(json!({"verify_tls": false})));
        whatever(workspace.apply());
        replay.command("apply");
        workspace.set(A, hook(json!({"verify_tls": false, "signing_key": "k1"})));
        whatever(workspace.apply());
        replay.command("apply");
        workspace.set(A, hook(json!({"verify_tls": false})));
        whatever(workspace.apply());
        assert_ne!(workspace.attribute(A, "id"), Value::string(ID));
        replay.command("destroy");
        whatever(workspace.destroy());
        assert!(workspace.states().is_empty());
    });
}

#[test]
fn import_command() {
    for_each_cli("import_command", |_, replay, workspace| {
        workspace.set(A, hook(json!({})));
        replay.command(&format!("import {A} {ID}"));
        whatever(workspace.import(A, ID));
        assert!(workspace.state(A).is_some());
        replay.command("plan");
        whatever(workspace.plan());
        replay.command(&format!("state rm {A}"));
        workspace.forget(A);
        replay.command(&format!("import {A} no-such-id"));
        let report = workspace.import(A, "no-such-id").unwrap_err();
        let text = report.to_string();
        assert!(
            text.contains("Cannot import non-existent remote object"),
            "{text}"
        );
    });
}

#[test]
fn import_block() {
    for_each_cli("import_block", |profile, replay, workspace| {
        // The command that writes the configuration is not played: it is not the provider's affair.
        replay.skip("plan -generate-config-out=gen.tf");
        workspace.set(A, hook(json!({"verify_tls": true})));
        workspace.import_block(A, ImportBy::Id(ID.to_owned()));
        if profile.name == "T1.16" {
            // The release candidate looked for another provider here.
            replay.skip("plan -out=tfplan");
            replay.skip("apply tfplan");
            replay.skip("plan");
        } else {
            replay.command("plan -out=tfplan");
            let plan = planned(replay, workspace);
            replay.command("apply tfplan");
            whatever(workspace.apply_plan(plan));
            assert!(workspace.state(A).is_some());
            replay.command("plan");
            whatever(workspace.plan());
        }
        workspace
            .forget(A)
            .set(A, hook(json!({"verify_tls": false})));
        replay.command("apply");
        whatever(workspace.apply());
        assert_eq!(workspace.attribute(A, "verify_tls"), Value::Bool(false));
        workspace.forget(A);
        if replay.at("plan") {
            replay.command("plan");
            workspace.set(A, hook(json!({})));
            workspace.import_block(A, ImportBy::Id("no-such-id".to_owned()));
            whatever(workspace.plan());
        }
    });
}

#[test]
fn import_by_identity() {
    for_each_cli("import_identity", |profile, replay, workspace| {
        replay.skip("plan -generate-config-out=gen.tf");
        let identity = |id: &str| {
            ImportBy::Identity(Value::Mapping(
                [("id".to_owned(), Value::string(id))].into(),
            ))
        };
        workspace.set(A, hook(json!({"verify_tls": true})));
        workspace.import_block(A, identity(ID));
        if profile.name == "T1.16" {
            replay.skip("apply");
            replay.skip("plan");
        } else {
            replay.command("apply");
            whatever(workspace.apply());
            assert!(workspace.state(A).is_some());
            replay.command("plan");
            whatever(workspace.plan());
        }
        replay.command("plan");
        workspace.set(A, hook(json!({})));
        workspace.forget(A).import_block(A, identity("no-such-id"));
        whatever(workspace.plan());
        replay.skip("plan");
    });
}

#[test]
fn refresh_drift() {
    for_each_cli("refresh_drift", |_, replay, workspace| {
        workspace.set(A, hook(json!({})));
        replay.command("apply");
        whatever(workspace.apply());
        replay.command("plan -refresh-only");
        whatever(workspace.plan_with(&PlanOptions {
            refresh_only: true,
            ..PlanOptions::default()
        }));
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("plan -refresh=false");
        whatever(workspace.plan_with(&PlanOptions {
            no_refresh: true,
            ..PlanOptions::default()
        }));
        replay.command("refresh");
        whatever(workspace.refresh());
        assert_eq!(workspace.attribute(A, "suppressed"), Value::Bool(true));
        replay.skip("apply -refresh-only");
        replay.command("apply");
        whatever(workspace.apply());
        assert_eq!(workspace.attribute(A, "verify_tls"), Value::Bool(true));
    });
}

#[test]
fn gone_outside() {
    for_each_cli("gone_outside", |_, replay, workspace| {
        workspace.set(A, hook(json!({})));
        replay.command("apply");
        whatever(workspace.apply());
        replay.command("plan -refresh-only");
        whatever(workspace.plan_with(&PlanOptions {
            refresh_only: true,
            ..PlanOptions::default()
        }));
        replay.command("plan");
        let plan = planned(replay, workspace);
        assert_eq!(*plan.action(A), Action::Create);
        replay.command("apply");
        whatever(workspace.apply());
        replay.command("destroy -refresh=false");
        whatever(workspace.destroy_unread());
        assert!(workspace.states().is_empty());
        replay.command("apply");
        whatever(workspace.apply());
        replay.command("destroy");
        whatever(workspace.destroy());
        assert!(workspace.states().is_empty());
    });
}

#[test]
fn write_only() {
    for_each_cli("write_only", |profile, replay, workspace| {
        let with = |key: &str, version: u64| {
            hook(json!({"signing_key_wo": key, "signing_key_wo_version": version}))
        };
        workspace.set(A, with(&replay.secret(), 1));
        if !profile.write_only {
            replay.command("validate");
            assert!(workspace.validate().is_err());
            replay.command("plan");
            assert!(workspace.plan().is_err());
            replay.command("plan");
            let report = workspace.plan().unwrap_err();
            let text = report.to_string();
            assert!(
                text.contains("sensitive planned value does not match config value"),
                "{text}"
            );
            replay.command("apply");
            assert!(workspace.apply().is_err());
            assert!(workspace.states().is_empty());
            return;
        }
        replay.command("validate");
        whatever(workspace.validate());
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("plan -out=tfplan");
        let plan = planned(replay, workspace);
        replay.command("apply tfplan");
        whatever(workspace.apply_plan(plan));
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("plan");
        workspace.set(A, with(&replay.secret(), 1));
        whatever(workspace.plan());
        replay.command("apply");
        workspace.set(A, with(&replay.secret(), 2));
        whatever(workspace.apply());
        replay.skip("show -json");
    });
}

#[test]
fn replace_and_taint() {
    for_each_cli("replace_taint", |_, replay, workspace| {
        workspace.set(A, hook(json!({})));
        replay.command("apply");
        whatever(workspace.apply());
        replay.command(&format!("apply -replace={A}"));
        whatever(workspace.apply_with(
            &PlanOptions {
                replace: [A.to_owned()].into(),
                ..PlanOptions::default()
            },
            |_| {},
        ));
        replay.command(&format!("taint {A}"));
        workspace.taint(A);
        replay.command("plan");
        let plan = planned(replay, workspace);
        assert_eq!(*plan.action(A), Action::Replace(Vec::new()));
        replay.command(&format!("untaint {A}"));
        workspace.untaint(A);
        replay.command("plan");
        let plan = planned(replay, workspace);
        assert!(plan.is_noop());
    });
}

#[test]
fn create_before_destroy() {
    for_each_cli("create_before_destroy", |_, replay, workspace| {
        workspace.set(A, hook(json!({"signing_key": "k"})));
        workspace.create_before_destroy(A);
        replay.command("apply");
        whatever(workspace.apply());
        workspace.set(A, hook(json!({}))).create_before_destroy(A);
        replay.command("apply");
        whatever(workspace.apply());
        assert_ne!(workspace.attribute(A, "id"), Value::string(ID));
    });
}

#[test]
fn moved_across_types() {
    for_each_cli("moved_across_types", |profile, replay, workspace| {
        replay.skip("apply");
        workspace.set(A, json!({"url": "https://a.example/hook"}));
        workspace.moved(
            A,
            MoveSource {
                provider: format!("{}/mastercard/restapi", profile.registry),
                type_name: "restapi_object".to_owned(),
                state: format!(r#"{{"data":"{{}}","id":"{ID}","path":"/webhook"}}"#),
                private: br#"{"rest":"eyJtYWRlIjp0cnVlfQ=="}"#.to_vec(),
                ..MoveSource::default()
            },
        );
        replay.command("plan");
        whatever(workspace.plan());
        replay.command("apply");
        whatever(workspace.apply());
        assert!(workspace.state(A).is_some());
        replay.command("plan");
        whatever(workspace.plan());
    });
}
