//! The messages and services of protocol 6.11, generated from `proto/tfplugin6.proto`.
//!
//! They stay in `tfplugin`: they change with each minor of the protocol, and what a provider is written with does not.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all)]

tonic::include_proto!("tfplugin6");
