//! What the tests have in common: the binary, the simulator, and a CLI between them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use immuta_simulator::Simulator;
use serde_json::json;
use tfplugin_host::{Cli, Launch, Process, Profile, Tracked, Workspace};

/// The provider binary.
pub(crate) const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-immuta");

/// The resource under test.
pub(crate) const A: &str = "immuta_webhook.a";

/// Long enough for anything that happens at all.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A start of the provider as core does it. It logs errors, or a contained panic would not be seen.
pub(crate) fn launch() -> Launch {
    Launch::new(PROVIDER).env("TF_LOG", "ERROR")
}

/// A provider that core has just started and connected to.
pub(crate) fn started() -> Process {
    launch().start().unwrap()
}

/// A process that has ended, or is about to, never panicked: neither in a handler or a task, which is
/// logged as `a handler panicked`, nor outside of one, which is written as `panic: at`.
pub(crate) fn assert_no_panic(process: &Process) {
    assert!(process.output().wait_stderr_end(LONG), "stderr stays open");
    let text = process.output().stderr().join("\n");
    assert!(!text.contains("panic"), "{text}");
}

/// The path of the provider binary.
pub(crate) fn provider_path() -> &'static Path {
    Path::new(PROVIDER)
}

/// A simulator, and a folder in which one of the CLIs works on it.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) processes: Arc<Tracked>,
    pub(crate) workspace: Workspace,
}

impl World {
    pub(crate) fn new(profile: Profile) -> World {
        let simulator = Simulator::start();
        let processes = Tracked::new(launch().env("TF_LOG", "TRACE"));
        let block = json!({"endpoint": simulator.base_url(), "token": simulator.token()});
        let cli = Cli::new(processes.clone(), profile).provider(block);
        World {
            simulator,
            processes,
            workspace: Workspace::new(cli),
        }
    }

    /// Everything that the provider logged, as one text.
    pub(crate) fn log(&self) -> String {
        self.processes.stderr().join("\n")
    }
}

/// The CLIs that `fits` chooses, with a word on which were left out.
pub(crate) fn under_each(fits: impl Fn(&Profile) -> bool, test: impl Fn(Profile)) {
    let (fitting, left): (Vec<_>, Vec<_>) = Profile::ALL.into_iter().partition(fits);
    let names = |profiles: &[Profile]| profiles.iter().map(|p| p.name).collect::<Vec<_>>();
    println!(
        "under {:?}, too old for it: {:?}",
        names(&fitting),
        names(&left)
    );
    assert!(!fitting.is_empty());
    fitting.into_iter().for_each(test);
}
