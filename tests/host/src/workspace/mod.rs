//! A folder of configuration with its state, and the commands of a CLI over it: which processes
//! each starts, and which calls each process gets, as recorded.

mod apply;
mod command;
mod plan;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

pub use plan::PlanOptions;
pub use report::{Action, Change, Failed, Report};

pub use crate::cli::Cli;

use self::apply::apply_instance;
use self::command::{Command, session_parallel};
use self::plan::{IMPORTED, MOVED_IN_PLACE, import_instance, merge_plans, plan_instance};
use crate::session::{ImportBy, MoveSource, Phase, Session};
use crate::state::State;
use crate::value::{Value, ValueExt as _};

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

    /// `plan` with options.
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

fn type_of(address: &str) -> &str {
    address.split('.').next().unwrap_or(address)
}

fn config_value(session: &Session, type_name: &str, json: &Json) -> Value {
    session
        .resource(type_name)
        .block
        .object(json)
        .unwrap_or_else(|e| panic!("the block of {type_name}: {e}"))
}
