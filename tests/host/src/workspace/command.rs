//! One command: its processes one after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::report::Report;
use crate::cli::Cli;
use crate::diagnostic::{Law, Violation};
use crate::schema::Schemas;
use crate::session::{Phase, Session};
use crate::wire::Wire;

/// One command: its processes one after the other, and what it has to tell.
pub(super) struct Command {
    cli: Cli,
    schemas: Option<Arc<Schemas>>,
    pub(super) report: Report,
}

impl Command {
    pub(super) fn new(cli: Cli) -> Command {
        Command {
            cli,
            schemas: None,
            report: Report::default(),
        }
    }

    /// Whether core would go no further.
    pub(super) fn stopped(&self) -> bool {
        self.report.failures.iter().any(|f| {
            f.status.is_some()
                || f.errors().next().is_some()
                || f.violations.iter().any(|v| v.law == Law::Core)
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
    pub(super) fn ask_schemas(&mut self) {
        let Some(wire) = self.spawn() else { return };
        let answer = Session::ask_schemas(wire.as_ref(), &self.cli.profile);
        self.report.add("provider", &answer);
        self.schemas = answer.value.map(Arc::new);
        self.end(wire.as_ref());
    }

    /// One further process.
    pub(super) fn process(
        &mut self,
        phase: Phase,
        configure: bool,
        body: impl FnOnce(&Session, &mut Report),
    ) {
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

/// Runs a job for each address, as many at once as the CLI does. Once the session is stopped no
/// further job is begun.
pub(super) fn session_parallel<T: Send>(
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
