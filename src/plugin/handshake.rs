//! The line on stdout that tells core where and how to connect.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::{launch::PROTOCOL_VERSION, listener::Address};

/// go-plugin's own version.
const CORE_PROTOCOL_VERSION: u32 = 1;

/// The handshake line, without its line break. `certificate` is the server's, in DER; without one the
/// last of the six fields is empty.
pub(super) fn line(address: &Address, certificate: Option<&[u8]>) -> String {
    let Address { network, address } = address;
    let certificate = certificate
        .map(|der| STANDARD_NO_PAD.encode(der))
        .unwrap_or_default();
    format!("{CORE_PROTOCOL_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}")
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
mod tests;
