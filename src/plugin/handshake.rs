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
mod tests {
    use super::*;

    fn address() -> Address {
        Address {
            network: "unix",
            address: "/tmp/plugin-x/socket".into(),
        }
    }

    #[test]
    fn it_has_six_fields_and_the_certificate_has_no_padding() {
        assert_eq!(
            line(&address(), Some(&[0xfb, 0xff, 0xbf, 0x01])),
            "1|6|unix|/tmp/plugin-x/socket|grpc|+/+/AQ"
        );
    }

    #[test]
    fn without_a_certificate_the_last_field_is_empty() {
        assert_eq!(
            line(&address(), None),
            "1|6|unix|/tmp/plugin-x/socket|grpc|"
        );
    }
}
