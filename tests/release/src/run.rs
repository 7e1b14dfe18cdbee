//! Runs a tool, and tells what it said when it fails.

use std::process::{Command, Stdio};

/// How much of a failed tool's output is kept, in bytes from its end.
const KEPT: usize = 4000;

/// Runs to the end and gives the standard output.
///
/// # Errors
///
/// When the tool cannot be started or ends with a failure: its name and the end of its output.
pub fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| format!("{name} cannot be started: {cause}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said[said.len().saturating_sub(KEPT)..]).into_owned();
    Err(format!(
        "{name} failed ({}):\n{}",
        output.status,
        said.trim()
    ))
}

/// As [`output`], as text without the line's end.
///
/// # Errors
///
/// As [`output`].
pub fn text(command: &mut Command) -> Result<String, String> {
    let output = output(command)?;
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

/// Runs to the end, showing what the tool says as it says it.
///
/// # Errors
///
/// When the tool cannot be started or ends with a failure.
pub fn show(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|cause| format!("{name} cannot be started: {cause}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name} failed ({status}), see above"))
    }
}
