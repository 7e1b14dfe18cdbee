//! Acceptance tests: HCL, a real Terraform or OpenTofu, the built provider, and the simulator.
//!
//! Every scenario runs under every CLI that is found: `terraform` and `tofu` on `PATH`, whatever
//! `tests/cli.sh` has put into `target/cli/`, and each path in `TF_CLIS` (separated by colons). A
//! scenario that a CLI is too old for is reported as ignored, with the version that it needs. No CLI
//! at all is a failure.

mod cli;
mod run;
mod scenarios;
mod secrets;
mod workspace;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::cli::Cli;
use crate::scenarios::Scenario;
use crate::workspace::Workspace;

/// What happened under one CLI.
#[derive(Default)]
struct Tally {
    passed: AtomicUsize,
    failed: AtomicUsize,
    skipped: AtomicUsize,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let clis = cli::found();
    let mut tallies = Vec::new();
    let mut trials = Vec::new();
    for cli in &clis {
        let tally = Arc::new(Tally::default());
        for scenario in scenarios::all() {
            trials.push(trial(cli.clone(), scenario, Arc::clone(&tally)));
        }
        tallies.push((cli.clone(), tally));
    }
    if clis.is_empty() {
        trials.push(Trial::test("a CLI is found", || {
            Err(Failed::from(
                "neither terraform nor tofu is on PATH or in target/cli, and TF_CLIS names none: \
                 run tests/cli.sh",
            ))
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        let report = report(&tallies);
        print!("{report}");
        let path = workspace::target_dir().join("acceptance.txt");
        if let Err(cause) = std::fs::write(&path, report) {
            eprintln!("cannot write {}: {cause}", path.display());
            return ExitCode::FAILURE;
        }
    }
    conclusion.exit_code()
}

/// One scenario under one CLI.
fn trial(cli: Cli, scenario: &'static Scenario, tally: Arc<Tally>) -> Trial {
    let name = format!("{cli} :: {}", scenario.name);
    Trial::ignorable_test(name, move || {
        if let Some(reason) = cli.too_old_for(scenario.needs) {
            tally.skipped.fetch_add(1, Ordering::Relaxed);
            return Ok(Completion::ignored_with(reason));
        }
        // Counted as failed until it has come through: a panic leaves it so.
        tally.failed.fetch_add(1, Ordering::Relaxed);
        (scenario.run)(&Workspace::new(&cli));
        tally.failed.fetch_sub(1, Ordering::Relaxed);
        tally.passed.fetch_add(1, Ordering::Relaxed);
        Ok(Completion::Completed)
    })
}

/// How many scenarios ran under which CLI, and how many were skipped for want of which version.
fn report(tallies: &[(Cli, Arc<Tally>)]) -> String {
    let mut report = String::from("Acceptance tests\n");
    for (cli, tally) in tallies {
        let passed = tally.passed.load(Ordering::Relaxed);
        let failed = tally.failed.load(Ordering::Relaxed);
        let skipped = tally.skipped.load(Ordering::Relaxed);
        let _ = writeln!(
            report,
            "  {cli} ({}): {} ran, {passed} passed, {failed} failed, {skipped} skipped",
            cli.path().display(),
            passed + failed,
        );
        if skipped > 0 {
            let mut reasons = BTreeMap::<String, Vec<&str>>::new();
            for scenario in scenarios::all() {
                if let Some(reason) = cli.too_old_for(scenario.needs) {
                    reasons.entry(reason).or_default().push(scenario.name);
                }
            }
            for (reason, names) in reasons {
                let _ = writeln!(report, "    skipped, {reason}: {}", names.join(", "));
            }
        }
    }
    if tallies.is_empty() {
        report.push_str("  no CLI was found, so none ran\n");
    }
    report
}
