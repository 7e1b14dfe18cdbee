//! The provider's process: everything happens in [`plugin::run`].

use std::process::ExitCode;

use terraform_provider_immuta::{plugin, provider::Immuta};

fn main() -> ExitCode {
    plugin::run(Immuta::new())
}
