//! Runs a real Terraform or OpenTofu with the built provider, for the tests that need one: those of
//! acceptance, of the documentation and of the release.
//!
//! A [`Case`] says what is tried and which versions can; a [`Board`] tries each under every CLI that is
//! [found](Cli::found), in a [`Workspace`] of its own, and counts what ran and what was skipped.

pub mod built;
pub mod cli;
pub mod run;
pub mod said;
pub mod secrets;
mod tally;
mod workspace;

pub use cli::{Cli, Kind, Needs};
pub use said::{Diagnostic, Plan, unwrapped};
pub use tally::{Board, Case};
pub use workspace::{
    EPHEMERAL_VARIABLE, KEY, KEY_VARIABLE, OTHER_KEY, Outcome, REQUIRED, Workspace, by_hand,
};
