//! A simulator, a provider process, and a workspace over both, as every test here needs them.
//!
//! One process serves all commands of a scene, as a reattached one does, and serves the next scene
//! when that one is over: that is fast enough to try hundreds of combinations. What lives and dies
//! with processes has scenarios of its own.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use immuta_simulator::{Receiver, Route, Simulator, StoredWebhook};
use serde_json::{Value as Json, json};
use tfplugin_host::process::Process;
use tfplugin_host::value::ValueExt as _;
use tfplugin_host::wire::{Spawn, Status, Wire};
use tfplugin_host::workspace::{Failed, Report};
use tfplugin_host::{Cli, Launch, Profile, Workspace};

use crate::secrets;

/// The address of the webhook that most tests are about.
pub(crate) const A: &str = "immuta_webhook.a";
/// The token. It, and all secrets here, change their form when they are escaped.
pub(crate) const TOKEN: &str = "imm-t0k\"en%/secret";
/// The signing key.
pub(crate) const KEY: &str = "k3y \"of%the/first+k\u{ef}nd";
/// Another one.
pub(crate) const OTHER_KEY: &str = "k3y \"of%the/second+k\u{ef}nd";
/// What stands in the query of every url.
pub(crate) const QUERY: &str = "c0de-in-a-query";

/// Longer than anything may take, even on a loaded machine: what is not over by then hangs.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(60);

/// The built provider.
pub(crate) fn provider() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-immuta"))
}

/// Cargo's target folder, from where it has put the provider: `target/<profile>/`.
pub(crate) fn target_dir() -> PathBuf {
    provider()
        .ancestors()
        .nth(2)
        .expect("the provider lies in target/<profile>/")
        .to_owned()
}

/// Where test deliveries go.
pub(crate) static RECEIVER: LazyLock<Receiver> = LazyLock::new(Receiver::start_http);

/// A url with a secret in it, which leads to the receiver.
pub(crate) fn url(path: &str) -> String {
    RECEIVER.url_at(&format!("/{path}?code={QUERY}"))
}

/// The timeouts and retries that the provider is configured with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// `request_timeout`
    pub(crate) request: Duration,
    /// `operation_timeout`
    pub(crate) operation: Duration,
    /// `retry.max_attempts`
    pub(crate) attempts: u32,
    /// `retry.max_backoff`
    pub(crate) max_backoff: Duration,
    /// `max_concurrent_requests`
    pub(crate) concurrent: usize,
}

impl Default for Pace {
    /// Nothing times out that is answered, and waits are short.
    fn default() -> Pace {
        Pace {
            request: HANGS_AFTER,
            operation: 2 * HANGS_AFTER,
            attempts: 2,
            max_backoff: Duration::from_millis(4),
            concurrent: 10,
        }
    }
}

/// The provider block.
pub(crate) fn provider_block(api: &Simulator, pace: Pace) -> Json {
    let millis = |time: Duration| format!("{}ms", time.as_millis());
    json!({
        "endpoint": api.base_url(),
        "token": api.token(),
        "request_timeout": millis(pace.request),
        "operation_timeout": millis(pace.operation),
        "max_concurrent_requests": pace.concurrent,
        "retry": {
            "max_attempts": pace.attempts,
            "min_backoff": "1ms",
            "max_backoff": millis(pace.max_backoff),
        },
    })
}

/// A start of the provider that logs everything.
pub(crate) fn launch() -> Launch {
    Launch::new(provider()).env("TF_LOG_PROVIDER", "TRACE")
}

/// Processes between two scenes.
static IDLE: Mutex<Vec<Arc<Process>>> = Mutex::new(Vec::new());

fn idle() -> std::sync::MutexGuard<'static, Vec<Arc<Process>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the processes that served scenes, as core does; says how many there were. A panic is a
/// failure.
pub(crate) fn end_idle_processes() -> usize {
    let processes = std::mem::take(&mut *idle());
    for process in &processes {
        end(process);
    }
    processes.len()
}

/// Ends a process as core does: it exits in time and leaves nothing behind.
pub(crate) fn end(process: &Process) {
    process.shut_down().expect("a clean end");
    let left = process.left_behind();
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// One process for all the commands of a scene.
struct Attached(Arc<Process>);

impl Spawn for Attached {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        Ok(Arc::new(Attached(Arc::clone(&self.0))))
    }
}

impl Wire for Attached {
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.0.unary(method, request)
    }

    fn stream(
        &self,
        method: &str,
        request: Vec<u8>,
        each: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status> {
        self.0.stream(method, request, each)
    }

    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A simulator, a provider process, a workspace.
pub(crate) struct Scene {
    pub(crate) api: Simulator,
    pub(crate) process: Arc<Process>,
    pub(crate) ws: Workspace,
    /// Everything that users were shown.
    shown: Vec<String>,
    /// How many lines the process had logged before this scene.
    logged_before: usize,
}

impl Scene {
    /// An empty workspace over an empty simulator.
    pub(crate) fn new(pace: Pace) -> Scene {
        Scene::with(Profile::T1_15, pace)
    }

    /// The same, with another CLI.
    pub(crate) fn with(profile: Profile, pace: Pace) -> Scene {
        let api = Simulator::builder()
            .token(TOKEN)
            .start()
            .expect("the simulator starts");
        let served = idle().pop();
        let process =
            served.unwrap_or_else(|| Arc::new(launch().start().expect("the provider starts")));
        let cli = Cli::new(Arc::new(Attached(Arc::clone(&process))), profile)
            .provider(provider_block(&api, pace));
        Scene {
            api,
            logged_before: process.output().stderr().len(),
            process,
            ws: Workspace::new(cli),
            shown: Vec::new(),
        }
    }

    /// Writes the webhook `a`.
    pub(crate) fn webhook(&mut self, url: &str, key: Option<&str>) {
        self.ws.set(A, config(url, key));
    }

    /// Takes in how a command ended. No core rule may be broken, and every call is answered.
    pub(crate) fn check(&mut self, result: Result<Report, Failed>) -> CommandOutput {
        let (report, failed) = match result {
            Ok(report) => (report, false),
            Err(report) => (*report, true),
        };
        let text = report.to_string();
        self.shown.push(text.clone());
        assert!(report.violations().is_empty(), "core's rules: {text}");
        assert_eq!(report.lost_calls(), 0, "calls without an answer: {text}");
        CommandOutput {
            failed,
            errors: report.errors().iter().map(|e| e.summary.clone()).collect(),
            warnings: report.warnings().iter().map(|w| w.to_string()).collect(),
            is_noop: report.is_noop(),
            text,
        }
    }

    /// Takes in what a command said.
    pub(crate) fn show(&mut self, text: impl Into<String>) {
        self.shown.push(text.into());
    }

    /// `apply`
    pub(crate) fn apply(&mut self) -> CommandOutput {
        let result = self.ws.apply();
        self.check(result)
    }

    /// `apply`, which must succeed.
    pub(crate) fn apply_ok(&mut self) -> CommandOutput {
        let output = self.apply();
        assert!(!output.failed, "the apply failed: {}", output.text);
        output
    }

    /// `plan`
    pub(crate) fn plan(&mut self) -> CommandOutput {
        let result = self.ws.plan();
        self.check(result)
    }

    /// A plan shows that nothing is left to do.
    pub(crate) fn no_changes(&mut self) {
        let output = self.plan();
        assert!(
            !output.failed && output.is_noop,
            "not settled: {}",
            output.text
        );
        assert!(output.warnings.is_empty(), "not settled: {}", output.text);
    }

    /// The id of the webhook `a` in state.
    pub(crate) fn id(&self) -> Option<String> {
        self.ws.attribute(A, "id").as_str().map(str::to_owned)
    }

    /// The ids in state.
    pub(crate) fn ids_in_state(&self) -> BTreeSet<String> {
        let states = self.ws.states().values();
        let ids = states.filter_map(|state| state.value.attribute("id").as_str());
        ids.map(str::to_owned).collect()
    }

    /// The ids in the simulator.
    pub(crate) fn ids_in_api(&self) -> BTreeSet<String> {
        self.api.webhooks().into_iter().map(|w| w.id).collect()
    }

    /// How many requests of this call came.
    pub(crate) fn count(&self, route: Route) -> usize {
        let requests = self.api.requests();
        requests.iter().filter(|seen| seen.route == route).count()
    }

    /// Nothing that was shown or logged, and nothing that rests in state beyond where it belongs, may
    /// hold a secret, and nothing may have panicked.
    pub(crate) fn finish(self) {
        for text in &self.shown {
            secrets::assert_none("what users see", text);
        }
        let log = self.process.output().stderr()[self.logged_before..].join("\n");
        secrets::assert_none("the log", &log);
        assert!(!log.contains("panic"), "a panic: {log}");
        for state in self.ws.states().values() {
            secrets::assert_none_at_rest(state);
        }
        idle().push(self.process);
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) failed: bool,
    /// The summaries of the errors.
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) is_noop: bool,
    /// Everything that was shown.
    pub(crate) text: String,
}

impl CommandOutput {
    /// Whether an error has this summary.
    pub(crate) fn says(&self, summary: &str) -> bool {
        self.errors.iter().any(|error| error == summary)
    }
}

/// The block of a webhook.
pub(crate) fn config(url: &str, key: Option<&str>) -> Json {
    match key {
        Some(key) => json!({ "url": url, "signing_key": key }),
        None => json!({ "url": url }),
    }
}

/// A webhook that was made by hand, and that nothing here may touch.
pub(crate) fn bystander() -> StoredWebhook {
    StoredWebhook::new("https://hooks.example.com/bystander").with_key(OTHER_KEY)
}
