//! The whole examples work: the resource's, the module and the complete configuration by their own
//! `.tftest.hcl` and in an apply, the minimal and the second provider under the CLI.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock, PoisonError},
};

use immuta_simulator::Receiver;
use terraform_cli::{
    Case, Needs, Workspace,
    built::{provider, target_dir},
    run, unwrapped,
};

use crate::{
    blocks::{self, Kind},
    repository,
};

/// Write-only attributes, which the examples need.
const WRITE_ONLY: Needs = Needs::versions((1, 11), (1, 11));

/// The simulator's package, and its program.
pub(crate) const SIMULATOR: &str = "immuta-simulator";

/// A case for each.
pub(crate) fn cases() -> Vec<Case> {
    let case = |name: &str, needs: Needs, run: fn(&Workspace)| Case {
        name: name.to_owned(),
        needs,
        run: Box::new(run),
    };
    let ephemeral = Needs::versions((1, 10), (1, 11));
    let functions = Needs::versions((1, 8), (1, 7));
    let tests = Needs::versions((1, 6), (1, 6));
    let mocks = Needs::versions((1, 7), (1, 8));
    vec![
        case("HCL is formatted", Needs::ANY, hcl_is_formatted),
        case("minimal provider", ephemeral, minimal_provider),
        case("second provider", functions, second_provider),
        case("resource: terraform test, mocked", mocks, resource_mocked),
        case("resource: terraform test, real", tests, resource_real),
        case("module: terraform test, mocked", WRITE_ONLY, module_mocked),
        case("module: terraform test, real", WRITE_ONLY, module_real),
        case("complete: terraform test", WRITE_ONLY, complete_tested),
        case("complete: a key rotates", WRITE_ONLY, a_key_rotates),
    ]
}

/// Every example, and every block of a page, as the CLI formats it.
fn hcl_is_formatted(w: &Workspace) {
    copy(&repository().join("examples"), &w.folder().join("examples"));
    let mut seen = 0;
    for block in blocks::all() {
        if block.kind() == Kind::Hcl && !block.text.contains("provider_installation") {
            seen += 1;
            w.write(
                &format!("pages/{}.tf", block.place.replace(['/', ':'], "_")),
                &block.text,
            );
        }
    }
    assert!(seen > 50, "only {seen} blocks of HCL were found");
    w.ok(&["fmt", "-check", "-diff", "-recursive", "-no-color"]);
}

/// The resource's example with its tests; the other files beside it are examples of their own.
fn lay_resource(w: &Workspace) {
    let folder = "resources/immuta_webhook";
    lay(&format!("{folder}/tests"), "tests/", w);
    let example = repository()
        .join("examples")
        .join(folder)
        .join("resource.tf");
    w.config(&fs::read_to_string(example).expect("an example can be read"));
    w.write("versions.tf", "");
}

fn resource_mocked(w: &Workspace) {
    lay_resource(w);
    w.unset("IMMUTA_ENDPOINT");
    w.unset("IMMUTA_TOKEN");
    passes(w, "mocked", 2);
}

fn resource_real(w: &Workspace) {
    lay_resource(w);
    passes(w, "real", 2);
    assert_eq!(w.api.count(), 0, "a test destroys what it made");
}

fn module_mocked(w: &Workspace) {
    lay("modules/webhooks", "", w);
    w.unset("IMMUTA_ENDPOINT");
    w.unset("IMMUTA_TOKEN");
    passes(w, "mocked", 6);
}

fn module_real(w: &Workspace) {
    lay("modules/webhooks", "", w);
    passes(w, "real", 3);
    assert_eq!(w.api.count(), 0, "a test destroys what it made");
}

fn complete_tested(w: &Workspace) {
    lay_complete(w);
    passes(w, "mocked", 1);
    passes(w, "real", 1);
    assert_eq!(w.api.count(), 0, "a test destroys what it made");
}

/// The example's own test passes, and so many runs are in it.
fn passes(w: &Workspace, name: &str, runs: usize) {
    let filter = format!("-filter=tests/{name}.tftest.hcl");
    let text = w.ok(&["test", "-no-color", &filter]).text;
    let passed = format!("{runs} passed, 0 failed");
    assert!(text.contains(&passed), "{text}");
}

fn a_key_rotates(w: &Workspace) {
    let receiver = Receiver::start_https();
    lay_complete(w);
    let first = "the/first+key of the \"store\"";
    let second = "the/second+key of the \"store\"";
    w.guard(first);
    w.guard(second);
    let keys = w.folder().with_file_name("keys");
    w.write("../keys/audit", &format!("1\n{first}\n"));
    w.set("TF_VAR_keyring", &keys.display().to_string());
    w.set("TF_VAR_verify_tls", "false");
    let receivers = format!("{{ audit = \"{}\" }}", receiver.url());
    w.set("TF_VAR_receivers", &receivers);

    let text = unwrapped(&w.apply().text);
    assert!(text.contains("1 added, 0 changed, 0 destroyed"), "{text}");
    assert_eq!(w.only().signing_key.as_deref(), Some(first));
    assert!(delivered_with(&receiver, first));
    w.no_changes();

    w.write("../keys/audit", &format!("2\n{second}\n"));
    let id = w.only().id;
    let plan = w.plan();
    let webhook = "module.webhooks.immuta_webhook.this[\"audit\"]";
    assert_eq!(plan.action(webhook), "update");
    receiver.clear();
    w.apply();
    assert_eq!(w.only().signing_key.as_deref(), Some(second));
    assert_eq!(w.only().id, id);
    assert!(delivered_with(&receiver, second));
    w.destroy();
    assert_eq!(w.api.count(), 0);
}

/// Whether the latest delivery was signed with this key.
fn delivered_with(receiver: &Receiver, key: &str) -> bool {
    let deliveries = receiver.deliveries();
    deliveries
        .last()
        .is_some_and(|last| last.is_signed_with(key))
}

fn minimal_provider(w: &Workspace) {
    with_examples(w);
    w.guard("the key of a test");
    w.write("../keys/audit", "7\nthe key of a test\n");
    let keys = w.folder().with_file_name("keys");
    w.set("TF_VAR_folder", &keys.display().to_string());
    let _ = fs::remove_file(w.folder().join("versions.tf"));
    w.config(
        r#"
terraform {
  required_providers {
    keyring = {
      source = "example/keyring"
    }
  }
}

variable "folder" {
  type = string
}

variable "name" {
  type    = string
  default = "audit"
}

provider "keyring" {
  folder = var.folder
}

data "keyring_version" "it" {
  name = var.name
}

ephemeral "keyring_key" "it" {
  name = "audit"

  lifecycle {
    postcondition {
      condition     = length(self.value) == 17
      error_message = "It is another key."
    }
  }
}

# Terraform opens it in any case, OpenTofu only for something that uses it.
provider "keyring" {
  alias  = "second"
  folder = length(ephemeral.keyring_key.it.value) > 0 ? var.folder : null
}

data "keyring_version" "second" {
  provider = keyring.second
  name     = var.name
}

output "version" {
  value = data.keyring_version.second.value
}
"#,
    );
    let text = w.ok(&["validate", "-no-color"]).text;
    assert!(text.contains("is valid"), "{text}");
    w.apply();
    let output = w.ok(&["output", "-raw", "version"]).stdout;
    assert_eq!(output, "7");
    // Not by a saved plan: `show -json` of one with a postcondition on an ephemeral crashes Terraform 1.11.
    let again = w.ok(&["plan", "-no-color", "-input=false"]).text;
    assert!(again.contains("No changes"), "{again}");
    w.set("TF_VAR_name", "missing");
    let text = w.plan_fails();
    assert!(text.contains("Key not read"), "{text}");
}

const LIBRARY: &str = r#"
terraform {
  required_providers {
    library = {
      source = "example/library"
    }
  }
}

variable "folder" {
  type = string
}

provider "library" {
  folder = var.folder
}
"#;

const BOOK: &str = r#"
resource "terraform_data" "topic" {
  input = "maps"
}

resource "library_book" "it" {
  title   = "Notes"
  pages   = 66
  binding = "paperback"
  tags    = ["lent", terraform_data.topic.output]
  labels  = { topic = terraform_data.topic.output }

  authors = [
    { name = "Ada", born = 1815 },
    { name = "Luigi", born = null },
  ]

  copies = [
    { shelf = "A", count = 2 },
    { shelf = "B", count = null },
  ]
}

data "library_books" "english" {
  language   = "en"
  depends_on = [library_book.it]
}

output "titles" {
  value = data.library_books.english.books[*].title
}

output "mark" {
  value = provider::library::shelfmark(null, 76, "K", "R")
}
"#;

/// Each trap that a provider's author can step into, as a user meets it.
fn second_provider(w: &Workspace) {
    with_examples(w);
    let shelf = w.folder().with_file_name("shelf");
    fs::create_dir(&shelf).expect("a folder can be made");
    w.set("TF_VAR_folder", &shelf.display().to_string());
    let _ = fs::remove_file(w.folder().join("versions.tf"));
    let mut whole = BOOK.to_owned();
    if w.cli().too_old_for(WRITE_ONLY).is_none() {
        let note = "a-n0te-for-the-librarian";
        w.guard(note);
        w.set("TF_VAR_note", note);
        let with_note = "  note         = var.note\n  note_version = 1\n\n  authors =";
        whole = whole.replacen("  authors =", with_note, 1);
        whole.push_str("\nvariable \"note\" {\n  type      = string\n  ephemeral = true\n}\n");
    }
    let book = |change: &dyn Fn(String) -> String| {
        w.config(&format!("{LIBRARY}{}", change(whole.clone())));
    };

    // An element of a list and one of a map are not known yet.
    book(&|it| it);
    w.ok(&["validate", "-no-color"]);
    let plan = w.plan();
    assert_eq!(plan.action("library_book.it"), "create");
    assert_eq!(plan.after("library_book.it")["language"], "en");
    w.apply();
    let log = fs::read_to_string(w.log_path()).expect("there is a log");
    assert!(
        log.contains("a book is on its shelf") && log.contains("@module=second_provider.library"),
        "the provider's own lines are in the log"
    );
    let values = w.values("library_book.it");
    assert_eq!(values["tags"], serde_json::json!(["lent", "maps"]));
    assert_eq!(values["call_number"], "B-1");
    let stored = fs::read_to_string(shelf.join("1.json")).expect("there is a book");
    let has_note = stored.contains("a-n0te-for-the-librarian");
    assert_eq!(has_note, w.cli().too_old_for(WRITE_ONLY).is_none());
    assert_eq!(
        w.ok(&["output", "-json", "titles"]).stdout.trim(),
        r#"["Notes"]"#
    );
    assert_eq!(w.ok(&["output", "-raw", "mark"]).stdout, "QA-76-K-R");
    w.no_changes();

    let a = "    { shelf = \"A\", count = 2 },\n";
    let b = "    { shelf = \"B\", count = null },\n";
    // A set has no order and no duplicates; a list has an order.
    book(&|it| it.replace(&format!("{a}{b}"), &format!("{b}{a}{b}")));
    w.no_changes();
    book(&|it| it.replace(b, ""));
    assert_eq!(w.plan().action("library_book.it"), "update");
    w.apply();
    w.no_changes();
    book(&|it| it.replace(b, "").replace("\"Notes\"", "\"Sketch\""));
    let plan = w.plan();
    assert_eq!(
        plan.replaces_for("library_book.it"),
        serde_json::json!([["title"]])
    );
    w.apply();

    // What does not fit is the user's error, where the user wrote it.
    let range = "must be a whole number between 0 and 65535";
    for (from, to, words, path) in [
        ("pages   = 66", "pages   = 1.5", range, "pages"),
        ("pages   = 66", "pages   = 65536", range, "pages"),
        (
            "\"paperback\"",
            "\"leather\"",
            "must be one of hardcover, paperback",
            "binding",
        ),
        (
            "born = 1815",
            "born = 1e30",
            "must be a whole number between -9",
            "authors[0].born",
        ),
        (
            "count = 2",
            "count = 256",
            "must be a set in whose elements count is a whole number between 0 and 255",
            "copies",
        ),
    ] {
        book(&|it| it.replace(from, to));
        let text = unwrapped(&w.run(&["validate", "-no-color"]).text);
        assert!(text.contains("Invalid value"), "{to}: {text}");
        assert!(text.contains(&format!("{path} {words}")), "{to}: {text}");
        assert!(text.contains("on main.tf line"), "{to}: {text}");
        assert!(!text.contains("bug in the provider"), "{to}: {text}");
    }
    // The default of `count` makes two elements the same.
    book(&|it| {
        it.replace(b, "    { shelf = \"A\" },\n")
            .replace("count = 2", "count = 1")
    });
    let text = w.plan_fails();
    assert!(text.contains("are the same once the defaults"), "{text}");
    assert!(!text.contains("bug in the provider"), "{text}");
    for (arguments, words) in [
        (
            "null, 7.5, \"K\"",
            "a whole number between 0 and 4294967295",
        ),
        ("null, 7, \"KL\", \"K\", \"RS\"", "\"KL\" is not one letter"),
        ("null, 7, \"KL\", \"K\", \"RS\"", "\"RS\" is not one letter"),
    ] {
        book(&|it| it.replace("null, 76, \"K\", \"R\"", arguments));
        let text = w.plan_fails();
        assert!(text.contains(words), "{arguments}: {text}");
    }
    // Several errors at once.
    let kept = |it: String| it.replace(b, "").replace("\"Notes\"", "\"Sketch\"");
    book(&|it| kept(it).replace("{ topic = ", "{ a = \"\", b = \"\", topic = "));
    let text = w.apply_fails();
    for name in ["a", "b"] {
        assert!(
            text.contains(&format!("The label {name} has no text")),
            "{text}"
        );
    }

    // Import by a title, which the provider must search for.
    book(&kept);
    w.ok(&["state", "rm", "-no-color", "library_book.it"]);
    let text = w.fails(&["import", "-no-color", "library_book.it", "Other"]);
    assert!(
        text.contains("No book has the number or the title"),
        "{text}"
    );
    w.ok(&["import", "-no-color", "library_book.it", "Sketch"]);
    w.no_changes();
    w.destroy();
    assert_eq!(fs::read_dir(&shelf).expect("there is a folder").count(), 0);
}

/// The whole of it, blank lines included.
pub(crate) fn minimal_provider_is_short() {
    let source = fs::read_to_string(repository().join("examples/minimal_provider.rs"));
    let lines = source.expect("there is a minimal provider").lines().count();
    assert!(lines < 90, "the minimal provider has {lines} lines");
}

/// Both providers, and the configuration with its module beside it.
fn lay_complete(w: &Workspace) {
    with_examples(w);
    lay("modules/webhooks", "../modules/webhooks/", w);
    lay("complete", "", w);
    // Installs the module; the providers are overridden, so there is nothing to `init`.
    w.ok(&["get", "-no-color"]);
}

/// Copies an example into the workspace.
fn lay(example: &str, to: &str, w: &Workspace) {
    // It has its own.
    let _ = fs::remove_file(w.folder().join("versions.tf"));
    let from = repository().join("examples").join(example);
    copy(&from, &w.folder().join(to));
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let to = to.join(path.file_name().expect("a file has a name"));
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(fs::copy(&path, to).expect("a file can be copied")),
        }
    }
}

/// Lets the CLI find the providers of the examples beside that of Immuta.
fn with_examples(w: &Workspace) {
    let built = provider().parent().expect("the provider lies in a folder");
    let settings = w.folder().with_file_name("all.tfrc");
    let text = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"immuta/immuta\" = {:?}\n    \"example/keyring\" = {:?}\n    \"example/library\" = {:?}\n  }}\n  direct {{}}\n}}\n",
        built.display().to_string(),
        example_folder("minimal_provider", "keyring"),
        example_folder("second_provider", "library"),
    );
    fs::write(&settings, text).expect("the CLI's settings can be written");
    w.set("TF_CLI_CONFIG_FILE", &settings.display().to_string());
}

/// A folder with the provider of an example, under the name that a CLI looks for.
fn example_folder(example: &str, name: &str) -> PathBuf {
    let folder = target_dir().join(name);
    let named = folder.join(format!("terraform-provider-{name}"));
    static PUT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut put = PUT.lock().unwrap_or_else(PoisonError::into_inner);
    if put.insert(named.clone()) {
        let built = built_example(example);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let _ = fs::remove_file(&named);
        fs::hard_link(&built, &named)
            .or_else(|_| fs::copy(&built, &named).map(drop))
            .expect("the provider can be put there");
    }
    folder
}

/// A built example of this package.
pub(crate) fn built_example(name: &str) -> PathBuf {
    built().join("examples").join(name)
}

/// The folder of the profile, in which the examples and the simulator are built now. They are built all
/// at once, since cargo then gives their crates the features that the tests have, and builds none again.
pub(crate) fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["build", "--locked", "--quiet"])
            .args(["--package", env!("CARGO_PKG_NAME")])
            .args(["--example", "receiver", "--example", "minimal_provider"])
            .args(["--example", "second_provider"])
            .args(["--package", SIMULATOR, "--bin", SIMULATOR])
            .arg("--target-dir")
            .arg(target_dir())
            .current_dir(repository());
        let folder = provider().parent().expect("the provider lies in a folder");
        if folder.ends_with("release") {
            command.arg("--release");
        }
        let finished = run::start(&mut command).finish();
        assert!(finished.status.success(), "{}", finished.stderr);
        folder.to_owned()
    })
}
