//! What is said between Terraform core and a provider, in protocol 6.11.
//!
//! A provider implements [`Provider`] and lists what it offers in [`Offers`]: each [`Resource`],
//! [`DataSource`], [`EphemeralResource`], [`ListResource`], [`Action`] and [`Function`]. Handlers
//! get models (structs of [`Attr`] fields) and answer with [outcomes](outcome);
//! [`Service`] does the rest: it decodes, calls, holds every answer to core's rules, and encodes.
//!
//! `examples/minimal_provider.rs` is a whole provider on top of this and of `plugin`, in under 80
//! lines.

mod about;
mod action;
mod call;
mod conformance;
pub mod containment;
mod data_source;
mod diagnostics;
mod ephemeral_resource;
mod function;
mod list_resource;
mod model;
mod offers;
pub mod outcome;
pub mod path;
mod provider;
mod resource;
mod rules;
mod schema;
mod service;
pub mod value;

pub use self::{
    about::About,
    action::{Action, Progress},
    call::{Call, Capabilities, Configured, MaybeConfigured},
    data_source::DataSource,
    diagnostics::{Diagnostic, Severity},
    ephemeral_resource::{EphemeralResource, Lease, Opened},
    function::{Function, FunctionError, Parameter, Signature},
    list_resource::{Found, ListResource, Listed},
    model::{Model, Private},
    offers::Offers,
    outcome::{Answer, Outcome},
    provider::Provider,
    resource::{ImportId, InstanceOf, MoveSource, Resource},
    schema::{Attribute, IdentityAttribute, IdentitySchema, Kind, Nesting, Schema},
    service::Service,
    value::Attr,
};

/// The messages and services of protocol 6.11, generated from `proto/tfplugin6.proto`.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    tonic::include_proto!("tfplugin6");
}
