//! Random sequences of changes, faults and kills, with the real CLIs against the simulator: after
//! every step nothing is lost or shown, and in the end everything is as it is configured.
//!
//! `SEEDS=200` runs the seeds 1 to 200 (without it a few), `SEEDS=17-17` that one alone; `STEPS` says
//! how long each is. A seed that fails is printed with its shortest prefix that fails.

mod model;
mod run;
mod steps;

use std::env;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use libtest_mimic::Arguments;
use terraform_cli::{Board, Case, Cli, Needs, built::target_dir};

use crate::run::COUNTS;

/// Write-only attributes and ephemeral variables.
const WRITE_ONLY: Needs = Needs::versions((1, 11), (1, 11));
/// `moved` blocks.
const LEAST: Needs = Needs::versions((1, 1), (1, 6));

/// The first and the last number that a variable gives; the first is 1 where it gives one.
fn numbers(name: &str, default: u64) -> (u64, u64) {
    let value = env::var(name).unwrap_or_default();
    let number = |text: &str| {
        let number = text.parse();
        number.unwrap_or_else(|_| panic!("{name} is to be N or N-M, not {value:?}"))
    };
    match value.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None if value.is_empty() => (1, default),
        None => (1, number(&value)),
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let length = usize::try_from(numbers("STEPS", 10).1).expect("few steps");
    let (first, last) = numbers("SEEDS", 4);
    // Much of the time is spent waiting for what never comes.
    let threads = std::thread::available_parallelism().map_or(2, |n| 2 * n.get());
    arguments.test_threads.get_or_insert(threads);
    let cases = (first..=last).map(|seed| Case {
        name: format!("seed {seed}"),
        needs: LEAST,
        run: Box::new(move |w| try_seed(w.cli(), seed, length)),
    });
    let mut board = Board::new("Random sequences");
    let trials = board.trials(&Cli::found(), cases.collect());
    let code = board.run(&arguments, trials, &target_dir().join("torture.txt"));
    let count = |counter: &std::sync::atomic::AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "{} steps, {} commands, {} faults that struck, {} kills and signals",
        count(&COUNTS.steps),
        count(&COUNTS.commands),
        count(&COUNTS.faults),
        count(&COUNTS.interruptions),
    );
    code
}

/// Runs a seed. Where it fails, the shortest prefix that fails is looked for by halving.
fn try_seed(cli: &Cli, seed: u64, length: usize) {
    let write_only = cli.too_old_for(WRITE_ONLY).is_none();
    let sequence = steps::sequence(seed, length, write_only);
    let Err(mut violation) = run::run(cli, &sequence, length) else {
        return;
    };
    let (mut good, mut bad) = (0, violation.step.min(length));
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match run::run(cli, &sequence, middle) {
            Ok(()) => good = middle,
            Err(found) => (bad, violation) = (middle, found),
        }
    }
    let mut steps = format!("  {:?}\n", sequence.deployment);
    for (n, step) in sequence.steps.iter().take(bad).enumerate() {
        let _ = writeln!(steps, "  {}. {step}", n + 1);
    }
    panic!("SEEDS={seed}-{seed} STEPS={bad} fails, {violation}\nThe steps:\n{steps}");
}
