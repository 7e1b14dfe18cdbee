//! Replays what the released CLIs were recorded to send, and compares every request of the harness
//! with it, field by field.
//!
//! The recordings are no part of the project: they are in the folder that `TFPLUGIN_RECORDINGS`
//! names, else beside the project. Where the variable is not set and none are there, every test is
//! reported as ignored. Otherwise each recording that is listed here must be there.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod replay;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Trial};
use serde_json::{Value as Json, json};
use tfplugin_host::session::{ImportBy, MoveSource};
use tfplugin_host::workspace::{Action, PlanOptions, Report};
use tfplugin_host::{Cli, Profile, Value, Workspace};

use replay::Replay;

const A: &str = "immuta_webhook.a";
const ID: &str = "00000000-0000-4000-8000-000000000001";

/// Plays a scenario as one CLI, against what was recorded with it.
type Play = fn(&Profile, &Replay, &mut Workspace);

/// Each scenario, and the CLIs that it was recorded with.
const SCENARIOS: [(&str, &[Profile], Play); 10] = [
    ("lifecycle", &Profile::ALL, lifecycle),
    ("import_command", &Profile::ALL, import_command),
    (
        "import_block",
        &[
            Profile::T1_5,
            Profile::T1_8,
            Profile::T1_11,
            Profile::T1_15,
            Profile::T1_16,
            Profile::O1_6,
            Profile::O1_12,
        ],
        import_block,
    ),
    (
        "import_identity",
        &[Profile::T1_15, Profile::T1_16, Profile::O1_12],
        import_identity,
    ),
    ("refresh_drift", &Profile::ALL, refresh_drift),
    ("gone_outside", &Profile::ALL, gone_outside),
    ("write_only", &Profile::ALL, write_only),
    ("replace_taint", &Profile::ALL, replace_taint),
    (
        "create_before_destroy",
        &[Profile::T1_0, Profile::T1_5, Profile::T1_15, Profile::O1_12],
        create_before_destroy,
    ),
    (
        "moved_across_types",
        &[
            Profile::T1_8,
            Profile::T1_11,
            Profile::T1_15,
            Profile::T1_16,
            Profile::O1_12,
        ],
        moved_across_types,
    ),
];

fn main() -> ExitCode {
    let trials = SCENARIOS
        .iter()
        .flat_map(|(scenario, clis, play)| clis.iter().map(|cli| trial(scenario, cli, *play)))
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A scenario as one CLI.
fn trial(scenario: &'static str, profile: &'static Profile, play: Play) -> Trial {
    Trial::ignorable_test(format!("{scenario} :: {}", profile.name), move || {
        let Some(folder) = replay::folder() else {
            return Ok(Completion::ignored_with(
                "there are no recordings, and TFPLUGIN_RECORDINGS names none",
            ));
        };
        let replay = Arc::new(Replay::open(&folder, profile, scenario));
        let cli = Cli::new(replay.clone(), profile.clone())
            .provider(json!({"endpoint": "https://immuta.example", "token": "t"}));
        play(profile, &replay, &mut Workspace::new(cli));
        replay.finish();
        Ok(Completion::Completed)
    })
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

fn lifecycle(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn import_command(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn import_block(profile: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn import_identity(profile: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn refresh_drift(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn gone_outside(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn write_only(profile: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn replace_taint(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}

fn create_before_destroy(_: &Profile, replay: &Replay, workspace: &mut Workspace) {
    workspace.set(A, hook(json!({"signing_key": "k"})));
    workspace.create_before_destroy(A);
    replay.command("apply");
    whatever(workspace.apply());
    workspace.set(A, hook(json!({}))).create_before_destroy(A);
    replay.command("apply");
    whatever(workspace.apply());
    assert_ne!(workspace.attribute(A, "id"), Value::string(ID));
}

fn moved_across_types(profile: &Profile, replay: &Replay, workspace: &mut Workspace) {
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
}
