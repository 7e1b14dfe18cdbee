//! What goes wrong, tried: every fault on every operation, and scenarios that no table holds.
//!
//! Prints the table of outcomes. Everything goes through the built provider as core would call it,
//! against the simulator, over real sockets.

mod combination;
mod kinds;
mod operations;
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
    arguments.test_threads.get_or_insert(24);
    let table = Arc::new(Table::default());
    let mut trials = combinations(&table);
    trials.extend(scenarios::all());
    let conclusion = libtest_mimic::run(&arguments, trials);
    let processes = rig::end_idle_processes();
    if !arguments.list && table.len() > 0 {
        println!(
            "{}\n{processes} provider processes served them.\n",
            table.print()
        );
    }
    conclusion.exit_code()
}

/// A trial for each, the longest first.
fn combinations(table: &Arc<Table>) -> Vec<Trial> {
    let mut faults: Vec<_> = kinds::all().into_iter().enumerate().collect();
    faults.sort_by_key(|(_, fault)| !fault.outlasts_patience());
    let mut trials = Vec::new();
    for (order, fault) in faults {
        for operation in Operation::ALL {
            for times in [Times::Always, Times::Once] {
                let (fault, table) = (fault.clone(), Arc::clone(table));
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
