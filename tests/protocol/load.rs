//! Many webhooks at once, and the death of the provider among them.

use std::collections::BTreeSet;
use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Route, Simulator};
use serde_json::json;
use tfplugin_host::workspace::PlanOptions;
use tfplugin_host::{Cli, Profile, Workspace};

use crate::world::World;

fn fill(folder: &mut Workspace, count: usize) {
    for i in 0..count {
        folder.set(
            &format!("immuta_webhook.many[{i}]"),
            json!({"url": format!("https://hooks.example.com/{i}")}),
        );
    }
}

fn ids_in_state(folder: &Workspace) -> BTreeSet<String> {
    let states = folder.states().values();
    states
        .map(|s| s.value.attribute("id").as_str().unwrap().to_owned())
        .collect()
}

fn ids_in_immuta(world: &World) -> BTreeSet<String> {
    world
        .simulator
        .webhooks()
        .into_iter()
        .map(|w| w.id)
        .collect()
}

#[test]
fn fifty_are_made_changed_and_removed_within_the_limit() {
    let limit = 4;
    let mut world = World::with(
        Profile::T1_15,
        Simulator::start(),
        json!({"max_concurrent_requests": limit}),
    );
    world.workspace.cli = world.workspace.cli.clone().parallelism(25);
    world
        .simulator
        .behave(|b| b.latency = Some(Duration::from_millis(5)));
    fill(&mut world.workspace, 50);
    world.workspace.apply().unwrap();
    assert_eq!(ids_in_state(&world.workspace), ids_in_immuta(&world));
    assert_eq!(world.simulator.count(), 50);
    assert!(world.workspace.plan().unwrap().is_noop());
    world.workspace.destroy().unwrap();
    assert_eq!(world.simulator.count(), 0);
    let peak = world.simulator.peak_in_flight();
    assert!((2..=limit).contains(&peak), "{peak} at once");
}

#[test]
fn several_of_one_url_never_share_one() {
    let mut world = World::new(Profile::T1_11);
    for i in 0..3 {
        let address = format!("immuta_webhook.same[{i}]");
        world
            .workspace
            .set(&address, json!({"url": "https://hooks.example.com/same"}));
    }
    world
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::ResetBefore));
    world.simulator.fault(Fault::once(
        On::from(Route::Create).nth(2),
        FaultKind::ResetAfter,
    ));
    let _ = world.workspace.apply();
    let states = world.workspace.states().len();
    assert_eq!(ids_in_state(&world.workspace).len(), states);
    for _ in 0..2 {
        let _ = world.workspace.apply();
    }
    assert_eq!(world.workspace.states().len(), 3);
    assert_eq!(ids_in_state(&world.workspace), ids_in_immuta(&world));
}

#[test]
fn killed_among_fifty_creates_it_loses_none_unnamed() {
    let (answered, at_once) = (15, 10);
    let mut world = World::with(
        Profile::T1_15,
        Simulator::start(),
        json!({"max_concurrent_requests": at_once}),
    );
    world.workspace.cli = world.workspace.cli.clone().parallelism(at_once);
    fill(&mut world.workspace, 50);
    // The first are answered. The next take effect and hold up all the rest until the kill.
    let held = world.simulator.fault(Fault::always(
        On::from(Route::Create).nth(answered + 1),
        FaultKind::HangAfter,
    ));
    let under_way = answered as usize + at_once;
    let processes = world.processes.clone();
    let simulator = &world.simulator;
    let report = world
        .workspace
        .apply_with(&PlanOptions::default(), |_| {
            assert!(simulator.wait_for(|s| s.count() == under_way));
            processes.last().unwrap().kill();
        })
        .unwrap_err();
    assert!(report.lost_calls() >= at_once, "{report}");
    assert!(world.simulator.clear_fault(held));
    let plan = world.workspace.plan().unwrap();
    let (kept, made) = (ids_in_state(&world.workspace), ids_in_immuta(&world));
    assert!(kept.is_subset(&made));
    assert_eq!(made.len(), under_way);

    // Each orphan is named by the plan, and its import is what the plan advises.
    let orphans: Vec<_> = made.difference(&kept).cloned().collect();
    assert!(orphans.len() >= at_once, "{}", orphans.len());
    let text = plan.to_string();
    for id in &orphans {
        assert!(text.contains(id), "{id} is not named: {text}");
        let url = world.simulator.webhook(id).unwrap().url;
        let number = url.rsplit('/').next().unwrap();
        let address = format!("immuta_webhook.many[{number}]");
        world.workspace.import(&address, id).unwrap();
    }
    world.workspace.apply().unwrap();
    assert_eq!(world.simulator.count(), 50);
    assert_eq!(ids_in_state(&world.workspace), ids_in_immuta(&world));
    println!("{} orphans were named and imported", orphans.len());
}

#[test]
fn a_slow_api_is_waited_for_and_a_hanging_one_is_not() {
    let mut world = World::with(
        Profile::T1_11,
        Simulator::start(),
        json!({"request_timeout": "300ms", "retry": {"max_attempts": 1}}),
    );
    fill(&mut world.workspace, 1);
    world
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::Hang));
    let report = world.workspace.apply().unwrap_err();
    assert!(report.violations().is_empty(), "{report}");
    assert_eq!(world.simulator.count(), 0);
    world.workspace.apply().unwrap();
    assert_eq!(world.simulator.count(), 1);
}

/// Two commands one after the other with several sessions each: nothing of one is kept for the next.
#[test]
fn two_folders_do_not_meet() {
    let world = World::new(Profile::T1_5);
    let folder = |url: &str| {
        let cli: Cli = world.workspace.cli.clone();
        let mut folder = Workspace::new(cli);
        folder.set("immuta_webhook.a", json!({"url": url}));
        folder
    };
    let (mut one, mut two) = (
        folder("https://one.example/"),
        folder("https://two.example/"),
    );
    std::thread::scope(|scope| {
        scope.spawn(|| one.apply().unwrap());
        scope.spawn(|| two.apply().unwrap());
    });
    assert_eq!(world.simulator.count(), 2);
    one.destroy().unwrap();
    assert!(two.plan().unwrap().is_noop());
}
