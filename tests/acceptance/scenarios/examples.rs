//! Every file of `examples/` is valid, says the real CLI, and formatted as it formats.

use std::fs;
use std::path::{Path, PathBuf};

use super::BLOCKS;
use crate::cli::Needs;
use crate::workspace::{Workspace, unwrapped};

scenarios! {
    BLOCKS => [examples_are_valid, examples_can_be_applied],
    Needs::ANY => [examples_are_formatted],
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The folders of `examples/` that hold a configuration, and the names of its files.
fn configurations() -> Vec<(PathBuf, Vec<String>)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<String>)>) {
        let mut files = Vec::new();
        let mut entries: Vec<_> = fs::read_dir(folder)
            .expect("examples can be listed")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "tf") {
                files.push(
                    path.file_name()
                        .expect("a file has a name")
                        .to_string_lossy()
                        .into_owned(),
                );
            }
        }
        if !files.is_empty() {
            found.push((folder.to_owned(), files));
        }
    }
    let mut found = Vec::new();
    walk(&folder(), &mut found);
    found
}

/// Lays one example into the workspace, in place of the last one.
fn lay(w: &Workspace, (folder, files): &(PathBuf, Vec<String>)) {
    for old in fs::read_dir(w.folder())
        .expect("the folder can be listed")
        .flatten()
    {
        if old
            .path()
            .extension()
            .is_some_and(|extension| extension == "tf")
        {
            fs::remove_file(old.path()).expect("a file can be removed");
        }
    }
    let mut required = false;
    for file in files {
        let text = fs::read_to_string(folder.join(file)).expect("an example can be read");
        required |= text.contains("required_providers");
        w.write(file, &text);
    }
    if !required {
        w.write("versions.tf", crate::workspace::REQUIRED);
    }
}

fn examples_are_valid(w: &Workspace) {
    let all = configurations();
    assert!(all.len() >= 3, "{all:?}");
    for example in &all {
        lay(w, example);
        let text = unwrapped(&w.ok(&["validate", "-no-color"]).text);
        assert!(
            text.contains("The configuration is valid"),
            "{}: {text}",
            example.0.display()
        );
    }
}

/// The resource's example, in its whole life but for the import of what is not there.
fn examples_can_be_applied(w: &Workspace) {
    w.key("k3y-of-an-example");
    let (folder, files) = configurations()
        .into_iter()
        .find(|(folder, _)| folder.ends_with("resources/immuta_webhook"))
        .expect("the resource has an example");
    lay(
        w,
        &(
            folder,
            files
                .into_iter()
                .filter(|file| file != "import.tf")
                .collect(),
        ),
    );
    w.apply();
    assert_eq!(w.api.webhooks().len(), 2);
    w.no_changes();
    w.destroy();
}

fn examples_are_formatted(w: &Workspace) {
    let folder = folder();
    w.ok(&[
        "fmt",
        "-check",
        "-recursive",
        "-no-color",
        &folder.display().to_string(),
    ]);
}
