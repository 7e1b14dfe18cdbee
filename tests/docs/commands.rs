//! What the pages for developers name is there: targets of the GNUmakefile, files, folders.

use std::{collections::BTreeSet, fs};

use pulldown_cmark::{Event, Parser};

use crate::{documented, repository};

/// The rooms, which pages name without `src/`, and the folders at the root.
const ROOMS: [&str; 5] = [
    "plugin/",
    "tfplugin/",
    "immuta/",
    "provider/",
    "data_sources/",
];
const FOLDERS: [&str; 6] = ["src/", "tests/", "docs/", "examples/", "benches/", "fuzz/"];

/// What stands in backticks on each page, and on which.
fn words() -> Vec<(String, String)> {
    let pages = documented();
    let mut words = Vec::new();
    for page in pages {
        let text = fs::read_to_string(repository().join(&page)).expect("a page can be read");
        let codes = Parser::new(&text).filter_map(|event| match event {
            Event::Code(code) => Some((page.display().to_string(), code.to_string())),
            _ => None,
        });
        words.extend(codes);
    }
    words
}

/// `make x` names a target, and the page for contributors names every target.
pub(crate) fn targets_are_there() {
    let makefile = fs::read_to_string(repository().join("GNUmakefile"));
    let makefile = makefile.expect("there is a GNUmakefile");
    let listed = makefile
        .lines()
        .find_map(|line| line.strip_prefix(".PHONY:"));
    let targets: BTreeSet<_> = listed.unwrap_or_default().split_whitespace().collect();
    assert!(targets.len() > 5, "{targets:?}");
    let words = words();
    let named: Vec<_> = words
        .iter()
        .filter_map(|(page, word)| Some((page, word.strip_prefix("make ")?)))
        .collect();
    for (page, target) in &named {
        assert!(
            targets.contains(target),
            "{page}: there is no make {target}"
        );
    }
    for target in &targets {
        let told = named
            .iter()
            .any(|(page, named)| *page == "CONTRIBUTING.md" && named == target);
        // `make` alone builds.
        assert!(
            told || *target == "build",
            "CONTRIBUTING.md: no make {target}"
        );
    }
}

/// A path names something that is there.
pub(crate) fn paths_lead_somewhere() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (page, word) in words() {
        // Not `examples/data-sources/immuta_NAME/…`, nor a call like `provider::immuta::endpoint`.
        let is_path = |character: char| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || "/_-.".contains(character)
        };
        let is_address = word == "immuta/immuta";
        if is_address || !word.chars().all(is_path) {
            continue;
        }
        let starts = |folders: &[&str]| folders.iter().any(|folder| word.starts_with(folder));
        let path = if starts(&FOLDERS) {
            repository().join(&word)
        } else if page == "CONTRIBUTING.md" && starts(&["data_sources/"]) {
            repository().join("src/provider").join(&word)
        } else if page == "CONTRIBUTING.md" && starts(&ROOMS) {
            repository().join("src").join(&word)
        } else {
            continue;
        };
        seen += 1;
        if !path.exists() {
            wrong.push(format!("{page}: {word}"));
        }
    }
    assert!(seen > 15, "only {seen} paths were found");
    assert!(wrong.is_empty(), "not there: {wrong:#?}");
}
