//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
Sets the built provider beside a reference provider in Go and beside Terraform's own baseline.

  --provider FILE     the provider (default: terraform-provider-immuta beside this binary)
  --reference FILE         the reference provider, built from benches/reference; without it there are no ratios to it
  --terraform FILE    the CLI (default: terraform on PATH)
  --part PART         start, commands or growth; may be given several times (default: all)
  --quick             few rounds and small numbers: to see that it works, not to measure
  --write-to FOLDER   write the guide and the plot into this checkout of the project";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    Run(Arguments),
    Help,
}

/// What is measured, and with what.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) provider: Option<PathBuf>,
    pub(crate) reference: Option<PathBuf>,
    pub(crate) terraform: PathBuf,
    pub(crate) parts: Parts,
    pub(crate) rounds: Rounds,
    pub(crate) numbers: Numbers,
    pub(crate) write_to: Option<PathBuf>,
}

/// Which measurements are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) start: bool,
    pub(crate) commands: bool,
    pub(crate) growth: bool,
}

/// How often each is repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    pub(crate) start: usize,
    /// Plans of one webhook, which are short.
    pub(crate) one: usize,
    pub(crate) many: usize,
    pub(crate) growth: usize,
}

/// Over how many webhooks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) some: usize,
    pub(crate) many: usize,
    pub(crate) growth: &'static [usize],
}

impl Numbers {
    const FULL: Numbers = Numbers {
        some: 200,
        many: 1000,
        growth: &[1, 10, 100, 1000, 5000],
    };
    const QUICK: Numbers = Numbers {
        some: 20,
        many: 50,
        growth: &[1, 10, 100],
    };
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let mut parts = Parts::default();
    let mut quick = false;
    let mut arguments = Arguments {
        provider: None,
        reference: None,
        terraform: "terraform".into(),
        parts,
        rounds: Rounds {
            start: 41,
            one: 15,
            many: 7,
            growth: 3,
        },
        numbers: Numbers::FULL,
        write_to: None,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("provider") => arguments.provider = Some(parser.value()?.into()),
            Arg::Long("reference") => arguments.reference = Some(parser.value()?.into()),
            Arg::Long("terraform") => arguments.terraform = parser.value()?.into(),
            Arg::Long("write-to") => arguments.write_to = Some(parser.value()?.into()),
            Arg::Long("quick") => quick = true,
            Arg::Long("part") => match parser.value()?.string()?.as_str() {
                "start" => parts.start = true,
                "commands" => parts.commands = true,
                "growth" => parts.growth = true,
                other => return Err(format!("there is no part {other:?}").into()),
            },
            other => return Err(other.unexpected()),
        }
    }
    arguments.parts = match parts == Parts::default() {
        true => Parts {
            start: true,
            commands: true,
            growth: true,
        },
        false => parts,
    };
    if quick {
        arguments.rounds = Rounds {
            start: 5,
            one: 3,
            many: 1,
            growth: 1,
        };
        arguments.numbers = Numbers::QUICK;
    }
    Ok(Command::Run(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Arguments, String> {
        match parse(Parser::from_args(words)) {
            Ok(Command::Run(arguments)) => Ok(arguments),
            Ok(Command::Help) => Err("help".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn everything_is_measured_unless_parts_are_named() {
        let all = parsed(&[]).unwrap().parts;
        assert!(all.start && all.commands && all.growth);
        let some = parsed(&["--part", "growth", "--part=start"]).unwrap().parts;
        assert!(some.start && !some.commands && some.growth);
        assert!(parsed(&["--part", "lunch"]).unwrap_err().contains("lunch"));
    }
}
