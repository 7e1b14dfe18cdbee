//! What goes wrong, tried: every fault on every operation, and scenarios that no table holds.
//!
//! Prints the table of outcomes. Everything goes through the built provider as core would call it,
//! against the simulator, over real sockets.

mod combination;
mod kinds;
mod operations;
mod readme;
mod rig;
mod scenarios;
mod secrets;
mod table;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::combination::Times;
use crate::operations::Operation;
use crate::table::Table;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of the time is spent waiting for what never comes.
    arguments.test_threads.get_or_insert(40);
    // The table tells more than a thousand lines.
    arguments.quiet |= arguments.format.is_none();
    let table = Arc::new(Table::default());
    let mut trials = combinations(&table);
    let combinations = trials.len();
    trials.extend(scenarios::all());
    let conclusion = libtest_mimic::run(&arguments, trials);
    let processes = rig::end_idle_processes();
    if arguments.list || table.len() == 0 {
        return conclusion.exit_code();
    }
    let report = table.print();
    println!("{report}\n{processes} provider processes served them.");
    let noted = std::fs::write(rig::target_dir().join("faults.txt"), report)
        .map_err(|cause| format!("target/faults.txt cannot be written: {cause}"));
    let same = if table.len() == combinations {
        readme::compare(&table)
    } else {
        println!(
            "The guide is compared only where all of the {combinations} combinations came to an outcome."
        );
        Ok(())
    };
    match noted.and(same) {
        Ok(()) => conclusion.exit_code(),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// A trial for each, the longest first.
fn combinations(table: &Arc<Table>) -> Vec<Trial> {
    let mut faults: Vec<_> = kinds::all().into_iter().enumerate().collect();
    faults.sort_by_key(|(_, fault)| !fault.times_out());
    let mut trials = Vec::new();
    for (order, fault) in faults {
        for operation in Operation::ALL {
            for times in [Times::Always, Times::Once] {
                let fault = match operation.asks_for_many() {
                    true => fault.clone(),
                    false => fault.clone().for_one_webhook(),
                };
                let table = Arc::clone(table);
                let name = format!("{} :: {} :: {times:?}", fault.name, operation.name());
                trials.push(Trial::test(name, move || {
                    let outcome = combination::try_it(&fault, operation, times);
                    table.note(order, &fault.name, operation, times, outcome);
                    Ok(())
                }));
            }
        }
    }
    trials
}
