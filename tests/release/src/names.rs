//! The names of the registry's files, for one version.

use crate::target::Platform;

/// The provider's package, which begins every name.
pub const PACKAGE: &str = "terraform-provider-immuta";

/// The version that this workspace builds, without a `v`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The archive of one platform.
pub fn archive(version: &str, platform: Platform) -> String {
    format!("{PACKAGE}_{version}_{platform}.zip")
}

/// The binary in the archive of a platform.
pub fn binary(version: &str, platform: Platform) -> String {
    format!("{PACKAGE}_v{version}{}", platform.exe_suffix())
}

/// The registry manifest, which says what protocol the provider speaks.
pub fn manifest(version: &str) -> String {
    format!("{PACKAGE}_{version}_manifest.json")
}

/// The bill of materials, in CycloneDX's JSON.
pub fn sbom(version: &str) -> String {
    format!("{PACKAGE}_{version}_sbom.cdx.json")
}

/// The checksums of all the other files.
pub fn checksums(version: &str) -> String {
    format!("{PACKAGE}_{version}_SHA256SUMS")
}

/// The detached signature of the checksums.
pub fn signature(version: &str) -> String {
    format!("{PACKAGE}_{version}_SHA256SUMS.sig")
}
