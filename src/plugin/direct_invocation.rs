//! The text for someone who starts the binary instead of letting Terraform start it.

use std::path::Path;

use crate::tfplugin::ProviderMetadata;

/// What the binary is and how to install it. `binary` is where it is now.
pub(super) fn explanation(metadata: &ProviderMetadata, binary: &Path) -> String {
    let ProviderMetadata {
        name,
        version,
        address,
        purpose,
    } = metadata;
    let folder = binary.parent().unwrap_or(Path::new(".")).display();
    let platform = platform(std::env::consts::OS, std::env::consts::ARCH);
    format!(
        r#"{name} {version}
{purpose}

This program is a provider: a plugin that Terraform and OpenTofu start themselves. It does nothing when it is run directly.

To try it from this folder, add this to the CLI configuration file (~/.terraformrc or ~/.tofurc), and skip `init`:

  provider_installation {{
    dev_overrides {{
      "{address}" = "{folder}"
    }}
    direct {{}}
  }}
{rename}
To install it, copy it into a filesystem mirror, and run `terraform init` or `tofu init`:

  ~/.terraform.d/plugins/registry.terraform.io/{address}/{version}/{platform}/{name}_v{version}
  ~/.terraform.d/plugins/registry.opentofu.org/{address}/{version}/{platform}/{name}_v{version}

Then require it in the configuration:

  terraform {{
    required_providers {{
      {kind} = {{
        source = "{address}"
      }}
    }}
  }}

Run `{name} --help` for its options.
"#,
        rename = rename(name, binary),
        kind = address.rsplit('/').next().unwrap_or(address),
    )
}

/// What to do first where the CLIs would not find the binary in its folder: they go by the name of its file.
fn rename(name: &str, binary: &Path) -> String {
    let file = binary.file_name().unwrap_or_default().to_string_lossy();
    match file.starts_with(name) {
        true => String::new(),
        false => {
            format!("\nRename this file first, from {file} to {name}: the CLI looks for that.\n")
        }
    }
}

/// The name that the CLIs give to an operating system and a processor, such as `linux_amd64`.
fn platform(system: &str, processor: &str) -> String {
    let system = match system {
        "macos" => "darwin",
        other => other,
    };
    let processor = match processor {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{processor}")
}

#[cfg(test)]
#[path = "direct_invocation_tests.rs"]
mod tests;
