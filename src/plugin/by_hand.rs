//! What someone reads who starts the binary instead of letting Terraform start it.

use std::path::Path;

use crate::tfplugin::About;

/// Says what the binary is and how to install it. `binary` is where it lies now.
pub(super) fn explanation(about: &About, binary: &Path) -> String {
    let About {
        name,
        version,
        address,
        purpose,
    } = about;
    let folder = binary.parent().unwrap_or(Path::new(".")).display();
    let platform = platform(std::env::consts::OS, std::env::consts::ARCH);
    format!(
        r#"{name} {version}
{purpose}

This program is a provider: a plugin that Terraform and OpenTofu start themselves. It does nothing when started by hand.

To try it as it lies here, put this into the CLI's configuration file (~/.terraformrc, or ~/.tofurc), and skip `init`:

  provider_installation {{
    dev_overrides {{
      "{address}" = "{folder}"
    }}
    direct {{}}
  }}

To install it, copy it into a filesystem mirror, and run `terraform init` or `tofu init`:

  ~/.terraform.d/plugins/registry.terraform.io/{address}/{version}/{platform}/{name}_v{version}
  ~/.terraform.d/plugins/registry.opentofu.org/{address}/{version}/{platform}/{name}_v{version}

Then name it in the configuration:

  terraform {{
    required_providers {{
      {kind} = {{
        source = "{address}"
      }}
    }}
  }}

Run `{name} --help` for its options.
"#,
        kind = address.rsplit('/').next().unwrap_or(address),
    )
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
mod tests {
    use super::*;

    #[test]
    fn platforms_have_the_names_that_the_clis_give_them() {
        assert_eq!(platform("linux", "x86_64"), "linux_amd64");
        assert_eq!(platform("macos", "aarch64"), "darwin_arm64");
        assert_eq!(platform("windows", "x86"), "windows_386");
        assert_eq!(platform("linux", "arm"), "linux_arm");
    }

    #[test]
    fn the_explanation_can_be_copied() {
        let about = About {
            name: "terraform-provider-example",
            version: "1.2.3",
            address: "acme/example",
            purpose: "Examples, declared",
        };
        let text = explanation(&about, Path::new("/opt/bin/terraform-provider-example"));
        for part in [
            "Examples, declared",
            r#""acme/example" = "/opt/bin""#,
            "dev_overrides {",
            "/registry.terraform.io/acme/example/1.2.3/",
            "/registry.opentofu.org/acme/example/1.2.3/",
            "terraform-provider-example_v1.2.3\n",
            "example = {",
            r#"source = "acme/example""#,
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
