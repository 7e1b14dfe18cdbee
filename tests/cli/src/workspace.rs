//! A working directory with a configuration in it, a simulator beside it, and a CLI to run there.
//!
//! Whatever a scenario runs, the output, the TRACE log, the state and the saved plan are searched for
//! secrets, and the first two for the marks of a crash, after every command. A command that hangs is a
//! failure.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use immuta_simulator::{Fault, FaultKind, On, Reply, Route, Simulator, StoredWebhook};
use serde_json::Value;
use tempfile::TempDir;

use crate::built::provider;
use crate::cli::Cli;
use crate::output::{Diagnostic, Plan, unwrapped};
use crate::run::{self, Running};
use crate::secrets;

/// The key that scenarios give to `signing_key`, by the variable of that name.
pub const KEY: &str = "k3y-\"of%the/first+kind";
/// Another one.
pub const OTHER_KEY: &str = "k3y-\"of%the/second+kind";

/// Declares the variable by which a key comes in. Its value is sensitive, so that Terraform itself
/// never shows it.
pub const KEY_VARIABLE: &str = r#"
variable "signing_key" {
  type      = string
  sensitive = true
}
"#;

/// Declares an ephemeral variable: what comes in by it is in no plan and no state.
pub const EPHEMERAL_VARIABLE: &str = r#"
variable "key" {
  type      = string
  sensitive = true
  ephemeral = true
}
"#;

/// What every configuration says first.
pub const REQUIRED: &str = r#"
terraform {
  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}
"#;

/// See the module's text.
pub struct Workspace {
    cli: Cli,
    /// The API that the provider is pointed at, by `IMMUTA_ENDPOINT` and `IMMUTA_TOKEN`.
    pub api: Simulator,
    root: TempDir,
    env: RefCell<BTreeMap<String, String>>,
    /// Never to be shown, nor to rest, anywhere.
    secrets: RefCell<Vec<String>>,
    /// Never to be shown but in state, which keeps them by design, and in JSON made from it.
    kept_secrets: RefCell<Vec<String>>,
    commands: Cell<usize>,
}

/// How one command ended.
pub struct Outcome {
    /// Standard output and standard error.
    pub text: String,
    /// Standard output alone.
    pub stdout: String,
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
}

impl Workspace {
    /// An empty configuration, a new simulator, a clean environment.
    pub fn new(cli: &Cli) -> Workspace {
        let api = Simulator::start();
        let root = tempfile::Builder::new()
            .prefix("acc")
            .tempdir()
            .expect("a temporary folder can be made");
        for folder in ["work", "home", "tmp", "logs"] {
            fs::create_dir(root.path().join(folder)).expect("a folder can be made");
        }
        let built = provider().parent().expect("the provider lies in a folder");
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"immuta/immuta\" = {}\n  }}\n  direct {{}}\n}}\n",
            Value::from(built.display().to_string()),
        );
        fs::write(root.path().join("cli.tfrc"), settings)
            .expect("the CLI's settings can be written");
        let path = |name: &str| root.path().join(name).display().to_string();
        let env = BTreeMap::from(
            [
                ("CHECKPOINT_DISABLE", "1".to_owned()),
                ("HOME", path("home")),
                ("TMPDIR", path("tmp")),
                ("TF_CLI_CONFIG_FILE", path("cli.tfrc")),
                ("TF_LOG", "TRACE".to_owned()),
                ("IMMUTA_ENDPOINT", api.base_url()),
                ("IMMUTA_TOKEN", api.token()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let workspace = Workspace {
            cli: cli.clone(),
            secrets: RefCell::new(vec![api.token()]),
            kept_secrets: RefCell::default(),
            api,
            root,
            env: RefCell::new(env),
            commands: Cell::new(0),
        };
        workspace.write("versions.tf", REQUIRED);
        workspace
    }

    /// The CLI that this runs.
    pub fn cli(&self) -> &Cli {
        &self.cli
    }

    /// The folder of the configuration.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Writes a file of the configuration, and the folders to it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Writes `main.tf`.
    pub fn config(&self, text: &str) {
        self.write("main.tf", text);
    }

    /// Writes `main.tf` with one webhook, `immuta_webhook.a`, whose arguments are `arguments`.
    pub fn webhook(&self, arguments: &str) {
        let mut variables = String::new();
        for (used, declaration) in [
            ("var.signing_key", KEY_VARIABLE),
            ("var.key", EPHEMERAL_VARIABLE),
        ] {
            if arguments.contains(used) {
                variables.push_str(declaration);
            }
        }
        self.config(&format!(
            "{variables}\nresource \"immuta_webhook\" \"a\" {{\n{arguments}\n}}\n"
        ));
    }

    /// Sets a variable of the environment for the commands that follow.
    pub fn set(&self, name: &str, value: &str) {
        self.env
            .borrow_mut()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Takes a variable away from the commands that follow.
    pub fn unset(&self, name: &str) {
        self.env.borrow_mut().remove(name);
    }

    /// From now on `secret` must not be shown, nor rest, anywhere.
    pub fn guard(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    /// Gives the variable `signing_key` this value, which may be in state but nowhere else.
    pub fn key(&self, key: &str) {
        self.set("TF_VAR_signing_key", key);
        self.kept_secrets.borrow_mut().push(key.to_owned());
    }

    /// Gives the ephemeral variable `key` this value, which must never rest anywhere.
    pub fn ephemeral_key(&self, key: &str) {
        self.set("TF_VAR_key", key);
        self.guard(key);
    }

    /// The log of the command that runs or ran last.
    pub fn log_path(&self) -> PathBuf {
        self.root
            .path()
            .join("logs")
            .join(format!("{}.log", self.commands.get()))
    }

    /// The process id of the provider that the last command started last, as the CLI's log has it.
    pub fn last_provider(&self) -> Option<u32> {
        let log = fs::read(self.log_path()).ok()?;
        let log = String::from_utf8_lossy(&log);
        let line = log.lines().rfind(|line| {
            line.contains("plugin started") && line.contains("terraform-provider-immuta")
        })?;
        let pid = line.split("pid=").nth(1)?;
        let end = pid.find(|c: char| !c.is_ascii_digit()).unwrap_or(pid.len());
        pid[..end].parse().ok()
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        self.commands.set(self.commands.get() + 1);
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.env.borrow().iter())
            .env("TF_LOG_PATH", self.log_path());
        command
    }

    /// Starts the CLI and does not wait for it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        run::start(&mut self.command(self.cli.path(), arguments))
    }

    /// Waits for what was started, and looks for what must not be shown.
    pub fn finish(&self, running: Running, may_show_state: bool) -> Outcome {
        let finished = running.finish();
        let log = fs::read(self.log_path()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let text = format!("{}{}", finished.stdout, finished.stderr);
        for (what, searched) in [("output", text.as_str()), ("log", &log)] {
            let mut unwanted = self.secrets.borrow().clone();
            if !(may_show_state && what == "output") {
                unwanted.extend(self.kept_secrets.borrow().iter().cloned());
            }
            if let Some(line) = secrets::shown_in(searched, &unwanted) {
                panic!("a secret is in the {what}: {line}");
            }
            if let Some(line) = secrets::backtrace_in(searched) {
                panic!("a crash is in the {what}: {line}\n{text}");
            }
        }
        for (place, text) in secrets::at_rest(&self.folder()) {
            if let Some(line) = secrets::shown_in(&text, &self.secrets.borrow()) {
                panic!("a secret rests in {place}: {line}");
            }
        }
        Outcome {
            text,
            stdout: finished.stdout,
            code: finished.status.code().unwrap_or(-1),
        }
    }

    /// Runs the CLI with these arguments, whatever comes of it.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let may_show_state = arguments.contains(&"-json");
        let before = self.sockets();
        let outcome = self.finish(self.start(arguments), may_show_state);
        let left: Vec<_> = self
            .sockets()
            .into_iter()
            .filter(|path| !before.contains(path))
            .collect();
        assert!(
            left.is_empty(),
            "a provider has left its socket behind: {left:?}"
        );
        outcome
    }

    /// Runs what must come off.
    pub fn ok(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(arguments);
        assert_eq!(
            outcome.code, 0,
            "{arguments:?} should come off:\n{}",
            outcome.text
        );
        outcome
    }

    /// Runs what must fail with an error, and gives its text with the frame and line breaks taken out.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let outcome = self.run(arguments);
        assert_eq!(
            outcome.code, 1,
            "{arguments:?} should fail:\n{}",
            outcome.text
        );
        unwrapped(&outcome.text)
    }

    /// Sockets that are left in the temporary folder.
    pub fn sockets(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => walk(&entry.path(), found),
                    Ok(kind) if kind.is_socket() => found.push(entry.path()),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.root.path().join("tmp"), &mut found);
        found
    }

    /// Plans with these further arguments; the plan must come off.
    pub fn plan_with(&self, further: &[&str]) -> Plan {
        let mut arguments = vec![
            "plan",
            "-no-color",
            "-input=false",
            "-detailed-exitcode",
            "-out=tfplan",
        ];
        arguments.extend(further);
        let outcome = self.run(&arguments);
        assert!(
            [0, 2].contains(&outcome.code),
            "{arguments:?} should come off:\n{}",
            outcome.text
        );
        let shown = self.ok(&["show", "-no-color", "tfplan"]);
        let json = parsed(&self.ok(&["show", "-json", "tfplan"]).stdout);
        assert!(!shown.stdout.is_empty());
        Plan {
            text: outcome.text,
            json,
            is_empty: outcome.code == 0,
        }
    }

    /// Plans; the plan must come off.
    pub fn plan(&self) -> Plan {
        self.plan_with(&[])
    }

    /// Plans, and there must be nothing to do.
    pub fn no_changes(&self) -> Plan {
        let plan = self.plan();
        assert!(
            plan.is_empty,
            "there should be nothing to do:\n{}",
            plan.text
        );
        assert!(plan.text.contains("No changes"), "{}", plan.text);
        plan
    }

    /// Applies, which must come off.
    pub fn apply(&self) -> Outcome {
        self.ok(&["apply", "-no-color", "-input=false", "-auto-approve"])
    }

    /// Applies, which must fail; the text with its line breaks taken out.
    pub fn apply_fails(&self) -> String {
        self.fails(&["apply", "-no-color", "-input=false", "-auto-approve"])
    }

    /// Plans, which must fail; the text with its line breaks taken out.
    pub fn plan_fails(&self) -> String {
        self.fails(&["plan", "-no-color", "-input=false"])
    }

    /// Destroys everything, which must come off.
    pub fn destroy(&self) -> Outcome {
        self.ok(&["destroy", "-no-color", "-input=false", "-auto-approve"])
    }

    /// The diagnostics of `validate`.
    pub fn validated(&self) -> Vec<Diagnostic> {
        let outcome = self.run(&["validate", "-json"]);
        let report = parsed(&outcome.stdout);
        report["diagnostics"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Diagnostic::new)
            .collect()
    }

    /// The diagnostics of a plan.
    pub fn planned(&self) -> Vec<Diagnostic> {
        let outcome = self.run(&["plan", "-json", "-input=false"]);
        outcome
            .stdout
            .lines()
            .map(parsed)
            .filter(|line| line["type"] == "diagnostic")
            .map(|line| Diagnostic::new(&line["diagnostic"]))
            .collect()
    }

    /// Every resource and data source in state, by address; with a key that is kept there.
    pub fn state(&self) -> BTreeMap<String, Value> {
        fn walk(module: &Value, found: &mut BTreeMap<String, Value>) {
            for resource in module["resources"].as_array().into_iter().flatten() {
                let address = resource["address"]
                    .as_str()
                    .expect("a resource has an address");
                found.insert(address.to_owned(), resource.clone());
            }
            for child in module["child_modules"].as_array().into_iter().flatten() {
                walk(child, found);
            }
        }
        let shown = parsed(&self.ok(&["show", "-json"]).stdout);
        let mut found = BTreeMap::new();
        walk(&shown["values"]["root_module"], &mut found);
        found
    }

    /// The values of one resource in state.
    pub fn values(&self, address: &str) -> Value {
        let state = self.state();
        let resource = state
            .get(address)
            .unwrap_or_else(|| panic!("{address} is not in state: {:?}", state.keys()));
        resource["values"].clone()
    }

    /// The one webhook that the API holds.
    pub fn only(&self) -> StoredWebhook {
        let mut held = self.api.webhooks();
        assert_eq!(
            held.len(),
            1,
            "the API should hold one webhook, and holds {}",
            held.len()
        );
        held.remove(0)
    }

    /// How many requests of this call came.
    pub fn requests(&self, route: Route) -> usize {
        self.api
            .requests()
            .iter()
            .filter(|seen| seen.route == route)
            .count()
    }

    /// From now on the deployment has no such calls.
    pub fn without(&self, routes: &[Route]) {
        self.api
            .behave(|behaviour| behaviour.absent = routes.to_vec());
    }

    /// From now on every call goes wrong in this way.
    pub fn breaks(&self, kind: FaultKind) {
        self.api.fault(Fault::always(On::any(), kind));
    }

    /// From now on what would change a webhook is refused with this status and message.
    pub fn refuses_writes(&self, status: u16, message: &str) {
        for method in ["POST", "PUT", "DELETE"] {
            self.api.fault(Fault::always(
                On::method(method),
                FaultKind::Status(Reply::message(status, message)),
            ));
        }
    }

    /// Nothing goes wrong from now on.
    pub fn mend(&self) {
        self.api.clear_faults();
    }
}

/// The program run by hand, without a CLI: what it printed, and its exit code.
pub fn direct_invocation(arguments: &[&str]) -> Outcome {
    let finished = run::start(Command::new(provider()).args(arguments).env_clear()).finish();
    let text = format!("{}{}", finished.stdout, finished.stderr);
    Outcome {
        text,
        stdout: finished.stdout,
        code: finished.status.code().unwrap_or(-1),
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|cause| panic!("not JSON ({cause}):\n{text}"))
}
