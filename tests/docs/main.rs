//! Tests of what people read: `docs/`, README and the other pages at the root, and `examples/`.
//!
//! - every block that a page prints is run as it is printed, under each CLI that is new enough, or says that it is an
//!   illustration, and why; the counts are printed;
//! - the pages that describe the provider are those that its schema gives (`make docs` writes them);
//! - `docs/` keeps the registry's rules, no link leads nowhere, every message has an entry in the guide;
//! - pages and descriptions use the field's words;
//! - every whole example works, as the acceptance tests find the CLIs; what a CLI is too old for is
//!   counted with the version it needs;
//! - every receiver of `examples/receivers/` verifies real deliveries. One whose language is not on
//!   this machine is reported as ignored, by name.

mod blocks;
mod commands;
mod conditions;
mod demo;
mod examples;
mod generate;
mod internet;
mod needs;
mod pages;
mod receivers;
mod registry;
mod summaries;
mod up_to_date;
mod words;
mod workflow;

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
    let mut cases = pages::cases();
    cases.extend(examples::cases());
    let mut trials = board.trials(&Cli::found(), cases);
    let plain: [(&str, fn()); 17] = [
        ("every block is run", pages::every_block_is_run),
        ("outputs are compared", pages::outputs_are_compared),
        ("what blocks need is read", needs::are_read),
        ("conditions are read", conditions::are_read),
        ("workflows are read", workflow::is_read),
        ("pages are those of the schema", up_to_date::pages),
        ("docs keep the registry's rules", registry::rules),
        ("links lead somewhere", registry::links),
        ("links are checked", registry::links_are_checked),
        ("make targets are there", commands::targets_are_there),
        ("paths lead somewhere", commands::paths_lead_somewhere),
        ("every message is explained", summaries::all_explained),
        ("words are those of the field", words::of_the_field),
        ("words are found", words::are_found),
        (
            "the picture shows the text",
            demo::the_picture_shows_the_text,
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

/// Every page that people read, by its path below the root: those at the root, `docs/`, and those of
/// the examples.
pub(crate) fn documented() -> Vec<PathBuf> {
    let root = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let mut pages = root.map(PathBuf::from).to_vec();
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
