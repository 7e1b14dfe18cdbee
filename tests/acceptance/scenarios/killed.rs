//! Processes that are killed in the middle of an apply of fifty webhooks: the provider, and the CLI.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use immuta_simulator::{Fault, FaultKind, On, Route};
use terraform_cli::{Needs, Workspace};

scenarios! {
    Needs::ANY => [
        fifty_webhooks_whose_provider_is_killed,
        the_cli_is_killed_outright,
    ],
}

const COUNT: usize = 50;
/// What a CLI applies at once, and the provider sends at once, when nothing else is said.
const AT_ONCE: usize = 10;

fn fifty(w: &Workspace) {
    w.config(&format!(
        r#"
resource "immuta_webhook" "many" {{
  for_each = toset([for n in range({COUNT}) : tostring(n)])
  url      = "https://hooks.example.com/${{each.key}}"
}}
"#
    ));
}

/// The ids in state.
fn ids_in_state(w: &Workspace) -> BTreeSet<String> {
    let state = w.state();
    let ids = state
        .values()
        .filter_map(|resource| resource["values"]["id"].as_str());
    ids.map(str::to_owned).collect()
}

fn ids_in_api(w: &Workspace) -> BTreeSet<String> {
    w.api.webhooks().into_iter().map(|held| held.id).collect()
}

pub(super) fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.expect("kill runs").success());
}

/// Whether the process runs. One that has ended and that nobody has waited for, a zombie, does not.
fn is_alive(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // Its id, its name in brackets, which can hold anything, and its state.
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest);
    !state.is_some_and(|state| state.starts_with(['Z', 'X']))
}

/// What was made and not saved is named by the next plan; as that says, some of it is imported, and
/// some removed by hand. The next apply ends with each webhook once.
fn fifty_webhooks_whose_provider_is_killed(w: &Workspace) {
    fifty(w);
    // The first are answered. The next take effect and hold up all the rest until the kill.
    let answered = 20;
    w.api.fault(Fault::always(
        On::from(Route::Create).nth(answered + 1),
        FaultKind::HangAfter,
    ));
    let under_way = answered as usize + AT_ONCE;
    let running = w.start(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    assert!(
        w.api.wait_for(|api| api.count() == under_way),
        "{} of {under_way} were made in time",
        w.api.count()
    );
    kill(w.last_provider().expect("the log names the provider"));
    let outcome = w.finish(running, false);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    w.mend();
    assert_eq!(w.api.count(), under_way);

    let saved = ids_in_state(w);
    let orphans: Vec<String> = ids_in_api(w).difference(&saved).cloned().collect();
    assert!(saved.is_subset(&ids_in_api(w)));
    assert!(orphans.len() >= AT_ONCE, "{}", orphans.len());
    let text = terraform_cli::unwrapped(&w.plan().text);
    for id in &orphans {
        assert!(
            text.contains(&format!("Webhook {id} already has this url")),
            "the plan does not show {id}: {text}"
        );
        assert!(text.contains(&format!("terraform import ADDRESS {id}")));
    }
    assert_eq!(text.matches("already has this url").count(), orphans.len());
    for (turn, id) in orphans.iter().enumerate() {
        if turn % 2 == 0 {
            let held = w.api.webhook(id).expect("it is there");
            let key = held.url.rsplit('/').next().expect("a path").to_owned();
            let address = format!("immuta_webhook.many[\"{key}\"]");
            w.ok(&["import", "-no-color", "-input=false", &address, id]);
        } else {
            assert!(w.api.remove(id));
        }
    }
    w.apply();
    w.no_changes();
    assert_eq!(w.api.count(), COUNT);
    assert_eq!(ids_in_state(w).len(), COUNT);
    assert_eq!(ids_in_state(w), ids_in_api(w));
}

/// The provider ends by itself within 5 s, with its socket and folder; the next apply goes on.
fn the_cli_is_killed_outright(w: &Workspace) {
    fifty(w);
    w.api
        .fault(Fault::once(Route::Create, FaultKind::HangAfter));
    w.api
        .behave(|b| b.latency = Some(Duration::from_millis(20)));
    let running = w.start(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    assert!(
        w.api.wait_for(|api| api.count() >= 5),
        "nothing was made in time"
    );
    let provider = w.last_provider().expect("the log names the provider");
    kill(running.pid());
    let killed = Instant::now();
    running.finish();
    while is_alive(provider) {
        assert!(
            killed.elapsed() < Duration::from_secs(5),
            "the provider outlives its CLI"
        );
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(w.sockets(), Vec::<std::path::PathBuf>::new());
    w.mend();
    w.api.behave(|b| b.latency = None);
    // Terraform had no time to save anything, but what it had saved on the way counts.
    let _ = fs::remove_file(w.folder().join(".terraform.tfstate.lock.info"));
    for id in ids_in_api(w).difference(&ids_in_state(w)) {
        assert!(w.api.remove(id));
    }
    w.apply();
    w.no_changes();
    assert_eq!(ids_in_state(w), ids_in_api(w));
    assert_eq!(w.api.count(), COUNT);
}
