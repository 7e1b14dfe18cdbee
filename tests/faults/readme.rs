//! The tables of the guide "Error handling", made from what came of the combinations: operations side by side that
//! behave alike, faults in one line that come to the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::combination::{Outcome, Times};
use crate::operations::Operation;
use crate::table::Table;

const GUIDE: &str = "docs/guides/error-handling.md";
const BEGIN: &str =
    "<!-- faults: this block is written by WRITE_DOCS=1 cargo test --test faults -->\n";
const END: &str = "<!-- faults: end -->";

/// A column, and the operations in it.
const COLUMNS: [(&str, &[Operation]); 6] = [
    ("create", &[Operation::Create, Operation::Replace]),
    ("update", &[Operation::Update]),
    ("update with a key", &[Operation::Rotate]),
    ("delete", &[Operation::Delete]),
    (
        "refresh, import, look-ups",
        &[
            Operation::Refresh,
            Operation::Import,
            Operation::Webhook,
            Operation::Webhooks,
            Operation::Query,
            Operation::Deliveries,
            Operation::CurrentUser,
        ],
    ),
    (
        "test delivery",
        &[
            Operation::TestUrl,
            Operation::TestId,
            Operation::TestAction,
            Operation::TestEphemeral,
        ],
    ),
];

/// Compares the guide with the table; with `WRITE_DOCS` in the environment it is written.
pub(crate) fn compare(table: &Table) -> Result<(), String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(GUIDE);
    let guide =
        fs::read_to_string(&path).map_err(|cause| format!("{GUIDE} cannot be read: {cause}"))?;
    let (before, rest) = guide
        .split_once(BEGIN)
        .ok_or_else(|| format!("{GUIDE} has no line {BEGIN}"))?;
    let (there, after) = rest
        .split_once(END)
        .ok_or_else(|| format!("{GUIDE} has no {END}"))?;
    let made = block(table);
    if made == there {
        return Ok(());
    }
    if std::env::var_os("WRITE_DOCS").is_some() {
        return fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}"))
            .map_err(|cause| format!("{GUIDE} cannot be written: {cause}"));
    }
    Err(format!(
        "{GUIDE} does not say what the faults came to. WRITE_DOCS=1 cargo test --test faults writes this:\n{made}"
    ))
}

fn block(table: &Table) -> String {
    let mut text = String::new();
    for (times, title) in [
        (Times::Once, "When it happens once (a transient fault):"),
        (
            Times::Always,
            "When it happens at every attempt (a permanent fault):",
        ),
    ] {
        let _ = writeln!(text, "\n{title}\n");
        let _ = write!(text, "| what happens |");
        for (name, _) in COLUMNS {
            let _ = write!(text, " {name} |");
        }
        let _ = writeln!(text, "\n|{}", " --- |".repeat(COLUMNS.len() + 1));
        for (faults, cells) in grouped(table.rows(times)) {
            let _ = writeln!(text, "| {} | {} |", faults.join("; "), cells.join(" | "));
        }
    }
    text.push('\n');
    text
}

/// Faults with the same cells in one line, in the order of the first of them.
fn grouped(rows: Vec<(String, BTreeMap<Operation, Outcome>)>) -> Vec<(Vec<String>, Vec<String>)> {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (fault, outcomes) in rows {
        let cells: Vec<String> = COLUMNS
            .iter()
            .map(|(_, operations)| cell(&outcomes, operations))
            .collect();
        match groups.iter_mut().find(|(_, known)| *known == cells) {
            Some((faults, _)) => faults.push(fault),
            None => groups.push((vec![fault], cells)),
        }
    }
    groups
}

/// The outcomes of the operations of one column, each once.
fn cell(outcomes: &BTreeMap<Operation, Outcome>, operations: &[Operation]) -> String {
    let mut found: Vec<String> = operations
        .iter()
        .filter_map(|operation| outcomes.get(operation))
        .map(ToString::to_string)
        .collect();
    found.sort();
    found.dedup();
    found.join(" or ")
}
