//! Runs a sequence with a real CLI against the simulator, and looks after every command whether what
//! README promises still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use immuta_simulator::{FaultId, FaultKind, Route, StoredWebhook};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use terraform_cli::{Cli, Outcome, Workspace, unwrapped};

use crate::model::{Config, Key, PLAIN, WRITE_ONLY};
use crate::steps::{Command, Deployment, Interruption, LATE, Outside, Sequence, Step};

/// The summary of the error which says that a webhook may exist.
const MAY_EXIST: &str = "may have been created";
/// The summary of the error which says that a key set outside was dropped.
const KEY_LOST: &str = "Signing key lost";
/// What somebody sets as a key outside of Terraform.
const STRANGE_KEY: &str = "somebody's key";
/// A provider that its CLI has left ends by itself.
const ENDS_WITHIN: Duration = Duration::from_secs(8);

/// What all runs came to so far.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) steps: AtomicUsize,
    pub(crate) commands: AtomicUsize,
    pub(crate) faults: AtomicUsize,
    pub(crate) interruptions: AtomicUsize,
}

pub(crate) static COUNTS: Counts = Counts {
    steps: AtomicUsize::new(0),
    commands: AtomicUsize::new(0),
    faults: AtomicUsize::new(0),
    interruptions: AtomicUsize::new(0),
};

fn count(counter: &AtomicUsize, n: usize) {
    counter.fetch_add(n, Ordering::Relaxed);
}

/// A promise that was not kept.
pub(crate) struct Violation {
    /// Which step, counted from 1.
    pub(crate) step: usize,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after step {}: {}", self.step, self.what)
    }
}

/// Runs the first `length` steps of a sequence, and what settles it then.
pub(crate) fn run(cli: &Cli, sequence: &Sequence, length: usize) -> Result<(), Violation> {
    let steps = &sequence.steps[..length.min(sequence.steps.len())];
    let last = steps.last().map(|step| crate::steps::settle(&step.config));
    let mut step = 0;
    let tried = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(cli, sequence.deployment);
        for it in steps.iter().chain(&last) {
            step += 1;
            count(&COUNTS.steps, 1);
            match world.step(it) {
                _ if world.state_is_lost => return Ok(()),
                result => result?,
            }
        }
        Ok(())
    }));
    let what = match tried {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(what)) => what,
        Err(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => panic
                .downcast::<&str>()
                .map_or_else(|_| "a panic".to_owned(), |text| (*text).to_owned()),
        },
    };
    Err(Violation { step, what })
}

/// An object in the state file.
struct Instance {
    address: String,
    id: String,
    /// Tainted, or deposed.
    left_over: bool,
}

/// A webhook that the provider made and that is not in state.
struct Orphan {
    url: String,
    /// With its id, so that somebody can import or remove it.
    named: bool,
}

struct World {
    w: Workspace,
    config: Config,
    write_only: bool,
    /// Whether webhooks can be looked up by their url: without that, nobody can name one that a create left behind.
    lists: bool,
    /// What is not Terraform's, and must stay as it is.
    strangers: BTreeMap<String, StoredWebhook>,
    orphans: BTreeMap<String, Orphan>,
    /// Webhooks with keys that no plan can see, since Immuta does not tell which it holds: one that was
    /// on its way in a kill, or that was there before an import.
    unseen_keys: BTreeSet<(String, String)>,
    /// Faults by which an effect comes late.
    late: Vec<FaultId>,
    /// A CLI that a signal met while it wrote its state has lost that: no provider can help there.
    state_is_lost: bool,
}

impl World {
    fn new(cli: &Cli, deployment: Deployment) -> World {
        let w = Workspace::new(cli);
        w.guard(WRITE_ONLY);
        w.key(PLAIN);
        w.api.behave(|behaviour| {
            behaviour.put = deployment.put;
            behaviour.normalize_url = deployment.normalize_url;
            behaviour.omit_defaults = deployment.omit_defaults;
            behaviour.extra_fields = deployment.extra_fields;
            if let Some((route, status)) = deployment.absent {
                behaviour.absent.push(route);
                behaviour.absent_status = status;
            }
        });
        World {
            write_only: cli.too_old_for(crate::WRITE_ONLY).is_none(),
            w,
            lists: !matches!(deployment.absent, Some((Route::List, _))),
            config: Config::default(),
            strangers: BTreeMap::new(),
            orphans: BTreeMap::new(),
            unseen_keys: BTreeSet::new(),
            late: Vec::new(),
            state_is_lost: false,
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.config = step.config.clone();
        self.w.config(&self.config.hcl(self.write_only));
        for (name, value) in self.config.variables() {
            self.w.set(name, &value);
        }
        if matches!(step.command, Command::SavedPlan) {
            self.command(&["plan", "-out=tfplan"], None)?;
        }
        if let Some((place, outside)) = &step.outside {
            self.change_outside(*place, outside)?;
        }
        let faults: Vec<_> = step
            .faults
            .iter()
            .map(|fault| (&fault.kind, self.w.api.fault(fault.clone())))
            .collect();
        let late = faults
            .iter()
            .filter(|(kind, _)| matches!(kind, FaultKind::Latency(_)));
        self.late = late.map(|(_, id)| *id).collect();
        // What is interrupted is to be in the middle of something.
        let latency = step.interruption.map(|_| Duration::from_millis(15));
        self.w.api.behave(|behaviour| behaviour.latency = latency);
        let apply = ["apply", "-auto-approve"];
        match &step.command {
            Command::Apply {
                refresh,
                target,
                replace,
                parallelism,
            } => {
                let mut options = vec![
                    format!("-refresh={refresh}"),
                    format!("-parallelism={parallelism}"),
                ];
                options.extend(target.iter().map(|address| format!("-target={address}")));
                options.extend(replace.iter().map(|address| format!("-replace={address}")));
                let options = options.iter().map(String::as_str);
                let arguments: Vec<_> = apply.into_iter().chain(options).collect();
                let outcome = self.command(&arguments, step.interruption)?;
                if outcome.code == 0 && *refresh && target.is_none() {
                    self.is_as_configured(&outcome.text)?;
                }
            }
            Command::SavedPlan => {
                self.command(&["apply", "tfplan"], step.interruption)?;
            }
            Command::RefreshOnly => {
                let arguments = ["apply", "-auto-approve", "-refresh-only"];
                self.command(&arguments, step.interruption)?;
            }
            Command::Destroy => {
                self.command(&["destroy", "-auto-approve"], step.interruption)?;
            }
            Command::Import => self.import(step.interruption)?,
            Command::Settle => self.settle()?,
        }
        let struck = faults.iter().map(|(_, id)| self.w.api.struck(*id) as usize);
        count(&COUNTS.faults, struck.sum());
        self.w.api.clear_faults();
        Ok(())
    }

    /// Runs one command, interrupted or not, and checks what must hold after every one.
    fn command(
        &mut self,
        arguments: &[&str],
        interruption: Option<(Interruption, usize)>,
    ) -> Result<Outcome, String> {
        count(&COUNTS.commands, 1);
        self.w.api.clear_requests();
        let sockets: BTreeSet<_> = self.w.sockets().into_iter().collect();
        let (verb, options) = arguments.split_first().expect("a command has a name");
        let mut all = vec![*verb, "-no-color", "-input=false"];
        all.extend(options);
        let mut running = self.w.start(&all);
        let mut killed = None;
        if let Some((interruption, after)) = interruption {
            while !running.has_ended() && self.w.api.requests().len() < after {
                thread::sleep(Duration::from_millis(2));
            }
            if !running.has_ended() {
                count(&COUNTS.interruptions, 1);
                match interruption {
                    Interruption::Interrupt => running.signal_group(Signal::INT),
                    Interruption::TerminateGroup => running.signal_group(Signal::TERM),
                    Interruption::TerminateCli => running.signal(Signal::TERM),
                    Interruption::KillCli => {
                        running.signal(Signal::KILL);
                        killed = Some(interruption);
                    }
                    Interruption::KillProvider => {
                        let pid = self
                            .w
                            .last_provider()
                            .and_then(|pid| i32::try_from(pid).ok());
                        if let Some(pid) = pid.and_then(Pid::from_raw) {
                            let _ = kill_process(pid, Signal::KILL);
                        }
                        killed = Some(interruption);
                    }
                }
            }
        }
        let outcome = self.w.finish(running, false);
        let cli_killed = matches!(killed, Some(Interruption::KillCli));
        if outcome.code < 0 && !cli_killed {
            return Err(format!("{all:?} ended by a signal:\n{}", outcome.text));
        }
        self.state_is_lost = interruption.is_some() && self.state().is_err();
        if !matches!(killed, Some(Interruption::KillProvider)) {
            self.sockets_are_gone(&sockets)?;
        }
        // What the API still does goes on when nobody waits for it any more.
        if self.late.iter().any(|id| self.w.api.struck(*id) > 0) {
            thread::sleep(LATE);
        }
        let idle = |api: &immuta_simulator::Simulator| api.in_flight() == 0;
        if !self.w.api.wait_for_at_most(Duration::from_secs(10), idle) {
            return Err("a request is still under way".to_owned());
        }
        if killed.is_some() {
            let updates = self.w.api.requests().into_iter().filter_map(|seen| {
                let key = seen.json()?["signingKey"].as_str()?.to_owned();
                Some((seen.webhook?, key))
            });
            self.unseen_keys.extend(updates);
        }
        self.nothing_is_lost(&outcome, killed.is_some())
            .map_err(|what| format!("{what}\n{all:?} printed:\n{}", outcome.text))?;
        Ok(outcome)
    }

    /// A provider removes its socket when it ends, and ends with its CLI.
    fn sockets_are_gone(&self, before: &BTreeSet<PathBuf>) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let left: Vec<_> = self.w.sockets().into_iter().collect();
            let left: Vec<_> = left.iter().filter(|path| !before.contains(*path)).collect();
            match left.is_empty() {
                true => return Ok(()),
                false if started.elapsed() > ENDS_WITHIN => {
                    return Err(format!("a provider outlives its CLI: {left:?}"));
                }
                false => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// The objects in the state file.
    fn state(&self) -> Result<Vec<Instance>, String> {
        let path = self.w.folder().join("terraform.tfstate");
        let Ok(text) = std::fs::read_to_string(path) else {
            return Ok(Vec::new());
        };
        let state: Value =
            serde_json::from_str(&text).map_err(|e| format!("the state is no JSON: {e}"))?;
        let mut found = Vec::new();
        for resource in state["resources"].as_array().into_iter().flatten() {
            let address = format!(
                "{}.{}",
                resource["type"].as_str().unwrap_or_default(),
                resource["name"].as_str().unwrap_or_default()
            );
            for instance in resource["instances"].as_array().into_iter().flatten() {
                let id = instance["attributes"]["id"].as_str();
                found.push(Instance {
                    address: address.clone(),
                    id: id.ok_or("an object in state has no id")?.to_owned(),
                    left_over: instance["status"] == "tainted" || instance["deposed"].is_string(),
                });
            }
        }
        Ok(found)
    }

    /// The invariants of every step: ids are unique, what is not Terraform's is untouched, and what
    /// the provider made is in state or was named.
    fn nothing_is_lost(&mut self, outcome: &Outcome, killed: bool) -> Result<(), String> {
        let state = self.state()?;
        let ids: BTreeSet<_> = state.iter().map(|it| it.id.clone()).collect();
        if ids.len() != state.len() {
            return Err("an id is twice in state".to_owned());
        }
        for (id, webhook) in &self.strangers {
            if self.w.api.webhook(id).as_ref() != Some(webhook) {
                return Err(format!(
                    "a webhook was touched that is not Terraform's: {id}"
                ));
            }
        }
        let text = unwrapped(&outcome.text);
        let held = self.w.api.webhooks().into_iter();
        let unknown: BTreeMap<_, _> = held
            .filter(|it| !ids.contains(&it.id) && !self.strangers.contains_key(&it.id))
            .map(|it| (it.id.clone(), it))
            .collect();
        self.orphans.retain(|id, _| unknown.contains_key(id));

        // An apply without a prompt prints the warnings of its plan at its end.
        let planned = text.contains("will perform the following actions") && outcome.code >= 0;
        let quiet = self
            .w
            .api
            .requests()
            .iter()
            .all(|seen| seen.fault.is_none());
        let mut forgotten = Vec::new();
        for (id, orphan) in &mut self.orphans {
            let was_named = orphan.named;
            orphan.named |= is_named(&text, id);
            if orphan.named {
                continue;
            }
            let named_by = self.config.resources.iter().find(|(name, resource)| {
                resource.url == orphan.url && will_create(&text, &format!("immuta_webhook.{name}"))
            });
            match named_by {
                Some((name, _)) if planned && quiet && !was_named && self.lists => {
                    return Err(format!(
                        "the plan that creates {name} does not name {id}, which has its url {}",
                        orphan.url
                    ));
                }
                // Nothing can name what no plan is about.
                None if outcome.code == 0 && !text.contains("Resource targeting") => {
                    forgotten.push(id.clone());
                }
                _ => {}
            }
        }
        for id in forgotten {
            self.orphans.remove(&id);
            self.strangers.insert(id.clone(), unknown[&id].clone());
        }
        let mut hints = text.matches(MAY_EXIST).count();
        for (id, webhook) in unknown {
            if self.orphans.contains_key(&id) || self.strangers.contains_key(&id) {
                continue;
            }
            let named = is_named(&text, &id);
            if !named && !killed {
                hints = hints.checked_sub(1).ok_or_else(|| {
                    format!("{id} was made, is not in state, and nothing was said of it")
                })?;
            }
            let url = webhook.url;
            self.orphans.insert(id, Orphan { url, named });
        }
        Ok(())
    }

    fn change_outside(&mut self, place: usize, change: &Outside) -> Result<(), String> {
        if let Outside::Stranger(url) = change {
            let mut stranger = StoredWebhook::new(url);
            stranger.signing_key = place.is_multiple_of(2).then(|| STRANGE_KEY.to_owned());
            self.strangers.insert(stranger.id.clone(), stranger.clone());
            self.w.api.insert(stranger);
            return Ok(());
        }
        let state = self.state()?;
        let Some(instance) = state.get(place % state.len().max(1)) else {
            return Ok(());
        };
        let managed = self.config.at(&instance.address);
        let managed = managed.is_none_or(|resource| resource.key != Key::None);
        let id = &instance.id;
        match change {
            Outside::Delete => {
                self.w.api.remove(id);
            }
            Outside::AddKey if managed => {}
            change => {
                self.w.api.edit(id, |webhook| match change {
                    Outside::Url(url) => webhook.url.clone_from(url),
                    Outside::VerifyTls => webhook.verify_tls ^= true,
                    Outside::RemoveKey => webhook.signing_key = None,
                    Outside::AddKey if webhook.signing_key.is_none() => {
                        webhook.signing_key = Some(STRANGE_KEY.to_owned());
                    }
                    _ => {}
                });
            }
        }
        Ok(())
    }

    /// Imports a stranger whose url a resource has that is not in state.
    fn import(&mut self, interruption: Option<(Interruption, usize)>) -> Result<(), String> {
        let state = self.state()?;
        let free = |address: &str| !state.iter().any(|it| it.address == address);
        let found = self.config.resources.iter().find_map(|(name, resource)| {
            let address = format!("immuta_webhook.{name}");
            let stranger = self.strangers.values().find(|it| it.url == resource.url)?;
            free(&address).then(|| (address, stranger.clone()))
        });
        let Some((address, stranger)) = found else {
            return Ok(());
        };
        // From now on it may be Terraform's.
        self.strangers.remove(&stranger.id);
        let key = stranger.signing_key.clone();
        self.unseen_keys
            .extend(key.map(|key| (stranger.id.clone(), key)));
        let orphan = Orphan {
            url: stranger.url.clone(),
            named: true,
        };
        self.orphans.insert(stranger.id.clone(), orphan);
        self.command(&["import", &address, &stranger.id], interruption)?;
        if self.orphans.remove(&stranger.id).is_some() {
            self.strangers.insert(stranger.id.clone(), stranger);
        }
        Ok(())
    }

    /// As the messages say, what is named is imported or removed. Then one apply makes everything as
    /// it is configured, and nothing is left to do.
    fn settle(&mut self) -> Result<(), String> {
        if self.orphans.values().any(|orphan| !orphan.named) {
            self.command(&["plan"], None)?;
        }
        for id in self.orphans.keys().cloned().collect::<Vec<_>>() {
            // An import before this one may have ended well without a word of it.
            if !self.orphans.contains_key(&id) {
                continue;
            }
            let state = self.state()?;
            let webhook = self.w.api.webhook(&id).ok_or("an orphan is gone")?;
            let fits = self.config.resources.iter().find(|(name, resource)| {
                let address = format!("immuta_webhook.{name}");
                resource.url == webhook.url
                    && (resource.key != Key::None || webhook.signing_key.is_none())
                    && !state.iter().any(|it| it.address == address)
            });
            match fits {
                Some((name, _)) => {
                    let address = format!("immuta_webhook.{name}");
                    let outcome = self.command(&["import", &address, &id], None)?;
                    if outcome.code != 0 {
                        return Err(format!("{id} cannot be imported:\n{}", outcome.text));
                    }
                }
                None => {
                    self.w.api.remove(&id);
                }
            }
        }
        self.orphans.clear();
        let mut outcome = self.command(&["apply", "-auto-approve"], None)?;
        if outcome.code != 0 && outcome.text.contains(KEY_LOST) {
            // A full PUT drops the key that somebody set outside: an error, once, and nothing is left to do.
            outcome = self.command(&["apply", "-auto-approve"], None)?;
        }
        if outcome.code != 0 {
            return Err(format!("a clean apply fails:\n{}", outcome.text));
        }
        self.is_as_configured(&outcome.text)?;
        let outcome = self.command(&["plan", "-detailed-exitcode"], None)?;
        if outcome.code != 0 {
            return Err(format!("the plan is not empty:\n{}", outcome.text));
        }
        Ok(())
    }

    /// Exactly the configured webhooks are there, each with its url, `verify_tls` and key.
    fn is_as_configured(&self, text: &str) -> Result<(), String> {
        let state = self.state()?;
        let wrong = |what: String| {
            Err(format!(
                "{what}, after an apply that came off:
{text}"
            ))
        };
        let addresses: BTreeSet<_> = state.iter().map(|it| it.address.as_str()).collect();
        if addresses.len() != self.config.resources.len() || state.iter().any(|it| it.left_over) {
            return wrong(format!("in state are {addresses:?}"));
        }
        for instance in &state {
            let Some(resource) = self.config.at(&instance.address) else {
                return wrong(format!("{} is in state", instance.address));
            };
            let Some(held) = self.w.api.webhook(&instance.id) else {
                return wrong(format!("{} does not exist", instance.address));
            };
            // A key that Terraform never managed is left alone.
            let left_alone =
                resource.key == Key::None && held.signing_key.as_deref() == Some(STRANGE_KEY);
            let key = held.signing_key.clone().unwrap_or_default();
            let unseen = self.unseen_keys.contains(&(instance.id.clone(), key));
            if held.signing_key != resource.key.value() && !left_alone && !unseen {
                let which = held.signing_key.map_or("no", |_| "another");
                return wrong(format!("{} has {which} key", instance.address));
            }
            if (&held.url, held.verify_tls) != (&resource.url, resource.verify_tls) {
                return wrong(format!("{} is {held:?}", instance.address));
            }
        }
        let others = self.strangers.len() + self.orphans.len();
        match self.w.api.count() == state.len() + others {
            true => Ok(()),
            false => wrong("more webhooks are there than configured".to_owned()),
        }
    }
}

/// Whether the id stands in the text as in a message, and not only where the CLI shows progress or
/// attributes.
fn is_named(text: &str, id: &str) -> bool {
    let shown = [format!("[id={id}]"), format!("\"{id}\"")];
    let shown: usize = shown
        .iter()
        .map(|form| text.matches(form.as_str()).count())
        .sum();
    text.matches(id).count() > shown
}

/// Whether the plan in the text creates the object at this address, first or again.
fn will_create(text: &str, address: &str) -> bool {
    [
        "will be created",
        "must be replaced",
        "is tainted, so must be replaced",
        "will be replaced",
    ]
    .iter()
    .any(|action| text.contains(&format!("# {address} {action}")))
}
