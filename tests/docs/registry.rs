//! What the registries ask of `docs/`: folders, file names, sizes, front matter; and that links work on
//! GitHub and in the registries: each leads to a page by its file's name, and none leads out of `docs/`.

use std::{collections::BTreeSet, fs, path::Path};

use pulldown_cmark::{Event, Parser, Tag};

use crate::{documented, generate, repository};

/// The registry refuses larger pages.
const MAX_BYTES: usize = 500_000;
/// The registry refuses more pages.
const MAX_PAGES: usize = 2_000;

/// Folders, names, sizes and front matter.
pub(crate) fn rules() {
    let pages: Vec<_> = documented()
        .into_iter()
        .filter(|page| page.starts_with("docs"))
        .collect();
    assert!(pages.len() <= MAX_PAGES, "{} pages", pages.len());
    let mut wrong = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(repository().join(page)).expect("a page can be read");
        wrong.extend(
            faults(page, &text)
                .into_iter()
                .map(|fault| format!("{}: {fault}", page.display())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn faults(page: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let folder = page.parent().and_then(Path::file_name).unwrap_or_default();
    let folder = folder.to_string_lossy();
    let known = ["docs", "guides"].iter().chain(&generate::FOLDERS);
    if !known.clone().any(|known| *known == folder) {
        found.push(format!("the registry knows no folder {folder}"));
    }
    let name = page.file_name().unwrap_or_default().to_string_lossy();
    let plain = name.strip_suffix(".md").is_some_and(|stem| {
        stem.chars()
            .all(|character| character.is_ascii_lowercase() || matches!(character, '_' | '-'))
    });
    if !plain {
        found.push("the name must be of small letters and end with .md".to_owned());
    }
    if text.len() >= MAX_BYTES {
        found.push(format!("{} bytes are too many", text.len()));
    }
    let Some((front, _)) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
    else {
        found.push("there is no front matter".to_owned());
        return found;
    };
    let keys: BTreeSet<_> = front
        .lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, _)| key)
        .collect();
    let expected: &[&str] = match folder == "docs" {
        true => &["description", "page_title"],
        false => &["description", "page_title", "subcategory"],
    };
    if !keys.iter().eq(expected) {
        found.push(format!("the front matter has {keys:?}, not {expected:?}"));
    }
    found
}

/// A link within the documentation leads to a file that is there, and to a heading or anchor in it.
pub(crate) fn links() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in documented() {
        let text = fs::read_to_string(repository().join(&page)).expect("a page can be read");
        for event in Parser::new(&text) {
            let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event
            else {
                continue;
            };
            if dest_url.contains("://") || dest_url.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            if let Err(fault) = leads_somewhere(&page, &dest_url) {
                wrong.push(format!("{}: {dest_url} {fault}", page.display()));
            }
        }
    }
    assert!(seen > 100, "only {seen} links were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn leads_somewhere(page: &Path, link: &str) -> Result<(), &'static str> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => repository().join(page),
        file => repository().join(page).with_file_name(file),
    };
    let target = target.canonicalize().map_err(|_| "leads nowhere")?;
    let docs = repository().join("docs").canonicalize();
    if page.starts_with("docs") && !target.starts_with(docs.expect("there is docs/")) {
        return Err("leads out of docs/, which the registries do not have");
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(target).map_err(|_| "leads to no page")?;
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let mut anchors = headings.map(|line| slug(line.trim_start_matches('#').trim()));
    let there =
        text.contains(&format!("<a id=\"{anchor}\">")) || anchors.any(|known| known == anchor);
    there.then_some(()).ok_or("leads to no heading")
}

/// Wrong links are told from right ones.
pub(crate) fn links_are_checked() {
    let page = Path::new("docs/guides/getting-started.md");
    assert_eq!(leads_somewhere(page, "troubleshooting.md#the-log"), Ok(()));
    for wrong in [
        "troubleshooting",
        "../../README.md",
        "troubleshooting.md#no-such-heading",
    ] {
        assert!(leads_somewhere(page, wrong).is_err(), "{wrong}");
    }
}

/// The anchor that a heading gets.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    let is_part = |character: &char| character.is_alphanumeric() || matches!(character, '-' | '_');
    kept.chars().filter(is_part).collect()
}
