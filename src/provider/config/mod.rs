//! The provider block: what users write in it, and the client's configuration that it and the environment give.

mod client_config;
mod environment;
mod model;
mod read;
mod setting;

pub(super) use self::{
    client_config::{client_config, validate},
    environment::Environment,
    model::{Config, schema},
};
