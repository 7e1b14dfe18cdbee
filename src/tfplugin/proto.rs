//! The messages and services of protocol 6.11, generated from `proto/tfplugin6.proto`.
//!
//! A provider needs none of them. They are public for tests and benchmarks, which talk to a [`Service`](super::Service)
//! in its own messages, and change with each minor of the protocol.
#![allow(missing_docs, clippy::all)]

tonic::include_proto!("tfplugin6");
