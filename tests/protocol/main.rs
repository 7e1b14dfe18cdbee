//! The built provider, held to what Terraform core asks of every provider: how its process lives
//! ([`handshake`], [`ending`], [`reattach`], [`messages`]) and what it answers as each CLI calls it
//! ([`calls`]), against the simulator of the API.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod calls;
mod ending;
mod handshake;
mod messages;
mod reattach;
mod world;
