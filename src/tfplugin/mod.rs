//! Protocol 6.11 between Terraform core and a provider.
//!
//! A provider implements [`Provider`] and registers a handler for each thing that users can write in [`Handlers`]:
//! each [`Resource`], [`DataSource`], [`EphemeralResource`], [`ListResource`], [`Action`] and [`Function`].
//! Handlers get models (structs of [`Attr`] fields) and return [outcomes](outcome). [`Service`] does the rest:
//! it decodes requests, calls the handler, turns the outcome into state and diagnostics, and encodes the response.
//!
//! | file or folder | what is in it |
//! | --- | --- |
//! | `resource.rs`, `data_source.rs`, … | the traits that a provider implements, and what their methods take and return |
//! | `handlers/` | from each trait to the messages of its RPCs |
//! | `service/` | the table of RPCs, those of the provider itself, and the configured client |
//! | `value/`, `schema.rs`, `path.rs` | values of any type, their two encodings, and their schemas |
//! | `wire.rs`, `arguments.rs`, `rules.rs` | what each RPC does at its two ends |
//! | `schema_errors/` | what a test of a provider finds wrong with its schemas and models |
//!
//! `examples/minimal_provider.rs` is a whole provider on top of this and of `plugin`, in under 80
//! lines; `examples/second_provider/` shows the rest: resources, nested objects, sets, write-only attributes, import, functions.
//! The Immuta provider itself, in `src/provider/`, has what neither has: private data, an identity, moves, an action, a
//! list resource.
//!
//! What is left out, and why:
//! - Blocks, with computed values or without: nested attributes say the same, and are what protocol 6 has them for.
//!   A [`Schema`] cannot declare a block.
//! - Dynamic attributes: a model is a struct, and has a type for each field. [`Service::schema_errors`] refuses them;
//!   a function may take and give dynamic values.
//! - Floats where the user writes the number: core compares every digit, and a float rounds `1 / 3`. A model has a
//!   [`value::Number`] there, which [`Service::schema_errors`] asks for.
//! - A `timeouts` block: declare a nested attribute, whose values a handler applies like any other argument.
//! - Plan modifiers and validators as objects: [`Resource::plan`] and `validate` are code, and see the whole object at once.
//! - State stores (protocol 6.11): no stable CLI has them.

mod action;
mod arguments;
mod context;
mod data_source;
mod diagnostics;
mod ephemeral_resource;
mod function;
mod handlers;
mod list_resource;
mod metadata;
mod model;
pub mod outcome;
pub mod panic;
pub mod path;
mod proto;
mod provider;
mod resource;
mod rules;
mod schema;
mod schema_errors;
mod service;
pub mod value;
mod wire;

pub use self::{
    action::{Action, Progress},
    context::{Capabilities, Configured, MaybeConfigured, RequestContext},
    data_source::DataSource,
    diagnostics::{Diagnostic, Severity},
    ephemeral_resource::{EphemeralResource, Opened, Renewal},
    function::{Function, FunctionDefinition, FunctionError, Parameter, argument, arguments_from},
    handlers::Handlers,
    list_resource::{ListResource, ListResult, ListResults},
    metadata::ProviderMetadata,
    model::{Model, Private},
    outcome::{ConfigureResult, HandlerResult, Outcome},
    provider::Provider,
    resource::{ImportId, MoveSource, Resource, StateOf},
    schema::{Attribute, AttributeKind, IdentityAttribute, IdentitySchema, NestingMode, Schema},
    service::Service,
    value::{Attr, Set},
};
