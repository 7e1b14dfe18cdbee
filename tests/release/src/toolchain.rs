//! The tools that a release is made with, pinned. What is missing is installed: Rust and its targets
//! by rustup, the rest below one folder. Nothing else on the machine is changed.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{run, target::Target};

/// The Rust release.
pub const RUST: &str = "1.95.0";
/// Cargo's way to a linker and C compiler for every target (PyPI `cargo-zigbuild`).
const ZIGBUILD: &str = "cargo-zigbuild==0.24.0";
/// That linker and C compiler (PyPI `ziglang`).
const ZIG: &str = "ziglang==0.17.1";
/// What writes the bill of materials (crates.io `cargo-cyclonedx`).
const CYCLONEDX: &str = "0.5.9";

/// What a caller's environment would change in a build. The first is set by a Cargo that this runs under.
const REMOVED: [&str; 9] = [
    "CARGO",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CFLAGS",
    "AWS_LC_SYS_NO_JITTER_ENTROPY",
];

/// Where the tools are.
#[derive(Clone, Debug)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Finds or installs what every target needs, below `folder`.
    ///
    /// # Errors
    ///
    /// When rustup or Python is missing, or an installation fails.
    pub fn ready(folder: &Path) -> Result<Tools, String> {
        let tools = Tools {
            folder: folder.to_owned(),
        };
        let rustup = |arguments: &[&str]| run::text(Command::new("rustup").args(arguments));
        rustup(&["run", RUST, "rustc", "--version"])
            .or_else(|_| rustup(&["toolchain", "install", RUST, "--profile", "minimal"]))?;
        tools.zig()?;
        Ok(tools)
    }

    /// Finds or installs the standard library of a target.
    ///
    /// # Errors
    ///
    /// When rustup cannot have it.
    pub fn add(&self, target: Target) -> Result<(), String> {
        run::output(Command::new("rustup").args([
            "target",
            "add",
            "--toolchain",
            RUST,
            target.triple,
        ]))
        .map(drop)
    }

    /// Cargo of the pinned release, with the tools on its path.
    pub fn cargo(&self) -> Command {
        self.with_path(Command::new("cargo"))
    }

    /// A command to which the pinned release is Cargo and Rust.
    pub(crate) fn with_path(&self, mut command: Command) -> Command {
        command
            .env("PATH", self.path())
            .env("RUSTUP_TOOLCHAIN", RUST);
        for name in REMOVED {
            command.env_remove(name);
        }
        command
    }

    /// Finds or installs what writes the bill of materials.
    ///
    /// # Errors
    ///
    /// When it cannot be installed.
    pub fn cyclonedx(&self) -> Result<PathBuf, String> {
        let program = self.folder.join("cargo/bin/cargo-cyclonedx");
        let stamp = self.folder.join("cargo").join(CYCLONEDX);
        if !stamp.exists() {
            run::show(
                self.cargo()
                    .args(["install", "--quiet", "--locked"])
                    .args(["--version", CYCLONEDX, "cargo-cyclonedx", "--root"])
                    .arg(self.folder.join("cargo")),
            )?;
            write_stamp(&stamp)?;
        }
        Ok(program)
    }

    fn zig(&self) -> Result<(), String> {
        let venv = self.venv();
        let stamp = venv.join(format!("{ZIGBUILD} {ZIG}"));
        if stamp.exists() {
            return Ok(());
        }
        run::output(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&venv),
        )?;
        run::output(
            Command::new(venv.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--disable-pip-version-check",
                ])
                .args([ZIGBUILD, ZIG]),
        )?;
        write_stamp(&stamp)
    }

    fn venv(&self) -> PathBuf {
        self.folder.join("python")
    }

    fn path(&self) -> OsString {
        let mut path = self.venv().join("bin").into_os_string();
        if let Some(others) = env::var_os("PATH") {
            path.push(":");
            path.push(others);
        }
        path
    }
}

/// Says that an installation came to its end.
fn write_stamp(stamp: &Path) -> Result<(), String> {
    fs::write(stamp, "").map_err(|cause| format!("{}: {cause}", stamp.display()))
}
