//! The messages and services of protocol 6.11, generated from `proto/tfplugin6.proto`.
#![allow(missing_docs, clippy::all)]

tonic::include_proto!("tfplugin6");
