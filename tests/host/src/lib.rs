//! Acts as Terraform core towards a provider.
//!
//! - [`process`] starts the built binary as core does, connects to it, and ends it as core does.
//! - [`value`] has values and their JSON, [`schema`] what a provider says about itself.
//! - `rules` are core's checks of each answer, as pure functions.
//! - [`profile`] says which CLI it is: what that sends, and what it knows.
//! - [`cli`] is such a CLI with a provider and its configuration.
//! - [`session`] makes the calls of one provider process and checks each answer.
//! - [`workspace`] strings sessions together to commands: validate, plan, apply, destroy, import …
//! - [`extras`] are the commands and blocks beside managed resources: data sources, ephemeral
//!   resources, actions and lists.
//!
//! What each CLI sends was recorded from the releases.

pub mod cli;
pub mod diagnostic;
pub mod extras;
pub mod process;
pub mod profile;
mod proposed;
mod rules;
pub mod schema;
pub mod session;
pub mod state;
pub mod value;
pub mod wire;
pub mod workspace;

/// The client side of protocol 6.11.
#[allow(missing_docs, clippy::all, unreachable_pub)]
pub mod proto {
    tonic::include_proto!("tfplugin6");
}

/// The services that every plugin process offers beside its own: stdio, broker, controller.
#[allow(missing_docs, clippy::all, unreachable_pub)]
pub mod plugin_proto {
    tonic::include_proto!("plugin");
}

pub use cli::Cli;
pub use diagnostic::{Answer, Diagnostic, Failure, Violation};
pub use process::{ClientCertificate, Launch, Process, Tracked};
pub use profile::Profile;
pub use session::{Phase, Session};
pub use value::{Type, Value};
pub use workspace::Workspace;
