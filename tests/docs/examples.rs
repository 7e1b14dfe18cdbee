//! The whole examples work: the resource's, the module and the complete configuration by their own
//! `.tftest.hcl` and in an apply, the minimal provider under the CLI.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
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
    let tests = Needs::versions((1, 6), (1, 6));
    let mocks = Needs::versions((1, 7), (1, 8));
    vec![
        case("HCL is formatted", Needs::ANY, hcl_is_formatted),
        case("minimal provider", ephemeral, minimal_provider),
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
    with_keyring(w);
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

/// The whole of it, blank lines included.
pub(crate) fn minimal_provider_is_short() {
    let source = fs::read_to_string(repository().join("examples/minimal_provider.rs"));
    let lines = source.expect("there is a minimal provider").lines().count();
    assert!(lines < 90, "the minimal provider has {lines} lines");
}

/// Both providers, and the configuration with its module beside it.
fn lay_complete(w: &Workspace) {
    with_keyring(w);
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

/// Lets the CLI find the minimal provider beside that of Immuta.
fn with_keyring(w: &Workspace) {
    let built = provider().parent().expect("the provider lies in a folder");
    let settings = w.folder().with_file_name("both.tfrc");
    let text = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"immuta/immuta\" = {:?}\n    \"example/keyring\" = {:?}\n  }}\n  direct {{}}\n}}\n",
        built.display().to_string(),
        keyring_folder().display().to_string(),
    );
    fs::write(&settings, text).expect("the CLI's settings can be written");
    w.set("TF_CLI_CONFIG_FILE", &settings.display().to_string());
}

/// A folder with the minimal provider, under the name that a CLI looks for.
fn keyring_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let built = built_example("minimal_provider");
        let folder = target_dir().join("keyring");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let named = folder.join("terraform-provider-keyring");
        let _ = fs::remove_file(&named);
        fs::hard_link(&built, &named)
            .or_else(|_| fs::copy(&built, &named).map(drop))
            .expect("the minimal provider can be put there");
        folder
    })
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
