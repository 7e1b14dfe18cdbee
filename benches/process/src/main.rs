//! `make bench`: the built provider as a user meets it, beside a reference provider in Go and beside the baseline, which is Terraform
//! with its built-in `terraform_data` and no provider process at all.
//!
//! Machines differ by a factor of three from day to day, so only ratios within one run count. The candidates take
//! turns in every round, and what is reported is the median of the rounds.
//!
//! - [`start`] times the start and the end of the process, through the host harness.
//! - [`commands`] runs the real `terraform` over one, 200 and 1000 webhooks of the simulator.
//! - [`growth`] calls the provider as a plan does for up to 5000 webhooks, without Terraform in the way; [`plot`] draws it.
//! - [`table`] and [`report`] print what came of it, and whether each aim is reached.

mod arguments;
mod candidate;
mod commands;
mod growth;
mod plot;
mod report;
mod start;
mod stats;
mod table;
mod usage;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command};
use crate::candidate::Provider;

type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    // Terraform starts this binary in the place of a provider where its use of CPU and memory is to be known.
    if let Some(code) = usage::in_place_of_a_provider() {
        return code;
    }
    let arguments = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(Command::Run(arguments)) => arguments,
        Ok(Command::Help) => {
            println!("{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let providers = Provider::candidates(arguments)?;
    let mut report = report::Report::new(arguments, &providers)?;
    if arguments.parts.start {
        report.start = Some(start::measure(&providers, arguments.rounds.start)?);
    }
    if arguments.parts.commands {
        report.commands = Some(commands::measure(&providers, arguments)?);
    }
    if arguments.parts.growth {
        report.growth = Some(growth::measure(&providers, arguments)?);
    }
    println!("{}", report.markdown());
    if let Some(folder) = &arguments.write_to {
        report.write(folder)?;
    }
    Ok(())
}
