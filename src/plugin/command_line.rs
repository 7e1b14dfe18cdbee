//! The command line of a plugin binary. Terraform starts it without arguments.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::tfplugin::ProviderMetadata;

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Serve the process that started this one.
    Serve,
    /// Serve any client that connects, until interrupted.
    Debug,
    /// Print name and version.
    Version,
    /// Print the usage.
    Help,
}

/// Reads the arguments that follow the name of the binary.
pub(super) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut command = Command::Serve;
    while let Some(argument) = parser.next()? {
        command = match (argument, command) {
            (Short('h') | Long("help"), _) => Command::Help,
            (Short('V') | Long("version"), Command::Help) => Command::Help,
            (Short('V') | Long("version"), _) => Command::Version,
            (Long("debug"), Command::Serve | Command::Debug) => Command::Debug,
            (Long("debug"), asked) => asked,
            (other, _) => return Err(other.unexpected()),
        };
    }
    Ok(command)
}

/// What `--help` prints.
pub(super) fn usage(metadata: &ProviderMetadata) -> String {
    let ProviderMetadata {
        name,
        version,
        purpose,
        ..
    } = metadata;
    format!(
        "{name} {version}
{purpose}

Terraform and OpenTofu start this program themselves, without options.

Usage: {name} [OPTION]

Options:
      --debug    Serve until interrupted (Ctrl-C), for use with a debugger: prints the
                 TF_REATTACH_PROVIDERS value that makes the CLIs use this process
  -V, --version  Print name and version
  -h, --help     Print this help
"
    )
}

#[cfg(test)]
#[path = "command_line_tests.rs"]
mod tests;
