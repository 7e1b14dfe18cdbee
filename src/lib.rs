//! `terraform-provider-immuta`: webhooks of the Immuta Request app, declared in HCL.

pub mod immuta;
pub mod plugin;
pub mod provider;
pub mod tfplugin;
