//! The troubleshooting guide explains every message that the provider can print.

use std::{collections::BTreeSet, fs, path::Path};

use crate::repository;

/// What makes a message, and is followed by its summary.
const MAKERS: [&str; 4] = [
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "Self::error(",
    "diagnostic::from_api_error(",
];

/// Each summary in `src/` is a heading of the guide, and each heading of level 3 is one of them.
pub(crate) fn all_explained() {
    let printed = printed();
    assert!(
        printed.len() > 30,
        "only {} summaries were found: does the scan still understand the sources?",
        printed.len()
    );
    let guide = fs::read_to_string(repository().join("docs/guides/troubleshooting.md"))
        .expect("there is a troubleshooting guide");
    // What follows is about what others print.
    let (guide, _) = guide
        .split_once("\n## Problems without a message of the provider\n")
        .expect("the guide has that section");
    let explained: BTreeSet<_> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|heading| heading.replace(['`'], ""))
        .collect();
    let missing: Vec<_> = printed
        .iter()
        .filter(|summary| !explained.iter().any(|heading| fits(summary, heading)))
        .collect();
    let idle: Vec<_> = explained
        .iter()
        .filter(|heading| !printed.iter().any(|summary| fits(summary, heading)))
        .collect();
    assert!(
        missing.is_empty() && idle.is_empty(),
        "not in the guide: {missing:#?}; never printed: {idle:#?}"
    );
}

/// Whether a heading is about a summary. What the source fills in (`{name}`) the guide writes as
/// capitals (`NAME`).
fn fits(summary: &str, heading: &str) -> bool {
    let as_heading: String = summary
        .split('{')
        .enumerate()
        .map(|(position, part)| match (position, part.split_once('}')) {
            (0, _) | (_, None) => part.to_owned(),
            // What has no name is a webhook's id.
            (_, Some(("", rest))) => format!("ID{rest}"),
            (_, Some((name, rest))) => name.to_uppercase() + rest,
        })
        .collect();
    as_heading == heading
}

/// The summaries in the sources, but those of tests.
fn printed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_source(&repository().join("src"), &mut |path, source| {
        let source = source
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or_default();
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let source: String = code.map(|line| format!("{line}\n")).collect();
        for maker in MAKERS {
            for (position, _) in source.match_indices(maker) {
                let arguments = &source[position + maker.len()..];
                match literal(arguments) {
                    Some(summary) => {
                        found.insert(summary);
                    }
                    None => assert!(
                        passes_one_on(arguments),
                        "{}: a summary that this test cannot read: {}",
                        path.display(),
                        arguments.lines().take(3).collect::<Vec<_>>().join(" ")
                    ),
                }
            }
        }
    });
    found
}

/// Calls that hand a summary on, which was made elsewhere.
fn passes_one_on(arguments: &str) -> bool {
    let first = arguments.trim_start();
    first.starts_with("summary,")
        || first.starts_with("summary: ")
        || first.starts_with("failure.summary,")
}

/// The first argument, if it is a string or a `format!` of one.
fn literal(arguments: &str) -> Option<String> {
    let first = arguments.trim_start();
    let first = first.strip_prefix("format!(").unwrap_or(first);
    let text = first.trim_start().strip_prefix('"')?;
    Some(text[..text.find('"')?].to_owned())
}

fn each_source(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("sources can be listed") {
        let path = entry.expect("sources can be listed").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name == "tests") {
                continue;
            }
            each_source(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.to_string_lossy().ends_with("tests.rs")
        {
            visit(
                &path,
                &fs::read_to_string(&path).expect("a source can be read"),
            );
        }
    }
}
