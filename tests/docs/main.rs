//! Tests of what people read: `docs/`, the README, and `examples/`.
//!
//! - the pages that describe the provider are those that its schema gives (`make docs` writes them);
//! - `docs/` keeps the registry's rules, no link leads nowhere, every message has an entry in the guide;
//! - every block of HCL is valid, and every whole example works, under each CLI that is new enough, as
//!   the acceptance tests find them; what a CLI is too old for is counted with the version it needs;
//! - every shell block of the README is run, but those marked as illustrations, which are listed;
//! - every receiver of `examples/receivers/` verifies real deliveries. One whose language is not on
//!   this machine is reported as ignored, by name.

mod blocks;
mod commands;
mod examples;
mod generate;
mod hcl;
mod readme;
mod receivers;
mod registry;
mod shell;
mod summaries;
mod up_to_date;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use libtest_mimic::{Arguments, Trial};
use terraform_cli::{Board, Cli, built::target_dir};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut board = Board::new("Tests of the documentation");
    let mut cases = hcl::cases();
    cases.extend(examples::cases());
    cases.extend(readme::cases());
    let mut trials = board.trials(&Cli::found(), cases);
    let plain: [(&str, fn()); 12] = [
        ("what HCL needs is read", hcl::needs_are_read),
        ("pages are those of the schema", up_to_date::pages),
        ("docs keep the registry's rules", registry::rules),
        ("links lead somewhere", registry::links),
        ("make targets are there", commands::targets_are_there),
        ("paths lead somewhere", commands::paths_lead_somewhere),
        ("every message is explained", summaries::all_explained),
        ("shell blocks can be read", shell::blocks_parse),
        (
            "every shell block of the README is run",
            readme::every_shell_block_is_run,
        ),
        (
            "the picture shows the README's text",
            readme::the_picture_shows_the_text,
        ),
        ("the guide shows the receivers", receivers::are_in_the_guide),
        (
            "the minimal provider is short",
            examples::minimal_provider_is_short,
        ),
    ];
    trials.extend(plain.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    }));
    trials.extend(receivers::trials());
    board.run(&arguments, trials, &target_dir().join("docs.txt"))
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page that people read, by its path below the root: `docs/`, the README, and those of the
/// examples.
pub(crate) fn documented() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    for folder in ["docs", "examples"] {
        pages_below(&repository().join(folder), &mut pages);
    }
    pages.sort();
    pages
}

fn pages_below(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            pages_below(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let below = path
                .strip_prefix(repository())
                .expect("a page lies below the root");
            pages.push(below.to_owned());
        }
    }
}
