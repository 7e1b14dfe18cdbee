use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Route, Simulator};
use tfplugin_host::process::Tracked;
use tfplugin_host::workspace::PlanOptions;
use tfplugin_host::{Cli, Phase, Profile, Workspace};

use crate::rig::{KEY, Pace, TOKEN, config, launch, provider_block, url};
use crate::secrets;

const COUNT: usize = 50;
/// The creates that are answered before the kill.
const ANSWERED: u32 = 20;
/// The creates that are under way at the kill.
const AT_ONCE: usize = 10;

fn address(n: usize) -> String {
    format!("immuta_webhook.many[{n}]")
}

/// What was made and not saved is named by the next plan; some of it is imported, some removed by
/// hand, and the next apply ends with each webhook once.
pub(super) fn fifty_webhooks_and_a_provider_that_is_killed() {
    let api = Simulator::builder()
        .token(TOKEN)
        .start()
        .expect("the simulator starts");
    let started = Tracked::new(launch());
    let pace = Pace {
        concurrent: AT_ONCE,
        ..Pace::default()
    };
    let cli = Cli::new(started.clone(), Profile::T1_15)
        .provider(provider_block(&api, pace))
        .parallelism(AT_ONCE);
    let mut ws = Workspace::new(cli);
    for n in 0..COUNT {
        ws.set(&address(n), config(&url(&n.to_string()), Some(KEY)));
    }
    // What comes after the first takes effect, and holds up all the rest until the kill.
    let held = api.fault(Fault::always(
        On::from(Route::Create).nth(ANSWERED + 1),
        FaultKind::HangAfter,
    ));
    let under_way = ANSWERED as usize + AT_ONCE;
    let report = ws
        .apply_with(&PlanOptions::default(), |_| {
            let reached = api.wait_for(|api| api.count() == under_way);
            assert!(reached, "{} of {under_way} are made", api.count());
            let process = started.last().expect("the process that applies");
            process.kill();
        })
        .expect_err("an apply whose provider is killed fails");
    assert!(report.lost_calls() > 0, "{report}");
    assert!(api.clear_fault(held));
    let made: BTreeMap<String, String> =
        api.webhooks().into_iter().map(|w| (w.id, w.url)).collect();
    assert_eq!(made.len(), under_way);
    let saved = ids(&ws);
    assert!(saved.is_subset(&made.keys().cloned().collect()));
    let orphans: BTreeMap<&String, &String> =
        made.iter().filter(|(id, _)| !saved.contains(*id)).collect();
    assert!(orphans.len() >= AT_ONCE, "{}", orphans.len());

    let plan = ws.plan().expect("a plan");
    let warnings: Vec<String> = plan.warnings().iter().map(|w| w.to_string()).collect();
    assert_eq!(warnings.len(), orphans.len(), "{plan}");
    for id in orphans.keys() {
        let named = |warning: &&String| {
            warning.contains(&format!("Immuta already holds {id}"))
                && warning.contains(&format!("terraform import ADDRESS {id}"))
        };
        assert_eq!(warnings.iter().filter(named).count(), 1, "{id}: {plan}");
    }
    // As the warning says: import it. Or it is removed by hand.
    for (turn, (id, its_url)) in orphans.iter().enumerate() {
        if turn % 2 == 0 {
            let n = (0..COUNT)
                .find(|n| url(&n.to_string()) == **its_url)
                .expect("one of ours");
            ws.import(&address(n), id).expect("an import");
        } else {
            assert!(api.remove(id));
        }
    }
    let applied = ws.apply().expect("an apply");
    assert_eq!(applied.warnings().len(), 0, "{applied}");
    assert!(ws.plan().expect("a plan").is_noop());
    let held = api.webhooks();
    assert_eq!(held.len(), COUNT);
    assert_eq!(ws.states().len(), COUNT);
    assert_eq!(ids(&ws), held.iter().map(|w| w.id.clone()).collect());
    let urls: BTreeSet<&String> = held.iter().map(|w| &w.url).collect();
    assert_eq!(urls.len(), COUNT);
    assert!(held.iter().all(|w| w.signing_key.as_deref() == Some(KEY)));
    secrets::assert_none("the log", &started.stderr().join("\n"));
    secrets::assert_none("what users see", &report.to_string());
    secrets::assert_none("what users see", &plan.to_string());
    println!(
        "a provider killed in an apply of {COUNT}: {} were made, {} of them saved, {} named by the next plan; {} in the end",
        made.len(),
        saved.len(),
        orphans.len(),
        held.len(),
    );
}

fn ids(ws: &Workspace) -> BTreeSet<String> {
    let states = ws.states().values();
    let ids = states.filter_map(|state| state.value.attribute("id").as_str());
    ids.map(str::to_owned).collect()
}

/// Core is gone without a word: the process ends by itself, and takes its socket along.
pub(super) fn a_provider_whose_cli_is_gone_ends_itself() {
    let api = Simulator::start();
    let started = Tracked::new(launch());
    let cli =
        Cli::new(started.clone(), Profile::T1_15).provider(provider_block(&api, Pace::default()));
    let session = cli.configured(Phase::Apply).expect("a process");
    let process = started.last().expect("a process");
    process.disconnect();
    let status = process.wait_exit(Duration::from_secs(5));
    assert!(status.is_some(), "it still runs after 5 s");
    let left = process.left_behind();
    assert!(left.is_empty(), "left behind: {left:?}");
    drop(session);
}
