//! Acceptance tests: HCL, a real Terraform or OpenTofu, the built provider, and the simulator.
//!
//! Every scenario runs under every CLI that is found: `terraform` and `tofu` on `PATH`, whatever
//! `tests/cli.sh` has put into `target/cli/`, and each path in `TF_CLIS` (separated by colons). A
//! scenario that a CLI is too old for is reported as ignored, with the version that it needs. No CLI
//! at all is a failure.

mod scenarios;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use terraform_cli::{Board, Case, Cli, built::target_dir};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = scenarios::all().map(|scenario| Case {
        name: scenario.name.to_owned(),
        needs: scenario.needs,
        run: Box::new(scenario.run),
    });
    let mut board = Board::new("Acceptance tests");
    let trials = board.trials(&Cli::found(), cases.collect());
    let report = target_dir().join("acceptance.txt");
    board.run(&arguments, trials, &report)
}
