//! Which CLIs there are, and what each is too old for.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::built::target_dir;

/// Terraform or OpenTofu: their versions count separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HashiCorp's.
    Terraform,
    /// The Linux Foundation's.
    OpenTofu,
}

/// One real CLI.
#[derive(Clone, Debug)]
pub struct Cli {
    /// Which of the two.
    pub kind: Kind,
    version: String,
    path: PathBuf,
}

/// The least version of each CLI that can run a scenario; `None` where no version can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Terraform's major and minor version.
    pub terraform: Option<(u32, u32)>,
    /// OpenTofu's major and minor version.
    pub tofu: Option<(u32, u32)>,
}

impl Needs {
    /// What runs wherever protocol 6 is spoken.
    pub const ANY: Needs = Needs::versions((1, 0), (1, 6));

    /// The least version of each.
    pub const fn versions(terraform: (u32, u32), tofu: (u32, u32)) -> Needs {
        Needs {
            terraform: Some(terraform),
            tofu: Some(tofu),
        }
    }
}

impl Cli {
    /// Every CLI there is, each version once. A path in `TF_CLIS` that is no CLI ends the run, since
    /// whoever named it wants it tested.
    pub fn found() -> Vec<Cli> {
        let mut clis: Vec<Cli> = Vec::new();
        let mut add = |cli: Cli| {
            if !clis
                .iter()
                .any(|known| known.kind == cli.kind && known.version == cli.version)
            {
                clis.push(cli);
            }
        };
        let on_path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&on_path).chain([target_dir().join("cli")]);
        for folder in folders {
            for name in ["terraform", "tofu"] {
                if let Some(cli) = Cli::at(&folder.join(name)) {
                    add(cli);
                }
            }
        }
        let named = env::var_os("TF_CLIS").unwrap_or_default();
        for path in env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()) {
            match Cli::at(&path) {
                Some(cli) => add(cli),
                None => panic!(
                    "TF_CLIS names {}, which does not run as terraform or tofu",
                    path.display()
                ),
            }
        }
        clis
    }

    /// Asks the program at `path` what it is; `None` where it is no CLI of ours.
    fn at(path: &Path) -> Option<Cli> {
        let output = Command::new(path)
            .arg("version")
            .env_clear()
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let (kind, version) = parse_version(&text)?;
        Some(Cli {
            kind,
            version: version.to_owned(),
            path: path.to_owned(),
        })
    }

    /// Where the program is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version that is needed instead, as a sentence part; `None` where this CLI will do.
    pub fn too_old_for(&self, needs: Needs) -> Option<String> {
        let (name, least) = match self.kind {
            Kind::Terraform => ("Terraform", needs.terraform),
            Kind::OpenTofu => ("OpenTofu", needs.tofu),
        };
        match least {
            Some(least) if self.minor() >= least => None,
            Some((major, minor)) => Some(format!("needs {name} {major}.{minor}")),
            None => Some(format!("no {name} can")),
        }
    }

    fn minor(&self) -> (u32, u32) {
        let mut parts = self
            .version
            .split(['.', '-'])
            .map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }
}

impl fmt::Display for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            Kind::Terraform => "terraform",
            Kind::OpenTofu => "tofu",
        };
        write!(f, "{name} {}", self.version)
    }
}

/// The kind and version in what `version` prints first: `Terraform v1.11.4` or `OpenTofu v1.12.6`.
fn parse_version(text: &str) -> Option<(Kind, &str)> {
    let line = text.lines().next()?;
    if let Some(version) = line.strip_prefix("Terraform v") {
        Some((Kind::Terraform, version.trim()))
    } else {
        line.strip_prefix("OpenTofu v")
            .map(|version| (Kind::OpenTofu, version.trim()))
    }
}
