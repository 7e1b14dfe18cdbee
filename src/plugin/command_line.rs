//! The command line of a plugin binary. Terraform starts it without arguments.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::tfplugin::About;

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Serve the process that started this one.
    Serve,
    /// Serve whoever attaches, until interrupted.
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
pub(super) fn usage(about: &About) -> String {
    let About {
        name,
        version,
        purpose,
        ..
    } = about;
    format!(
        "{name} {version}
{purpose}

Terraform and OpenTofu start this program themselves, without any option.

Usage: {name} [OPTION]

Options:
      --debug    Serve until interrupted (Ctrl-C), for a debugger: prints the value of
                 TF_REATTACH_PROVIDERS that makes the CLIs use this process
  -V, --version  Print name and version
  -h, --help     Print this help
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn no_argument_serves() {
        assert_eq!(parsed(&[]), Ok(Command::Serve));
    }

    #[test]
    fn each_option_has_its_command() {
        assert_eq!(parsed(&["--debug"]), Ok(Command::Debug));
        assert_eq!(parsed(&["--version"]), Ok(Command::Version));
        assert_eq!(parsed(&["-V"]), Ok(Command::Version));
        assert_eq!(parsed(&["--help"]), Ok(Command::Help));
        assert_eq!(parsed(&["-h"]), Ok(Command::Help));
    }

    #[test]
    fn help_wins_over_version_and_version_over_debug_in_any_order() {
        assert_eq!(parsed(&["--debug", "--help", "-V"]), Ok(Command::Help));
        assert_eq!(parsed(&["-V", "--help"]), Ok(Command::Help));
        assert_eq!(parsed(&["--version", "--debug"]), Ok(Command::Version));
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        assert_eq!(
            parsed(&["--verbose"]),
            Err("invalid option '--verbose'".into())
        );
        assert_eq!(
            parsed(&["serve"]),
            Err("unexpected argument \"serve\"".into())
        );
        assert!(parsed(&["--debug=yes"]).is_err());
    }

    #[test]
    fn the_usage_names_every_option() {
        let about = About {
            name: "terraform-provider-example",
            version: "1.2.3",
            address: "example/example",
            purpose: "Examples, declared",
        };
        let usage = usage(&about);
        for part in [
            "terraform-provider-example 1.2.3",
            "Examples, declared",
            "--debug",
            "--version",
            "--help",
        ] {
            assert!(usage.contains(part), "{part} is missing in:\n{usage}");
        }
    }
}
