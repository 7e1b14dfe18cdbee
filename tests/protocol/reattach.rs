//! `--debug`: a provider that somebody starts, and cores that come and go.

use std::sync::Arc;

use serde_json::json;
use tfplugin_host::process::{COOKIE_NAME, Launch, Reattach};
use tfplugin_host::wire::Wire as _;
use tfplugin_host::{Cli, Process, Profile, Workspace};

use crate::world::{A, LONG, launch};

fn debugged() -> (
    Process,
    std::collections::BTreeMap<String, tfplugin_host::process::reattach::Entry>,
) {
    let process = debug_launch().spawn_only().unwrap();
    let value = process
        .output()
        .wait_stdout(LONG, |line| {
            let value = line.split_once("TF_REATTACH_PROVIDERS=")?.1;
            Some(value.trim_matches('\'').to_owned())
        })
        .expect("the value of the variable");
    let entries = Reattach::parse(&value).unwrap();
    (process, entries)
}

fn debug_launch() -> Launch {
    launch()
        .arg("--debug")
        .without_env(COOKIE_NAME)
        .without_env("PLUGIN_PROTOCOL_VERSIONS")
        .without_env("PLUGIN_MIN_PORT")
        .without_env("PLUGIN_MAX_PORT")
        .without_tls()
}

#[test]
fn the_variable_names_both_registries_and_this_process() {
    let (process, entries) = debugged();
    for registry in ["registry.terraform.io", "registry.opentofu.org"] {
        let entry = &entries[&format!("{registry}/immuta/immuta")];
        assert_eq!(entry.pid, process.pid());
        assert_eq!(entry.protocol_version, 6);
        assert!(entry.test);
    }
}

#[test]
fn cores_come_and_go_and_each_configures_again() {
    let (process, entries) = debugged();
    let entry = &entries["registry.terraform.io/immuta/immuta"];
    let first = immuta_simulator::Simulator::start();
    let second = immuta_simulator::Simulator::start();
    for simulator in [&first, &second] {
        let attached = Arc::new(Reattach::to(entry).unwrap());
        let cli = Cli::new(attached, Profile::T1_11)
            .provider(json!({"endpoint": simulator.base_url(), "token": simulator.token()}));
        let mut workspace = Workspace::new(cli);
        workspace.set(A, json!({"url": "https://hooks.example/a"}));
        workspace.apply().unwrap();
        assert_eq!(simulator.count(), 1);
        assert!(workspace.plan().unwrap().is_noop());
        workspace.destroy().unwrap();
        assert_eq!(simulator.count(), 0);
        assert!(process.is_running());
    }
    // Left alone it stays, and Ctrl-C ends it.
    assert!(
        process
            .wait_exit(std::time::Duration::from_millis(2500))
            .is_none()
    );
    process.interrupt().unwrap();
    assert!(process.wait_exit(LONG).unwrap().success());
    assert!(process.left_behind().is_empty());
}

#[test]
fn several_connections_are_served_at_once() {
    let (process, entries) = debugged();
    let attached = Reattach::to(&entries["registry.terraform.io/immuta/immuta"]).unwrap();
    let connections: Vec<_> = (0..4).map(|_| attached.connect().unwrap()).collect();
    for connection in &connections {
        connection.unary("GetProviderSchema", Vec::new()).unwrap();
    }
    process.signal(rustix::process::Signal::TERM).unwrap();
    assert!(process.wait_exit(LONG).is_some());
}
