//! What is configured: the oracle. A pure value, from which HCL is written and against which the
//! simulator is held.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// What every key in `signing_key` starts with, and every write-only one. Their lengths are
/// multiples of three, so that base64 does not hide them.
pub(crate) const PLAIN: &str = "pl4in-k\"y%/+";
pub(crate) const WRITE_ONLY: &str = "wr1te-0nly%/+\"k";

/// A configured key. Each number stands for one value, used once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key {
    None,
    /// `signing_key`
    Plain(u32),
    /// `signing_key_wo`, with the number as its version.
    WriteOnly(u32),
}

impl Key {
    pub(crate) fn value(self) -> Option<String> {
        match self {
            Key::None => None,
            Key::Plain(n) => Some(format!("{PLAIN}{n}")),
            Key::WriteOnly(n) => Some(format!("{WRITE_ONLY}{n}")),
        }
    }
}

/// A configured webhook.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resource {
    pub(crate) url: String,
    pub(crate) verify_tls: bool,
    pub(crate) key: Key,
    pub(crate) create_before_destroy: bool,
    /// Managed by the second provider, a process of its own.
    pub(crate) second_provider: bool,
}

/// A whole configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// By name.
    pub(crate) resources: BTreeMap<String, Resource>,
    /// From one name to another.
    pub(crate) moved: Vec<(String, String)>,
}

impl Config {
    /// The resource with this address.
    pub(crate) fn at(&self, address: &str) -> Option<&Resource> {
        self.resources.get(address.strip_prefix("immuta_webhook.")?)
    }

    /// The keys, as values of the variables `keys` and `write_only_keys`.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let keys = |wanted: fn(Key) -> bool| {
            let keys = self.resources.iter().filter(|(_, r)| wanted(r.key));
            let keys: BTreeMap<_, _> = keys.map(|(name, r)| (name, r.key.value())).collect();
            serde_json::to_string(&keys).expect("text is JSON")
        };
        [
            ("TF_VAR_keys", keys(|key| matches!(key, Key::Plain(_)))),
            (
                "TF_VAR_write_only_keys",
                keys(|key| matches!(key, Key::WriteOnly(_))),
            ),
        ]
    }

    /// Short timeouts, so that what never returns is soon given up.
    pub(crate) fn hcl(&self, write_only: bool) -> String {
        let settings = r#"
  request_timeout   = "1s"
  operation_timeout = "20s"
  retry = {
    max_attempts = 2
    min_backoff  = "1ms"
    max_backoff  = "20ms"
  }
"#;
        let mut hcl = format!(
            "provider \"immuta\" {{{settings}}}\nprovider \"immuta\" {{\n  alias = \"second\"{settings}}}\n"
        );
        for (name, ephemeral) in [("keys", false), ("write_only_keys", true)] {
            if write_only || !ephemeral {
                let _ = writeln!(
                    hcl,
                    "variable \"{name}\" {{\n  type = map(string)\n  sensitive = true\n{}  default = {{}}\n}}",
                    if ephemeral {
                        "  ephemeral = true\n"
                    } else {
                        ""
                    },
                );
            }
        }
        for (name, resource) in &self.resources {
            let _ = write!(
                hcl,
                "resource \"immuta_webhook\" \"{name}\" {{\n  url = \"{}\"\n  verify_tls = {}\n",
                resource.url, resource.verify_tls
            );
            let _ = match resource.key {
                Key::None => Ok(()),
                Key::Plain(_) => writeln!(hcl, "  signing_key = var.keys[\"{name}\"]"),
                Key::WriteOnly(version) => writeln!(
                    hcl,
                    "  signing_key_wo = var.write_only_keys[\"{name}\"]\n  signing_key_wo_version = {version}"
                ),
            };
            if resource.second_provider {
                hcl.push_str("  provider = immuta.second\n");
            }
            if resource.create_before_destroy {
                hcl.push_str("  lifecycle {\n    create_before_destroy = true\n  }\n");
            }
            hcl.push_str("}\n");
        }
        for (from, to) in &self.moved {
            let _ = writeln!(
                hcl,
                "moved {{\n  from = immuta_webhook.{from}\n  to = immuta_webhook.{to}\n}}"
            );
        }
        hcl
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, resource) in &self.resources {
            let url = resource
                .url
                .trim_start_matches("https://hooks.example.com/");
            write!(f, "{name}=/{url},{:?}", resource.key)?;
            for (set, word) in [
                (!resource.verify_tls, ",no-tls"),
                (resource.create_before_destroy, ",first"),
                (resource.second_provider, ",second"),
            ] {
                f.write_str(if set { word } else { "" })?;
            }
            f.write_str(" ")?;
        }
        Ok(())
    }
}
