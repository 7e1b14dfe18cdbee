//! Random sequences of changes, faults and kills, with the real CLIs against the simulator: after
//! every step nothing is lost or shown, and in the end everything is as it is configured.
//!
//! `SEEDS=200` runs the seeds 1 to 200 (without it a few), `SEED=17` that one alone; `STEPS` says how
//! long each is. A seed that fails is printed with its shortest prefix that fails.

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

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok().filter(|value| !value.is_empty())?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is to be a number, not {value:?}")))
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let length = number("STEPS").map_or(10, |n| usize::try_from(n).expect("few steps"));
    let seeds: Vec<u64> = match number("SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("SEEDS").unwrap_or(4)).collect(),
    };
    // Much of the time is spent waiting for what never comes.
    let threads = std::thread::available_parallelism().map_or(2, |n| 2 * n.get());
    arguments.test_threads.get_or_insert(threads);
    let cases = seeds.into_iter().map(|seed| Case {
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
    panic!("SEED={seed} STEPS={bad} fails, {violation}\nThe steps:\n{steps}");
}
