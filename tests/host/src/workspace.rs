//! A folder of configuration with its state, and the commands of a CLI over it: which processes
//! each starts, and which calls each process gets, as recorded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

use crate::diagnostic::{Answer, Diagnostic, Failure, Violation};
use crate::profile::Profile;
use crate::rules;
use crate::schema::Schemas;
use crate::session::{ApplyRequest, ImportBy, MoveSource, Phase, PlanRequest, Planned, Session};
use crate::state::{Leg, State, saved};
use crate::value::Value;
use crate::wire::{Spawn, Wire};

/// A CLI with a provider and its configuration.
#[derive(Clone)]
pub struct Cli {
    pub(crate) spawn: Arc<dyn Spawn>,
    /// The CLI that is played.
    pub profile: Profile,
    provider: Json,
    provider_at_plan: Option<Json>,
    parallelism: usize,
}

impl Cli {
    /// A CLI that starts processes so, without a provider block.
    pub fn new(spawn: Arc<dyn Spawn>, profile: Profile) -> Cli {
        Cli {
            spawn,
            profile,
            provider: Json::Null,
            provider_at_plan: None,
            parallelism: 10,
        }
    }

    /// Writes the provider block.
    #[must_use]
    pub fn provider(mut self, config: Json) -> Cli {
        self.provider = config;
        self
    }

    /// Writes the provider block as it stands in validation and plan, with unknowns.
    #[must_use]
    pub fn provider_at_plan(mut self, config: Json) -> Cli {
        self.provider_at_plan = Some(config);
        self
    }

    /// `-parallelism`, 10 by default.
    #[must_use]
    pub fn parallelism(mut self, n: usize) -> Cli {
        self.parallelism = n.max(1);
        self
    }

    /// Starts one process and asks for its schemas, for calls one by one. It is not configured.
    pub fn session(&self, phase: Phase) -> Result<Session, String> {
        let wire = self.spawn.spawn()?;
        Session::open(wire, self.profile.clone(), phase)
            .ok()
            .map_err(|e| e.to_string())
    }

    /// Starts one process that is asked for its schemas, validated and configured.
    pub fn configured(&self, phase: Phase) -> Result<Session, String> {
        let session = self.session(phase)?;
        let config = self.provider_value(session.schemas(), phase);
        for answer in [
            session.validate_provider(&config),
            session.configure(&config),
        ] {
            if answer.is_err() {
                return Err(answer.failure("provider").to_string());
            }
        }
        Ok(session)
    }

    pub(crate) fn provider_value(&self, schemas: &Schemas, phase: Phase) -> Value {
        let json = match (phase, &self.provider_at_plan) {
            (Phase::Apply, _) | (_, None) => &self.provider,
            (_, Some(json)) => json,
        };
        let empty = serde_json::json!({});
        let json = if json.is_null() { &empty } else { json };
        schemas
            .provider
            .object(json)
            .unwrap_or_else(|e| panic!("the provider block: {e}"))
    }

    fn provider_block_is_empty(&self) -> bool {
        self.provider
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    }
}

/// The configuration of one resource instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// As it is known in validation and plan, perhaps with unknowns.
    pub planned: Json,
    /// As it is known in apply.
    pub known: Json,
    /// `create_before_destroy`
    pub create_first: bool,
}

/// A folder: configuration by address, and the state.
pub struct Workspace {
    /// The CLI.
    pub cli: Cli,
    config: BTreeMap<String, Instance>,
    state: BTreeMap<String, State>,
    imports: BTreeMap<String, ImportBy>,
    moves: BTreeMap<String, MoveSource>,
}

/// What a command is to do with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Make it anew, because of these attributes (none where it was tainted or asked for).
    Replace(Vec<String>),
    /// Remove it.
    Delete,
    /// Put off by the provider.
    Deferred,
}

/// A planned change of one object.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is to be done.
    pub action: Action,
    /// The object as the plan found it, refreshed.
    pub before: Option<State>,
    /// The planned object; null where it goes.
    pub planned: Value,
    private: Vec<u8>,
    identity: Value,
}

/// What a command did, and what it has to tell.
#[derive(Clone, Default)]
pub struct Report {
    /// The planned changes by address.
    pub changes: BTreeMap<String, Change>,
    /// Failures and warnings, call by call.
    pub failures: Vec<Failure>,
    /// The state as the plan found it.
    refreshed: BTreeMap<String, State>,
}

/// A command that failed.
pub type Failed = Box<Report>;

impl Report {
    /// What is to be done with the object at this address.
    pub fn action(&self, address: &str) -> &Action {
        self.changes
            .get(address)
            .map_or(&Action::NoOp, |change| &change.action)
    }

    /// Whether nothing is to be done ("No changes").
    pub fn is_noop(&self) -> bool {
        self.changes.values().all(|c| c.action == Action::NoOp)
    }

    /// What the object at this address was found to be.
    pub fn found(&self, address: &str) -> Option<&State> {
        self.refreshed.get(address)
    }

    /// The provider's errors.
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.failures.iter().flat_map(Failure::errors).collect()
    }

    /// The provider's warnings, each once as the CLI shows them.
    pub fn warnings(&self) -> Vec<&Diagnostic> {
        let mut found: Vec<&Diagnostic> = Vec::new();
        for failure in &self.failures {
            for diagnostic in failure.diagnostics.iter().filter(|d| !d.error) {
                if !found.contains(&diagnostic) {
                    found.push(diagnostic);
                }
            }
        }
        found
    }

    /// The broken rules.
    pub fn violations(&self) -> Vec<&Violation> {
        self.failures.iter().flat_map(|f| &f.violations).collect()
    }

    /// Whether calls ended without an answer.
    pub fn lost_calls(&self) -> usize {
        self.failures.iter().filter(|f| f.status.is_some()).count()
    }

    fn failed(&self) -> bool {
        self.failures.iter().any(Failure::is_err)
    }

    fn add<T>(&mut self, subject: &str, answer: &Answer<T>) {
        if answer.is_err() || !answer.diagnostics.is_empty() {
            self.failures.push(answer.failure(subject));
        }
    }

    fn complain(&mut self, subject: &str, rpc: &'static str, violation: Violation) {
        let mut failure = Failure::empty(subject, rpc);
        failure.violations.push(violation);
        self.failures.push(failure);
    }

    fn result(self) -> Result<Report, Failed> {
        if self.failed() {
            Err(Box::new(self))
        } else {
            Ok(self)
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, change) in &self.changes {
            writeln!(f, "{address}: {:?}", change.action)?;
        }
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Report {}

/// How to plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// `-refresh=false`
    pub no_refresh: bool,
    /// `-refresh-only`
    pub refresh_only: bool,
    /// `-replace=<address>`
    pub replace: BTreeSet<String>,
    /// `-target=<address>`; all without.
    pub target: BTreeSet<String>,
}

impl Workspace {
    /// An empty folder.
    pub fn new(cli: Cli) -> Workspace {
        Workspace {
            cli,
            config: BTreeMap::new(),
            state: BTreeMap::new(),
            imports: BTreeMap::new(),
            moves: BTreeMap::new(),
        }
    }

    /// Writes the block of an instance, as in `immuta_webhook.a` or `immuta_webhook.a[0]`.
    pub fn set(&mut self, address: &str, config: Json) -> &mut Workspace {
        self.set_unknown_at_plan(address, config.clone(), config)
    }

    /// Writes a block whose values are known only in apply.
    pub fn set_unknown_at_plan(
        &mut self,
        address: &str,
        planned: Json,
        known: Json,
    ) -> &mut Workspace {
        self.config.insert(
            address.to_owned(),
            Instance {
                planned,
                known,
                create_first: false,
            },
        );
        self
    }

    /// Adds `lifecycle { create_before_destroy = true }` to a block.
    pub fn create_before_destroy(&mut self, address: &str) -> &mut Workspace {
        if let Some(instance) = self.config.get_mut(address) {
            instance.create_first = true;
        }
        self
    }

    /// Removes a block.
    pub fn unset(&mut self, address: &str) -> &mut Workspace {
        self.config.remove(address);
        self
    }

    /// The state of an instance.
    pub fn state(&self, address: &str) -> Option<&State> {
        self.state.get(address)
    }

    /// The attribute of an instance in state; null where there is none.
    pub fn attribute(&self, address: &str, name: &str) -> Value {
        self.state
            .get(address)
            .map_or(Value::Null, |s| s.value.attribute(name).clone())
    }

    /// All states.
    pub fn states(&self) -> &BTreeMap<String, State> {
        &self.state
    }

    /// Puts a state in place, as an older version or another CLI left it.
    pub fn put_state(&mut self, address: &str, state: State) -> &mut Workspace {
        self.state.insert(address.to_owned(), state);
        self
    }

    /// `state rm`
    pub fn forget(&mut self, address: &str) -> &mut Workspace {
        self.state.remove(address);
        self
    }

    /// `taint`
    pub fn taint(&mut self, address: &str) -> &mut Workspace {
        if let Some(state) = self.state.get_mut(address) {
            state.tainted = true;
        }
        self
    }

    /// `untaint`
    pub fn untaint(&mut self, address: &str) -> &mut Workspace {
        if let Some(state) = self.state.get_mut(address) {
            state.tainted = false;
        }
        self
    }

    /// Writes an `import` block.
    pub fn import_block(&mut self, address: &str, by: ImportBy) -> &mut Workspace {
        self.imports.insert(address.to_owned(), by);
        self
    }

    /// Writes a `moved` block from an object of another type, which is in state.
    pub fn moved(&mut self, address: &str, source: MoveSource) -> &mut Workspace {
        self.moves.insert(address.to_owned(), source);
        self
    }

    /// `validate`
    pub fn validate(&self) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        command.ask_schemas();
        self.validation(&mut command);
        command.report.result()
    }

    /// `plan`
    pub fn plan(&self) -> Result<Report, Failed> {
        self.plan_with(&PlanOptions::default())
    }

    /// `plan` with options. `-replace` and `-target` go by address.
    pub fn plan_with(&self, options: &PlanOptions) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        self.planning(&mut command, options);
        command.report.result()
    }

    /// `refresh`: plans, saves what was found, and throws the plan away.
    pub fn refresh(&mut self) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        self.planning(&mut command, &PlanOptions::default());
        if !command.stopped() {
            self.state = command.report.refreshed.clone();
        }
        command.report.result()
    }

    /// `apply -auto-approve`
    pub fn apply(&mut self) -> Result<Report, Failed> {
        self.apply_with(&PlanOptions::default(), |_| {})
    }

    /// `apply` with options. `during` runs beside the apply phase, in a thread of its own, as soon
    /// as its process is configured: it can stop or kill the provider.
    pub fn apply_with(
        &mut self,
        options: &PlanOptions,
        during: impl FnOnce(&Session) + Send,
    ) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        self.planning(&mut command, options);
        if !command.stopped() {
            self.applying(&mut command, during);
        }
        command.report.result()
    }

    /// `apply tfplan`: applies a plan that was made before.
    pub fn apply_plan(&mut self, plan: Report) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        command.ask_schemas();
        command.report.changes = plan.changes;
        command.report.refreshed = plan.refreshed;
        if !command.stopped() {
            self.applying(&mut command, |_| {});
        }
        command.report.result()
    }

    /// `destroy -auto-approve`
    pub fn destroy(&mut self) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        self.planning(&mut command, &PlanOptions::default());
        if command.stopped() {
            return command.report.result();
        }
        self.state = std::mem::take(&mut command.report.refreshed);
        command.report.changes.clear();
        self.destroying(command)
    }

    /// `destroy -refresh=false`
    pub fn destroy_unread(&mut self) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        command.ask_schemas();
        self.validation(&mut command);
        self.destroying(command)
    }

    fn destroying(&mut self, mut command: Command) -> Result<Report, Failed> {
        if command.stopped() || self.state.is_empty() {
            return command.report.result();
        }
        // A CLI that never plans a destroy does not configure this process either.
        let configured = self.cli.profile.plan_destroy;
        let state = &self.state;
        command.process(Phase::Plan, configured, |session, report| {
            let jobs: Vec<_> = state.keys().cloned().collect();
            let outcomes = session_parallel(&self.cli, session, jobs, |address| {
                let mut part = Report::default();
                let state = state.get(address).cloned();
                let options = PlanOptions {
                    no_refresh: true,
                    ..PlanOptions::default()
                };
                let change = plan_instance(session, &mut part, address, None, state, &options);
                (part, change)
            });
            merge_plans(report, outcomes);
        });
        if !command.stopped() {
            self.applying(&mut command, |_| {});
        }
        command.report.result()
    }

    /// `import ADDRESS ID`
    pub fn import(&mut self, address: &str, id: &str) -> Result<Report, Failed> {
        let mut command = Command::new(self.cli.clone());
        command.ask_schemas();
        let by = ImportBy::Id(id.to_owned());
        let mut imported = None;
        command.process(Phase::Plan, true, |session, report| {
            imported = import_instance(session, report, address, &by);
        });
        if !command.stopped()
            && let Some(state) = imported
        {
            self.state.insert(address.to_owned(), state);
        }
        command.report.result()
    }

    /// The process in which everything is validated, where the CLI starts one.
    fn validation(&self, command: &mut Command) {
        if command.stopped() {
            return;
        }
        let config = &self.config;
        let cli = &self.cli;
        command.process(Phase::Validate, false, |session, report| {
            if !cli.provider_block_is_empty() {
                let provider = cli.provider_value(session.schemas(), Phase::Validate);
                report.add("provider", &session.validate_provider(&provider));
            }
            let jobs: Vec<_> = config.keys().cloned().collect();
            let answers = session_parallel(cli, session, jobs, |address| {
                let type_name = type_of(address);
                let config = config_value(session, type_name, &config[address].planned);
                session.validate_resource(type_name, &config)
            });
            for (address, answer) in answers {
                report.add(&address, &answer);
            }
        });
    }

    /// Everything of a command up to the plan.
    fn planning(&self, command: &mut Command, options: &PlanOptions) {
        command.ask_schemas();
        self.validation(command);
        if command.stopped() {
            return;
        }
        // Terraform moves in a process of its own that is not configured, OpenTofu in the plan's.
        let mut moved = BTreeMap::new();
        let pending: Vec<_> = self
            .moves
            .iter()
            .filter(|(address, _)| !self.state.contains_key(*address))
            .collect();
        let apart = self.cli.profile.upgrades_moved;
        if apart && !pending.is_empty() {
            command.process(Phase::Plan, false, |session, report| {
                for (address, source) in &pending {
                    let answer = session.move_state(address, type_of(address), source);
                    report.add(address, &answer);
                    if let Some(state) = answer.value {
                        moved.insert((*address).clone(), state);
                    }
                }
            });
            if command.stopped() {
                return;
            }
        }
        command.process(Phase::Plan, true, |session, report| {
            let mut addresses: BTreeSet<_> = self.config.keys().cloned().collect();
            addresses.extend(self.state.keys().cloned());
            addresses.extend(self.imports.keys().cloned());
            addresses.extend(self.moves.keys().cloned());
            if !options.target.is_empty() {
                addresses.retain(|a| options.target.contains(a));
            }
            let jobs: Vec<_> = addresses.into_iter().collect();
            let outcomes = session_parallel(&self.cli, session, jobs, |address| {
                let mut part = Report::default();
                let mut state = self.state.get(address).or(moved.get(address)).cloned();
                if !apart
                    && state.is_none()
                    && let Some(source) = self.moves.get(address)
                {
                    let answer = session.move_state(address, type_of(address), source);
                    part.add(address, &answer);
                    if answer.stops() {
                        return (part, None);
                    }
                    state = answer.value;
                    if let Some(state) = &mut state {
                        // OpenTofu makes nothing of the identity.
                        state.identity = Value::Null;
                        state.raw = Some(MOVED_IN_PLACE.to_owned());
                    }
                }
                if state.is_none()
                    && let Some(by) = self.imports.get(address)
                {
                    let Some(imported) = import_instance(session, &mut part, address, by) else {
                        return (part, None);
                    };
                    state = Some(State {
                        raw: Some(IMPORTED.to_owned()),
                        ..imported
                    });
                }
                let config = self.config.get(address).map(|i| i.planned.clone());
                let change = plan_instance(session, &mut part, address, config, state, options);
                (part, change)
            });
            merge_plans(report, outcomes);
            for (address, state) in &self.state {
                if !options.target.is_empty() && !options.target.contains(address) {
                    report.refreshed.insert(address.clone(), state.clone());
                }
            }
        });
    }

    /// The apply phase of the planned changes, and the saving of the state.
    fn applying(&mut self, command: &mut Command, during: impl FnOnce(&Session) + Send) {
        let changes: BTreeMap<_, _> = command
            .report
            .changes
            .iter()
            .filter(|(_, c)| !matches!(c.action, Action::NoOp | Action::Deferred))
            .map(|(address, change)| (address.clone(), change.clone()))
            .collect();
        self.state = command.report.refreshed.clone();
        if changes.is_empty() {
            if self.cli.profile.configure_when_idle {
                command.process(Phase::Apply, true, |_, _| {});
            }
            return;
        }
        let config = &self.config;
        let cli = &self.cli;
        let mut outcomes = Vec::new();
        command.process(Phase::Apply, true, |session, report| {
            let jobs: Vec<_> = changes.keys().cloned().collect();
            outcomes = std::thread::scope(|scope| {
                scope.spawn(|| during(session));
                session_parallel(cli, session, jobs, |address| {
                    let mut part = Report::default();
                    let known = config.get(address);
                    let state =
                        apply_instance(session, &mut part, address, known, &changes[address]);
                    (part, state)
                })
            });
            for (_, (part, _)) in &outcomes {
                report.failures.extend(part.failures.iter().cloned());
            }
        });
        for (address, (_, state)) in outcomes {
            match state {
                Some(state) => self.state.insert(address, state),
                None => self.state.remove(&address),
            };
        }
    }
}

/// Marks a state that came into being within the plan, so that it is not upgraded or read again.
const IMPORTED: &str = "\u{0}imported";
const MOVED_IN_PLACE: &str = "\u{0}moved";

/// One command: its processes one after the other, and what it has to tell.
struct Command {
    cli: Cli,
    schemas: Option<Arc<Schemas>>,
    report: Report,
}

impl Command {
    fn new(cli: Cli) -> Command {
        Command {
            cli,
            schemas: None,
            report: Report::default(),
        }
    }

    /// Whether core would go no further.
    fn stopped(&self) -> bool {
        self.report.failures.iter().any(|f| {
            f.status.is_some()
                || f.errors().next().is_some()
                || f.violations
                    .iter()
                    .any(|v| v.law == crate::diagnostic::Law::Core)
        })
    }

    fn spawn(&mut self) -> Option<Arc<dyn Wire>> {
        match self.cli.spawn.spawn() {
            Ok(wire) => Some(wire),
            Err(text) => {
                self.report.complain(
                    "provider",
                    "start",
                    Violation::core("Failed to load plugin schemas", text),
                );
                None
            }
        }
    }

    fn end(&mut self, wire: &dyn Wire) {
        if let Err(text) = wire.end() {
            self.report.complain(
                "provider",
                "Shutdown",
                Violation::silent("Slow or unclean end", text),
            );
        }
    }

    /// The first process of a command, for the schemas alone.
    fn ask_schemas(&mut self) {
        let Some(wire) = self.spawn() else { return };
        let answer = Session::ask_schemas(wire.as_ref(), &self.cli.profile);
        self.report.add("provider", &answer);
        self.schemas = answer.value.map(Arc::new);
        self.end(wire.as_ref());
    }

    /// One further process.
    fn process(&mut self, phase: Phase, configure: bool, body: impl FnOnce(&Session, &mut Report)) {
        let Some(schemas) = self.schemas.clone() else {
            return;
        };
        let Some(wire) = self.spawn() else { return };
        let profile = self.cli.profile.clone();
        let optional = schemas.capabilities.get_provider_schema_optional;
        if !(profile.schema_once && optional) {
            let answer = Session::ask_schemas(wire.as_ref(), &profile);
            self.report.add("provider", &answer);
        }
        let session = Session::new(wire.clone(), schemas, profile, phase);
        if configure {
            let config = self.cli.provider_value(session.schemas(), phase);
            let validated = session.validate_provider(&config);
            self.report.add("provider", &validated);
            if !validated.stops() {
                self.report.add("provider", &session.configure(&config));
            }
        }
        if !self.stopped() {
            body(&session, &mut self.report);
        }
        self.end(wire.as_ref());
    }
}

pub(crate) fn type_of(address: &str) -> &str {
    address.split('.').next().unwrap_or(address)
}

fn config_value(session: &Session, type_name: &str, json: &Json) -> Value {
    session
        .resource(type_name)
        .block
        .object(json)
        .unwrap_or_else(|e| panic!("the block of {type_name}: {e}"))
}

/// Runs a job for each address, as many at once as the CLI does. Once the session is stopped no
/// further job is begun.
fn session_parallel<T: Send>(
    cli: &Cli,
    session: &Session,
    jobs: Vec<String>,
    run: impl Fn(&String) -> T + Sync,
) -> Vec<(String, T)> {
    let queue = Mutex::new(VecDeque::from(jobs));
    let done = Mutex::new(Vec::new());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .pop_front()
            .filter(|_| !session.is_stopped())
    };
    let count = queue.lock().map_or(0, |q| q.len()).min(cli.parallelism);
    let work = || {
        while let Some(address) = next() {
            let outcome = run(&address);
            done.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push((address, outcome));
        }
    };
    if count <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(work);
            }
        });
    }
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by(|a, b| a.0.cmp(&b.0));
    done
}

fn merge_plans(report: &mut Report, outcomes: Vec<(String, (Report, Option<Change>))>) {
    for (address, (part, change)) in outcomes {
        report.failures.extend(part.failures);
        if let Some(change) = change {
            if let Some(before) = &change.before {
                report.refreshed.insert(address.clone(), before.clone());
            }
            report.changes.insert(address, change);
        }
    }
}

/// Import and the read that follows.
fn import_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    by: &ImportBy,
) -> Option<State> {
    let type_name = type_of(address);
    let answer = session.import(address, type_name, by);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let imported = answer.value?.into_iter().next()?;
    let schema = session.resource(type_name);
    let state = schema.state(imported.state, imported.private, imported.identity);
    let answer = session.read_imported(address, type_name, &state);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let read = answer.value?;
    if read.is_gone() {
        report.complain(
            address,
            "ReadResource",
            Violation::core(
                "Cannot import non-existent remote object",
                format!(
                    "While attempting to import an existing object to \"{address}\", the provider detected that no object exists with the given id."
                ),
            ),
        );
        return None;
    }
    Some(read)
}

/// Upgrade, read, validate and plan of one instance. `None` where core goes no further with it.
fn plan_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    config: Option<Json>,
    state: Option<State>,
    options: &PlanOptions,
) -> Option<Change> {
    let type_name = type_of(address);
    let mut current = None;
    // What a read that found nothing left behind.
    let mut remains = None;
    if let Some(mut state) = state {
        let mark = state.raw.take();
        let imported = mark.as_deref() == Some(IMPORTED);
        let moved = mark.as_deref() == Some(MOVED_IN_PLACE);
        if !imported && !moved {
            state.raw = mark;
            let answer = session.upgrade(address, type_name, &state);
            report.add(address, &answer);
            if answer.stops() {
                return None;
            }
            state = answer.value?;
        }
        let found = if options.no_refresh || imported {
            state
        } else {
            let answer = session.read(address, type_name, &state);
            report.add(address, &answer);
            if answer.stops() {
                return None;
            }
            answer.value?
        };
        if found.is_gone() {
            remains = Some(found);
        } else {
            current = Some(found);
        }
    }
    let nothing = |before: Option<State>| Change {
        action: Action::NoOp,
        planned: before.as_ref().map_or(Value::Null, |b| b.value.clone()),
        private: Vec::new(),
        identity: Value::Null,
        before,
    };
    if options.refresh_only {
        return Some(nothing(current));
    }
    let Some(config) = config else {
        let Some(before) = current else {
            return Some(nothing(None));
        };
        return plan_destroy(session, report, address, before);
    };
    let config = config_value(session, type_name, &config);
    let answer = session.validate_resource(type_name, &config);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let tainted = current.as_ref().is_some_and(|c| c.tainted);
    let live = current.as_ref().filter(|c| !c.tainted);
    let source = live.or(remains.as_ref());
    let ask = PlanRequest {
        address,
        type_name,
        prior: source.map_or(&Value::Null, |s| &s.value),
        private: source.map_or(&[], |s| &s.private),
        identity: source.map_or(&Value::Null, |s| &s.identity),
        config: &config,
    };
    let answer = session.plan(ask);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let first = answer.value?;
    let change = |action: Action, planned: Planned| Change {
        action,
        before: current.clone(),
        planned: planned.value,
        private: planned.private,
        identity: planned.identity,
    };
    if first.deferred.is_some() {
        return Some(change(Action::Deferred, first));
    }
    if tainted {
        return Some(change(Action::Replace(Vec::new()), first));
    }
    let Some(live) = live else {
        return Some(change(Action::Create, first));
    };
    let because = first.replace_because.clone();
    if because.is_empty() && !options.replace.contains(address) {
        let action = if first.value == live.value {
            Action::NoOp
        } else {
            Action::Update
        };
        return Some(change(action, first));
    }
    // Core passes on what the first plan made of the private data of the old object.
    let old = session.profile().old_identity_in_replacement;
    let answer = session.plan(PlanRequest {
        prior: &Value::Null,
        private: &first.private,
        identity: if old { &live.identity } else { &Value::Null },
        ..ask
    });
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let second = answer.value?;
    Some(change(Action::Replace(because), second))
}

fn plan_destroy(
    session: &Session,
    report: &mut Report,
    address: &str,
    before: State,
) -> Option<Change> {
    let mut planned = Planned {
        value: Value::Null,
        private: before.private.clone(),
        identity: Value::Null,
        replace_because: Vec::new(),
        deferred: None,
    };
    if session.profile().plan_destroy && session.schemas().capabilities.plan_destroy {
        let answer = session.plan(PlanRequest {
            address,
            type_name: type_of(address),
            prior: &before.value,
            private: &before.private,
            identity: &before.identity,
            config: &Value::Null,
        });
        report.add(address, &answer);
        if answer.stops() {
            return None;
        }
        planned = answer.value?;
    }
    Some(Change {
        action: Action::Delete,
        before: Some(before),
        planned: Value::Null,
        private: planned.private,
        identity: planned.identity,
    })
}

/// Applies one change. Gives the state that core saves.
fn apply_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: Option<&Instance>,
    change: &Change,
) -> Option<State> {
    let before = change.before.as_ref();
    match &change.action {
        Action::NoOp | Action::Deferred => before.cloned(),
        Action::Delete => delete(
            session,
            report,
            address,
            before?,
            &change.private,
            &change.identity,
        ),
        Action::Create => make(session, report, address, instance?, change),
        Action::Update => update(session, report, address, instance?, change),
        Action::Replace(_) if instance.is_some_and(|i| i.create_first) => {
            let old = before?;
            let new = make(session, report, address, instance?, change);
            if new.as_ref().is_none_or(|n| n.tainted) {
                // Core keeps the old object beside it as deposed; here the new one goes first.
                return new.or_else(|| Some(old.clone()));
            }
            let gone = delete_deposed(session, report, address, old);
            if !gone {
                report.complain(
                    address,
                    "ApplyResourceChange",
                    Violation::silent("Deposed object left", "the replaced object still exists"),
                );
            }
            new
        }
        Action::Replace(_) => {
            let old = before?;
            let left = delete(session, report, address, old, &change.private, &Value::Null);
            if left.is_some() || session.is_stopped() {
                return left;
            }
            make(session, report, address, instance?, change)
        }
    }
}

fn make(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
) -> Option<State> {
    let nothing = Value::Null;
    let ask = FinalPlan {
        prior: &nothing,
        private: &[],
        identity: &nothing,
    };
    let (config, planned) = final_plan(session, report, address, instance, change, ask)?;
    let answer = session.apply(ApplyRequest {
        address,
        type_name: type_of(address),
        prior: &Value::Null,
        planned: &planned.value,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &Value::Null,
        config: &config,
    });
    settle(report, address, Leg::Create, None, session, answer)
}

fn update(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
) -> Option<State> {
    let before = change.before.as_ref()?;
    let type_name = type_of(address);
    let upgraded = session.upgrade(address, type_name, before);
    report.add(address, &upgraded);
    if upgraded.stops() {
        return Some(before.clone());
    }
    let prior = upgraded.value.unwrap_or_else(|| before.clone());
    let ask = FinalPlan {
        prior: &prior.value,
        private: &prior.private,
        identity: &prior.identity,
    };
    let Some((config, planned)) = final_plan(session, report, address, instance, change, ask)
    else {
        return Some(before.clone());
    };
    if session.profile().upgrade_before_update {
        let answer = session.upgrade(address, type_name, before);
        report.add(address, &answer);
    }
    let answer = session.apply(ApplyRequest {
        address,
        type_name,
        prior: &prior.value,
        planned: &planned.value,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &prior.identity,
        config: &config,
    });
    settle(report, address, Leg::Update, Some(&prior), session, answer)
}

struct FinalPlan<'a> {
    prior: &'a Value,
    private: &'a [u8],
    identity: &'a Value,
}

/// The plan that is made again in apply, and must agree with the first.
fn final_plan(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
    ask: FinalPlan<'_>,
) -> Option<(Value, Planned)> {
    let type_name = type_of(address);
    let config = config_value(session, type_name, &instance.known);
    let answer = session.validate_resource(type_name, &config);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let answer = session.plan(PlanRequest {
        address,
        type_name,
        prior: ask.prior,
        private: ask.private,
        identity: ask.identity,
        config: &config,
    });
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let planned = answer.value?;
    let block = &session.resource(type_name).block;
    let mut violations = rules::plan::second(address, block, &change.planned, &planned.value);
    if !planned.replace_because.is_empty() {
        violations.push(Violation::core(
            "Provider produced inconsistent final plan",
            format!("the plan of {address} was to change it in place, and now is to replace it because of {}", planned.replace_because.join(", ")),
        ));
    }
    if !violations.is_empty() {
        for violation in violations {
            report.complain(address, "PlanResourceChange", violation);
        }
        return None;
    }
    Some((config, planned))
}

fn delete(
    session: &Session,
    report: &mut Report,
    address: &str,
    before: &State,
    private: &[u8],
    identity: &Value,
) -> Option<State> {
    let type_name = type_of(address);
    let upgraded = session.upgrade(address, type_name, before);
    report.add(address, &upgraded);
    if upgraded.stops() {
        return Some(before.clone());
    }
    let prior = upgraded.value.unwrap_or_else(|| before.clone());
    let answer = session.apply(ApplyRequest {
        address,
        type_name,
        prior: &prior.value,
        planned: &Value::Null,
        private,
        identity,
        prior_identity: &prior.identity,
        config: &Value::Null,
    });
    settle(report, address, Leg::Delete, Some(&prior), session, answer)
}

/// Removes the object that a create_before_destroy replaced. Gives whether it is gone.
fn delete_deposed(session: &Session, report: &mut Report, address: &str, old: &State) -> bool {
    let upgraded = session.upgrade(address, type_of(address), old);
    report.add(address, &upgraded);
    let prior = upgraded.value.unwrap_or_else(|| old.clone());
    let Some(planned) = plan_destroy(session, report, address, prior.clone()) else {
        return false;
    };
    let answer = session.apply(ApplyRequest {
        address,
        type_name: type_of(address),
        prior: &prior.value,
        planned: &Value::Null,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &prior.identity,
        config: &Value::Null,
    });
    settle(report, address, Leg::Delete, Some(&prior), session, answer).is_none()
}

fn settle(
    report: &mut Report,
    address: &str,
    leg: Leg,
    prior: Option<&State>,
    session: &Session,
    answer: Answer<State>,
) -> Option<State> {
    report.add(address, &answer);
    let failed = answer.stops();
    // Terraform loses a created object whose write-only attribute came back with a value.
    let lost = session.profile().deferral_in_apply
        && answer
            .violations
            .iter()
            .any(|v| v.text.contains("write-only attribute"));
    if lost {
        return prior.cloned();
    }
    saved(leg, prior, answer.value, failed)
}

impl fmt::Debug for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cli")
            .field("profile", &self.profile.name)
            .finish_non_exhaustive()
    }
}
