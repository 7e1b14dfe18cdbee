//! The layouts of mirrors, as `terraform providers mirror` writes them.

use std::{fs, io, path::Path};

use serde_json::json;

use crate::{names, target::Platform};

/// The registries under whose names the provider is installed.
pub const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The provider's namespace and type below a registry.
pub const PROVIDER: &str = "immuta/immuta";

/// An archive to be mirrored.
#[derive(Clone, Copy, Debug)]
pub struct Package<'a> {
    /// What it was built for.
    pub platform: Platform,
    /// The zip.
    pub archive: &'a [u8],
    /// Its [`h1`](crate::checksums::h1).
    pub h1: &'a str,
}

/// Writes a mirror into `folder`. It serves as a filesystem mirror (packed layout), and over HTTPS as
/// a network mirror (`index.json` and `{version}.json` beside the archives).
///
/// # Errors
///
/// When a folder or file cannot be written.
pub fn write(folder: &Path, version: &str, packages: &[Package<'_>]) -> io::Result<()> {
    let archives: serde_json::Map<_, _> = packages
        .iter()
        .map(|package| {
            let about = json!({
                "hashes": [package.h1],
                "url": names::archive(version, package.platform),
            });
            (package.platform.to_string(), about)
        })
        .collect();
    for registry in REGISTRIES {
        let folder = folder.join(registry).join(PROVIDER);
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("index.json"),
            json!({ "versions": { version: {} } }).to_string(),
        )?;
        fs::write(
            folder.join(format!("{version}.json")),
            json!({ "archives": archives }).to_string(),
        )?;
        for package in packages {
            let name = names::archive(version, package.platform);
            fs::write(folder.join(name), package.archive)?;
        }
    }
    Ok(())
}
