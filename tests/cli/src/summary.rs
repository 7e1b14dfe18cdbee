//! Runs cases under each CLI and counts what ran where, and what was skipped for want of which
//! version. Shared by the acceptance tests and the tests of the documentation.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::cli::{Cli, Needs};
use crate::workspace::Workspace;

/// Something that is tried under every CLI which is new enough for it.
pub struct Case {
    /// Tells it from the others.
    pub name: String,
    /// Which CLIs can run it.
    pub needs: Needs,
    /// Runs it in a workspace of its own; a panic is a failure.
    pub run: Box<dyn Fn(&Workspace) + Send + Sync>,
}

/// What happened under one CLI.
#[derive(Default)]
struct Summary {
    ran: usize,
    passed: usize,
    /// Names by the reason.
    skipped: BTreeMap<String, Vec<String>>,
}

/// Counts for every CLI.
pub struct Board {
    title: &'static str,
    rows: Vec<(Cli, Arc<Mutex<Summary>>)>,
}

impl Board {
    /// Nothing counted yet.
    pub fn new(title: &'static str) -> Board {
        Board {
            title,
            rows: Vec::new(),
        }
    }

    /// Each case under each CLI. No CLI at all is a failure.
    pub fn trials(&mut self, clis: &[Cli], cases: Vec<Case>) -> Vec<Trial> {
        let cases: Vec<_> = cases.into_iter().map(Arc::new).collect();
        let mut trials = Vec::new();
        for cli in clis {
            let summary = Arc::new(Mutex::new(Summary::default()));
            for case in &cases {
                trials.push(trial(cli.clone(), Arc::clone(case), Arc::clone(&summary)));
            }
            self.rows.push((cli.clone(), summary));
        }
        if clis.is_empty() {
            trials.push(Trial::test("a CLI is found", || {
                Err(Failed::from(
                    "neither terraform nor tofu is on PATH or in target/cli, and TF_CLIS names \
                     none: run tests/cli.sh",
                ))
            }));
        }
        trials
    }

    /// Runs the trials, prints the counts, and leaves them in the file `path` too.
    pub fn run(&self, arguments: &Arguments, trials: Vec<Trial>, path: &Path) -> ExitCode {
        let conclusion = libtest_mimic::run(arguments, trials);
        if !arguments.list {
            let report = self.report();
            print!("{report}");
            if let Err(cause) = std::fs::write(path, report) {
                eprintln!("cannot write {}: {cause}", path.display());
                return ExitCode::FAILURE;
            }
        }
        conclusion.exit_code()
    }

    fn report(&self) -> String {
        let mut report = format!("{}\n", self.title);
        for (cli, summary) in &self.rows {
            let summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(
                report,
                "  {cli} ({}): {} ran, {} passed, {} failed, {} skipped",
                cli.path().display(),
                summary.ran,
                summary.passed,
                summary.ran - summary.passed,
                summary.skipped.values().map(Vec::len).sum::<usize>(),
            );
            for (reason, names) in &summary.skipped {
                let _ = writeln!(report, "    skipped, {reason}: {}", names.join(", "));
            }
        }
        if self.rows.is_empty() {
            report.push_str("  no CLI was found, so none ran\n");
        }
        report
    }
}

/// One case under one CLI.
fn trial(cli: Cli, case: Arc<Case>, summary: Arc<Mutex<Summary>>) -> Trial {
    let name = format!("{cli} :: {}", case.name);
    let counted = move |count: &dyn Fn(&mut Summary)| {
        count(&mut summary.lock().unwrap_or_else(PoisonError::into_inner));
    };
    Trial::ignorable_test(name, move || {
        if let Some(reason) = cli.too_old_for(case.needs) {
            counted(&|summary| {
                let names = summary.skipped.entry(reason.clone()).or_default();
                names.push(case.name.clone());
            });
            return Ok(Completion::ignored_with(reason));
        }
        counted(&|summary| summary.ran += 1);
        (case.run)(&Workspace::new(&cli));
        counted(&|summary| summary.passed += 1);
        Ok(Completion::Completed)
    })
}
