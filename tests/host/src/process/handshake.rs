//! The line by which a provider says where it listens, read as strictly as core reads it.

use std::path::PathBuf;

use base64::Engine as _;
use rustls::pki_types::CertificateDer;

/// Where a provider listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// A TCP address.
    Tcp(String),
}

/// What the line says.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// The line itself.
    pub line: String,
    /// The protocol version, 5 or 6.
    pub protocol: u32,
    /// Where the provider listens.
    pub address: Address,
    /// The certificate of the server, where TLS is spoken.
    pub certificate: Option<CertificateDer<'static>>,
}

impl Handshake {
    /// Reads the line. Errors are what core prints.
    pub fn parse(line: &str) -> Result<Handshake, String> {
        let fields: Vec<&str> = line.trim().split('|').collect();
        let [core, protocol, network, address, ref rest @ ..] = fields[..] else {
            return Err(format!("Unrecognized remote plugin message: {line}"));
        };
        if core != "1" {
            return Err(format!(
                "Incompatible core API version with plugin. Plugin version: {core}, Core version: 1"
            ));
        }
        let protocol = protocol
            .parse()
            .ok()
            .filter(|p| [5, 6].contains(p))
            .ok_or_else(|| {
                format!(
                    "Incompatible API version with plugin. Plugin version: {protocol}, Client versions: [5 6]"
                )
            })?;
        let address = match network {
            "unix" => Address::Unix(PathBuf::from(address)),
            "tcp" => Address::Tcp(address.to_owned()),
            _ => return Err(format!("Unknown address type: {network}")),
        };
        let kind = rest.first().copied().unwrap_or("netrpc");
        if kind != "grpc" {
            return Err(format!(
                "Unsupported plugin protocol {kind:?}. Supported: [grpc]"
            ));
        }
        let certificate = match rest.get(1).copied().unwrap_or_default() {
            "" => None,
            text => Some(CertificateDer::from(
                base64::engine::general_purpose::STANDARD_NO_PAD
                    .decode(text)
                    .map_err(|e| format!("the certificate of the handshake line: {e}"))?,
            )),
        };
        Ok(Handshake {
            line: line.to_owned(),
            protocol,
            address,
            certificate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_fields_are_read() {
        let handshake = Handshake::parse("1|6|unix|/tmp/s|grpc|AQI").unwrap();
        assert_eq!(handshake.address, Address::Unix("/tmp/s".into()));
        assert_eq!(handshake.certificate.unwrap().as_ref(), [1, 2]);
        let handshake = Handshake::parse("1|6|tcp|127.0.0.1:10000|grpc|").unwrap();
        assert_eq!(handshake.address, Address::Tcp("127.0.0.1:10000".into()));
        assert!(handshake.certificate.is_none());
    }

    #[test]
    fn what_core_refuses_is_refused_with_its_words() {
        for (line, text) in [
            ("hello", "Unrecognized remote plugin message: hello"),
            ("2|6|unix|/s|grpc|", "Incompatible core API version"),
            ("1|7|unix|/s|grpc|", "Client versions: [5 6]"),
            ("1|6|unix|/s|netrpc|", "Unsupported plugin protocol"),
            ("1|6|pipe|/s|grpc|", "Unknown address type"),
            ("1|6|unix|/s|grpc|A=", "certificate"),
        ] {
            assert!(Handshake::parse(line).unwrap_err().contains(text), "{line}");
        }
    }
}
