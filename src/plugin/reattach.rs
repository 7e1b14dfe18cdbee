//! What a CLI needs to know to use a provider process that it did not start.

use serde::Serialize;

use super::{launch::PROTOCOL_VERSION, listener::Address};

/// The registries that the CLIs take for a source address without a host: Terraform's and OpenTofu's.
const DEFAULT_REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    protocol: &'static str,
    protocol_version: u32,
    pid: u32,
    /// Makes the CLIs connect without TLS and leave the process running.
    test: bool,
    addr: Addr<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Addr<'a> {
    network: &'a str,
    string: &'a str,
}

/// The value of `TF_REATTACH_PROVIDERS` for the provider with this source address (without a host).
pub(super) fn value(source: &str, address: &Address, pid: u32) -> String {
    let entries: serde_json::Map<String, serde_json::Value> = DEFAULT_REGISTRIES
        .iter()
        .map(|registry| {
            let entry = Entry {
                protocol: "grpc",
                protocol_version: PROTOCOL_VERSION,
                pid,
                test: true,
                addr: Addr {
                    network: address.network,
                    string: &address.address,
                },
            };
            (format!("{registry}/{source}"), serde_json::json!(entry))
        })
        .collect();
    serde_json::Value::Object(entries).to_string()
}

/// What `--debug` prints.
pub(super) fn instructions(value: &str) -> String {
    // Nothing in the value can hold a quote but the socket's path.
    let quoted = value.replace('\'', r"'\''");
    format!(
        "The provider is running. Set TF_REATTACH_PROVIDERS where Terraform or OpenTofu is run:

\tTF_REATTACH_PROVIDERS='{quoted}'

Press Ctrl-C to end it.
"
    )
}

#[cfg(test)]
#[path = "reattach_tests.rs"]
mod tests;
