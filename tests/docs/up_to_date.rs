//! The written pages are those that the provider's schema gives. With `WRITE_DOCS=1` they are written.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use crate::{generate, repository};

/// Compares, or writes.
pub(crate) fn pages() {
    let docs = repository().join("docs");
    let pages = generate::pages();
    let idle: Vec<_> = written()
        .into_iter()
        .filter(|page| !pages.contains_key(page))
        .collect();
    if env::var_os("WRITE_DOCS").is_some() {
        for page in idle {
            fs::remove_file(docs.join(page)).expect("a page can be removed");
        }
        for (page, text) in pages {
            let path = docs.join(page);
            fs::create_dir_all(path.parent().expect("a page lies in a folder"))
                .expect("a folder can be made");
            fs::write(path, text).expect("a page can be written");
        }
        return;
    }
    assert!(
        idle.is_empty(),
        "nothing is described by {idle:?}: make docs"
    );
    for (page, text) in pages {
        let found = fs::read_to_string(docs.join(&page)).unwrap_or_default();
        let differs = text
            .lines()
            .zip(found.lines().chain([""]))
            .find(|(expected, found)| expected != found);
        assert!(
            found == text,
            "docs/{} is out of date: make docs. The first line that differs is {differs:?}",
            page.display()
        );
    }
}

/// The pages that lie in the folders which are written here.
fn written() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for folder in generate::FOLDERS {
        let entries = fs::read_dir(repository().join("docs").join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            found.insert(PathBuf::from(folder).join(entry.file_name()));
        }
    }
    found
}
