//! The built provider, held to what Terraform core asks of every provider: how its process lives
//! ([`handshake`], [`ending`], [`reattach`], [`messages`]) and what it answers ([`life`] and the
//! rest), as each recorded CLI calls it, against the simulator of the API.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod ending;
mod handshake;
mod messages;
mod reattach;
mod world;

mod extras;
mod failures;
mod identity;
mod life;
mod load;
mod stopping;
mod write_only;
