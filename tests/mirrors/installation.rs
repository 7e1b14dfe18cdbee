//! A configuration that installs the provider from a mirror with a plain `init`, and applies.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use immuta_simulator::Simulator;
use tempfile::TempDir;
use terraform_cli::Cli;

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}

resource "immuta_webhook" "a" {
  url = "https://receiver.example.com/"
}
"#;

/// Where the CLI installs from.
pub(crate) enum Mirror<'a> {
    /// A folder of archives.
    Filesystem(&'a Path),
    /// A server, and the CA that its certificate is under.
    Network { url: &'a str, ca_pem: &'a str },
}

/// A folder with a configuration, and nothing installed yet.
pub(crate) struct Installation {
    cli: Cli,
    api: Simulator,
    root: TempDir,
    env: BTreeMap<&'static str, String>,
}

impl Installation {
    pub(crate) fn new(cli: &Cli, mirror: &Mirror<'_>) -> Installation {
        let root = tempfile::tempdir().unwrap();
        for folder in ["work", "home", "tmp"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let path = |name: &str| root.path().join(name).display().to_string();
        let api = Simulator::start();
        let mut env = BTreeMap::from([
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("HOME", path("home")),
            ("TMPDIR", path("tmp")),
            ("TF_CLI_CONFIG_FILE", path("cli.tfrc")),
            ("IMMUTA_ENDPOINT", api.base_url()),
            ("IMMUTA_TOKEN", api.token()),
        ]);
        // No `direct`: what the mirror lacks cannot come from elsewhere.
        let source = match mirror {
            Mirror::Filesystem(folder) => {
                format!(
                    "filesystem_mirror {{\n    path = {:?}\n  }}",
                    folder.display().to_string()
                )
            }
            Mirror::Network { url, ca_pem } => {
                fs::write(root.path().join("ca.pem"), ca_pem).unwrap();
                env.insert("SSL_CERT_FILE", path("ca.pem"));
                format!("network_mirror {{\n    url = {url:?}\n  }}")
            }
        };
        fs::write(
            root.path().join("cli.tfrc"),
            format!("provider_installation {{\n  {source}\n}}\n"),
        )
        .unwrap();
        fs::write(root.path().join("work/main.tf"), CONFIGURATION).unwrap();
        Installation {
            cli: cli.clone(),
            api,
            root,
            env,
        }
    }

    /// The API that the provider is pointed at.
    pub(crate) fn api(&self) -> &Simulator {
        &self.api
    }

    /// The lock file, once `init` has written it.
    pub(crate) fn lock_file(&self) -> String {
        fs::read_to_string(self.work().join(".terraform.lock.hcl")).unwrap()
    }

    /// Forgets what was installed, but not the lock file.
    pub(crate) fn uninstall(&self) {
        fs::remove_dir_all(self.work().join(".terraform")).unwrap();
    }

    /// Runs the CLI; what it said, where it failed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(self.cli.path())
            .args(arguments)
            .arg("-no-color")
            .current_dir(self.work())
            .env_clear()
            .envs(&self.env)
            .output()
            .unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        if output.status.success() {
            Ok(text)
        } else {
            Err(text)
        }
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }
}
