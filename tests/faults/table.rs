//! The table of what came of each fault on each operation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use crate::combination::{Outcome, Times};
use crate::operations::Operation;

/// What came of the combinations so far.
#[derive(Default)]
pub(crate) struct Table(Mutex<BTreeMap<(usize, Operation, Times), Cell>>);

#[derive(Debug, Clone)]
struct Cell {
    fault: String,
    outcome: Outcome,
}

impl Table {
    /// Notes what came of one. `order` is the fault's place.
    pub(crate) fn note(
        &self,
        order: usize,
        fault: &str,
        operation: Operation,
        times: Times,
        outcome: Outcome,
    ) {
        let cell = Cell {
            fault: fault.to_owned(),
            outcome,
        };
        self.lock().insert((order, operation, times), cell);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(usize, Operation, Times), Cell>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many combinations came to an outcome.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// What came of a fault that strikes so often, for each operation.
    pub(crate) fn rows(&self, times: Times) -> Vec<(String, BTreeMap<Operation, Outcome>)> {
        let mut rows = BTreeMap::<usize, (String, BTreeMap<Operation, Outcome>)>::new();
        for ((order, operation, of), cell) in self.lock().iter() {
            if *of == times {
                let (_, row) = rows
                    .entry(*order)
                    .or_insert_with(|| (cell.fault.clone(), BTreeMap::new()));
                row.insert(*operation, cell.outcome);
            }
        }
        rows.into_values().collect()
    }

    /// The whole of it, with counts.
    pub(crate) fn print(&self) -> String {
        let cells = self.lock();
        let faults: BTreeMap<usize, String> = cells
            .iter()
            .map(|((order, _, _), cell)| (*order, cell.fault.clone()))
            .collect();
        let mut text = String::new();
        for (times, title) in [
            (Times::Always, "Every call is struck"),
            (Times::Once, "The first call is struck"),
        ] {
            let _ = writeln!(text, "{title}");
            let _ = write!(text, "{:34}", "fault");
            for operation in Operation::ALL {
                let _ = write!(text, "{:12}", operation.name());
            }
            text.push('\n');
            for (order, fault) in &faults {
                let _ = write!(text, "{fault:34}");
                for operation in Operation::ALL {
                    let word = cells
                        .get(&(*order, operation, times))
                        .map_or("-".to_owned(), |cell| cell.outcome.to_string());
                    let _ = write!(text, "{word:12}");
                }
                text.push('\n');
            }
            text.push('\n');
        }
        let mut counts = BTreeMap::<Outcome, usize>::new();
        for cell in cells.values() {
            *counts.entry(cell.outcome).or_default() += 1;
        }
        let counts: Vec<String> = counts
            .iter()
            .map(|(outcome, count)| format!("{count} {outcome}"))
            .collect();
        let operations: BTreeSet<_> = cells.keys().map(|(_, operation, _)| *operation).collect();
        let _ = writeln!(
            text,
            "{} combinations of {} faults and {} operations, each with a permanent fault and a transient one: {}.\nIn none was a webhook lost or doubled, a secret shown, or the next apply unable to put things right.",
            cells.len(),
            faults.len(),
            operations.len(),
            counts.join(", "),
        );
        text
    }
}
