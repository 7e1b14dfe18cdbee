//! A provider that somebody else started: `--debug` and `TF_REATTACH_PROVIDERS`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::connection::Connection;
use super::handshake::Address;
use super::lock;
use crate::wire::{Spawn, Wire};

/// One entry of `TF_REATTACH_PROVIDERS`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Entry {
    /// `grpc`
    pub protocol: String,
    /// 6
    #[serde(default)]
    pub protocol_version: u32,
    /// The provider's process id.
    pub pid: u32,
    /// Whether the connection is without TLS and without `Shutdown`.
    #[serde(default)]
    pub test: bool,
    /// Where it listens.
    pub addr: Addr,
}

/// Where a reattached provider listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Addr {
    /// `unix` or `tcp`
    pub network: String,
    /// The path or address.
    pub string: String,
}

/// A provider to reattach to. Each would-be process of a command is a connection of its own; core
/// neither shuts down nor closes them before its own end.
#[derive(Debug)]
pub struct Reattach {
    address: Address,
    kept: Mutex<Vec<Arc<Connection>>>,
}

impl Reattach {
    /// Reads the value of the variable: the entries by provider address.
    pub fn parse(value: &str) -> Result<BTreeMap<String, Entry>, String> {
        serde_json::from_str(value).map_err(|e| format!("TF_REATTACH_PROVIDERS: {e}"))
    }

    /// Attaches to this entry.
    pub fn to(entry: &Entry) -> Result<Reattach, String> {
        if entry.protocol != "grpc" || !entry.test {
            return Err("only grpc entries without TLS can be attached to".to_owned());
        }
        let address = match entry.addr.network.as_str() {
            "unix" => Address::Unix(entry.addr.string.clone().into()),
            "tcp" => Address::Tcp(entry.addr.string.clone()),
            other => return Err(format!("unknown network {other}")),
        };
        Ok(Reattach {
            address,
            kept: Mutex::new(Vec::new()),
        })
    }

    /// Opens a connection.
    pub fn connect(&self) -> Result<Arc<Connection>, String> {
        let connection = Arc::new(Connection::open_plain(&self.address)?);
        lock(&self.kept).push(connection.clone());
        Ok(connection)
    }
}

impl Spawn for Reattach {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        Ok(self.connect()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_read() {
        let value = r#"{"registry.terraform.io/immuta/immuta":{"Protocol":"grpc","ProtocolVersion":6,"Pid":7,"Test":true,"Addr":{"Network":"unix","String":"/tmp/s"}}}"#;
        let entries = Reattach::parse(value).unwrap();
        let entry = &entries["registry.terraform.io/immuta/immuta"];
        assert_eq!(entry.pid, 7);
        assert!(Reattach::to(entry).is_ok());
        assert!(Reattach::parse("{}x").is_err());
    }
}
