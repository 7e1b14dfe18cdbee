//! Runs a real Terraform or OpenTofu with the built provider, for the tests that need one: those of
//! acceptance, of the documentation and of the release.
//!
//! A [`Case`] says what is tried and which versions can; a [`Board`] tries each under every CLI that is
//! [found](Cli::found), in a [`Workspace`] of its own, and counts what ran and what was skipped.

pub mod built;
pub mod cli;
pub mod output;
pub mod run;
pub mod secrets;
mod summary;
mod workspace;

pub use cli::{Cli, Kind, Needs};
pub use output::{Diagnostic, Plan, unwrapped};
pub use summary::{Board, Case};
pub use workspace::{
    EPHEMERAL_VARIABLE, KEY, KEY_VARIABLE, OTHER_KEY, Outcome, REQUIRED, Workspace,
    direct_invocation,
};
