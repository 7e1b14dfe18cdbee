//! What is said between Terraform core and a provider.

mod about;

pub use about::About;

/// The messages and services of protocol 6.11, generated from `proto/tfplugin6.proto`.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    tonic::include_proto!("tfplugin6");
}
