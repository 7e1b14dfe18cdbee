//! The bill of materials: every crate in the binary, in CycloneDX's JSON.

use std::{fs, process::Command};

use crate::{names, run, source::Source, toolchain::Tools};

/// The format's version.
const SPEC: &str = "1.5";

/// The text of the bill, for all targets together.
///
/// # Errors
///
/// When the tool cannot be had or fails.
pub fn make(tools: &Tools, source: &Source) -> Result<String, String> {
    let program = tools.cyclonedx()?;
    run::output(
        tools
            .with_path(Command::new(program))
            .current_dir(&source.folder)
            .arg("cyclonedx")
            .args([
                "--format",
                "json",
                "--spec-version",
                SPEC,
                "--no-build-deps",
                "--quiet",
            ])
            .args(["--target", "all"])
            .env("SOURCE_DATE_EPOCH", source.time.as_second().to_string()),
    )?;
    let path = source.folder.join(format!("{}.cdx.json", names::PACKAGE));
    let text = fs::read_to_string(&path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    // The tool names the project's own crates by where they lie.
    Ok(text.replace(&source.folder.display().to_string(), "/source"))
}
