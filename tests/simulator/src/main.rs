//! The simulator, as a program: serves until it is asked to stop, or changes one that serves.

mod cli;
mod remote;
mod serve;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let command = match cli::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("immuta-simulator: {error}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Help => {
            println!("{}", cli::USAGE);
            Ok(())
        }
        Command::Serve(options) => serve::run(options),
        Command::Remote(call) => remote::run(&call),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("immuta-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}
