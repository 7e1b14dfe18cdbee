//! Plays Terraform core towards a provider.

/// The client side of protocol 6.11.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    tonic::include_proto!("tfplugin6");
}
