//! Every file of `examples/` is valid, says the real CLI, and formatted as it formats.

use std::fs;
use std::path::{Path, PathBuf};

use terraform_cli::{KEY, Needs, REQUIRED, Workspace, unwrapped};

use super::{BLOCKS, EPHEMERAL, FUNCTIONS, IDENTITY, QUERY_AND_ACTIONS, WRITE_ONLY};

scenarios! {
    Needs::ANY => [examples_are_valid, examples_are_formatted, the_resource_example_is_applied],
    BLOCKS => [examples_with_blocks_are_valid, the_readme_is_valid],
    FUNCTIONS => [examples_of_functions_are_valid],
    EPHEMERAL => [examples_of_ephemerals_are_valid],
    WRITE_ONLY => [examples_of_write_only_keys_are_valid],
    IDENTITY => [examples_of_identity_are_valid],
    QUERY_AND_ACTIONS => [examples_of_queries_and_actions_are_valid],
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Every file with HCL below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("examples can be listed")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "tf" || extension == "hcl")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whether a file is of a module or of a whole configuration or a test, which the tests of the
/// documentation run.
fn is_of_a_whole(file: &Path) -> bool {
    if file.to_string_lossy().ends_with(".tftest.hcl") {
        return true;
    }
    let wholes = ["modules", "complete"].map(|name| folder().join(name));
    wholes.iter().any(|whole| file.starts_with(whole))
}

/// What a CLI must be able to do for an example. Whatever is not named here must be valid under all.
fn needs(file: &Path) -> Needs {
    let place = file
        .strip_prefix(folder())
        .expect("an example lies in examples/")
        .to_string_lossy()
        .into_owned();
    let named = [
        ("data-sources/immuta_current_user/", BLOCKS),
        ("data-sources/immuta_webhook_test/", BLOCKS),
        ("resources/immuta_webhook/import-by-string-id.tf", BLOCKS),
        ("resources/immuta_webhook/import-by-identity.tf", IDENTITY),
        (
            "resources/immuta_webhook/resource_write_only.tf",
            WRITE_ONLY,
        ),
        ("functions/", FUNCTIONS),
        ("ephemeral-resources/", EPHEMERAL),
        ("list-resources/", QUERY_AND_ACTIONS),
        ("actions/", QUERY_AND_ACTIONS),
    ];
    named
        .iter()
        .find(|(start, _)| place.starts_with(start))
        .map_or(Needs::ANY, |(_, needs)| *needs)
}

/// Lays one example into the workspace in place of the last one, with what it refers to.
fn lay(w: &Workspace, file: &Path) {
    for old in files(&w.folder()) {
        fs::remove_file(old).expect("a file can be removed");
    }
    let mut laid = vec![file.to_owned()];
    let name = file
        .file_name()
        .expect("a file has a name")
        .to_string_lossy();
    if name.starts_with("import") {
        laid.push(file.with_file_name("resource.tf"));
    }
    if name.ends_with(".tfquery.hcl") {
        w.config("provider \"immuta\" {}\n");
    }
    let mut required = false;
    for file in laid {
        let text = fs::read_to_string(&file).expect("an example can be read");
        required |= text.contains("required_providers");
        w.write(
            &file
                .file_name()
                .expect("a file has a name")
                .to_string_lossy(),
            &text,
        );
    }
    if !required {
        w.write("versions.tf", REQUIRED);
    }
}

/// The examples that need exactly this are valid.
fn valid(w: &Workspace, group: Needs) {
    let of_group: Vec<_> = files(&folder())
        .into_iter()
        .filter(|file| !is_of_a_whole(file) && needs(file) == group)
        .collect();
    assert!(!of_group.is_empty(), "there is no example for {group:?}");
    for file in of_group {
        lay(w, &file);
        let is_query = file.to_string_lossy().ends_with(".tfquery.hcl");
        let arguments: &[&str] = if is_query {
            &["validate", "-no-color", "-query"]
        } else {
            &["validate", "-no-color"]
        };
        let text = unwrapped(&w.ok(arguments).text);
        assert!(
            text.contains("The configuration is valid"),
            "{}: {text}",
            file.display()
        );
    }
}

fn examples_are_valid(w: &Workspace) {
    valid(w, Needs::ANY);
}

fn examples_with_blocks_are_valid(w: &Workspace) {
    valid(w, BLOCKS);
}

fn examples_of_functions_are_valid(w: &Workspace) {
    valid(w, FUNCTIONS);
}

fn examples_of_ephemerals_are_valid(w: &Workspace) {
    valid(w, EPHEMERAL);
}

fn examples_of_write_only_keys_are_valid(w: &Workspace) {
    valid(w, WRITE_ONLY);
}

fn examples_of_identity_are_valid(w: &Workspace) {
    valid(w, IDENTITY);
}

fn examples_of_queries_and_actions_are_valid(w: &Workspace) {
    valid(w, QUERY_AND_ACTIONS);
}

/// The configuration with which the README opens.
fn the_readme_is_valid(w: &Workspace) {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("the README can be read");
    let (_, after) = readme
        .split_once("```hcl\n")
        .expect("the README has HCL in it");
    let (block, _) = after.split_once("```").expect("a block ends");
    w.write("versions.tf", "");
    w.config(block);
    w.ok(&["validate", "-no-color"]);
    w.ok(&["fmt", "-check", "-no-color", "main.tf"]);
}

fn the_resource_example_is_applied(w: &Workspace) {
    w.key(KEY);
    lay(w, &folder().join("resources/immuta_webhook/resource.tf"));
    w.apply();
    assert_eq!(w.api.webhooks().len(), 2);
    w.no_changes();
    w.destroy();
}

fn examples_are_formatted(w: &Workspace) {
    w.ok(&[
        "fmt",
        "-check",
        "-recursive",
        "-no-color",
        &folder().display().to_string(),
    ]);
}
