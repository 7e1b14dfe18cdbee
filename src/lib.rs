//! `terraform-provider-immuta`: the webhooks of Immuta's Request app, declared in HCL.
//!
//! This page is the map. There are four modules, and imports run one way:
//! `main → provider → {tfplugin, immuta}` and `main → plugin → tfplugin`. No files of one module import each
//! other in a circle; `tests/layering.rs` checks both.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`plugin`] | the process of any Terraform plugin: flags, handshake, mutual TLS, listener, end |
//! | [`tfplugin`] | protocol 6.11: values, schemas, the traits of everything that users can write, and the one service that calls them |
//! | [`immuta`] | the API: models, errors, retries, and `Client`, which handlers call. Knows no Terraform |
//! | [`provider`] | the Immuta provider: its configuration, and a file for each thing that users can write. The only module that knows both sides |
//!
//! # One RPC from end to end
//!
//! `PlanResourceChange` comes in at `plugin/server.rs` and reaches
//! [`Service`](tfplugin::Service) (`tfplugin/service/mod.rs`), which finds the resource by its type
//! name. `tfplugin/handlers/resource/plan_resource_change.rs` decodes the values, fills in defaults, and calls the
//! trait [`Resource`](tfplugin::Resource). `provider/resources/webhook/mod.rs` implements it and leaves the decision
//! to a pure function in `provider/resources/webhook/plan.rs`. On the way back `plan_resource_change.rs` turns the
//! outcome into a state, nulls write-only attributes (`tfplugin/rules.rs`), and encodes it.
//!
//! # Where to change what
//!
//! - the default of an attribute: its line in the schema (`provider/resources/webhook/model.rs`);
//! - a new data source: one file in `provider/data_sources/`, and one line in
//!   [`Immuta::handlers`](provider::Immuta);
//! - when a request is retried: `immuta/transport/retry.rs`;
//! - a message about a webhook: `provider/resources/webhook/messages.rs`.

pub mod immuta;
pub mod plugin;
pub mod provider;
pub mod tfplugin;
