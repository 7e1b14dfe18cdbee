//! Builds the provider for one target, the same bytes wherever the sources, the crates and the target
//! folder lie.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{names, run, source::Source, target::Target, toolchain::Tools};

/// What stands in for Apple's SDK, which may be used on Apple's machines alone: linking takes no more than
/// the names that are called.
const MACOS_SDK: &str = "tests/release/macos-sdk";

/// The first that runs on both kinds of Apple's processors.
const OLDEST_MACOS: &str = "11.0";

/// The crates of the registry, in the folder that Cargo unpacks them to.
///
/// # Errors
///
/// When they cannot be fetched.
pub fn fetch(tools: &Tools, source: &Source) -> Result<(), String> {
    run::show(
        tools
            .cargo()
            .current_dir(&source.folder)
            .args(["fetch", "--locked", "--quiet"]),
    )
}

/// Builds for `target`, below `folder`, and gives the binary's path.
///
/// # Errors
///
/// When a tool cannot be had, or the build fails.
pub fn build(
    tools: &Tools,
    source: &Source,
    target: Target,
    folder: &Path,
) -> Result<PathBuf, String> {
    tools.add(target)?;
    let renamed = renamed(source, folder)?;
    let mut rust_flags: Vec<_> = renamed
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect();
    if target.platform.os == "darwin" {
        // The linker hashes what it writes into the program's UUID, and Rust strips the paths in it only
        // afterwards.
        rust_flags.push("-Clink-arg=-s".to_owned());
    }
    let c_flags: Vec<_> = renamed
        .iter()
        .map(|(from, to)| format!("'-ffile-prefix-map={}={to}'", from.display()))
        .collect();
    run::show(
        tools
            .cargo()
            .current_dir(&source.folder)
            .args(["zigbuild", "--release", "--locked", "--quiet"])
            .args(["--package", names::PACKAGE, "--bin", names::PACKAGE])
            .args(["--target", target.triple])
            .arg("--target-dir")
            .arg(folder)
            .env("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"))
            .env(
                format!("CFLAGS_{}", target.triple.replace('-', "_")),
                c_flags.join(" "),
            )
            // A path may have a space in it.
            .env("CC_SHELL_ESCAPED_FLAGS", "1")
            .env("SOURCE_DATE_EPOCH", source.time.as_second().to_string())
            // An assembler for Windows is rarely at hand; the crypto library brings what it would make.
            .env("AWS_LC_SYS_PREBUILT_NASM", "1")
            // Other targets read neither.
            .env("SDKROOT", source.folder.join(MACOS_SDK))
            .env("MACOSX_DEPLOYMENT_TARGET", OLDEST_MACOS),
    )?;
    Ok(folder.join(target.triple).join("release").join(format!(
        "{}{}",
        names::PACKAGE,
        target.platform.exe_suffix()
    )))
}

/// What the paths of this machine are called in the binary.
fn renamed(source: &Source, folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or("neither CARGO_HOME nor HOME is set")?;
    let mut renamed = vec![
        (source.folder.clone(), "/source".to_owned()),
        (folder.to_owned(), "/target".to_owned()),
        (cargo_home.clone(), "/cargo".to_owned()),
    ];
    // Last, since the last match counts: the folder's name tells which mirror the crates came from.
    let crates = cargo_home.join("registry/src");
    let registries =
        fs::read_dir(&crates).map_err(|cause| format!("{}: {cause}", crates.display()))?;
    for registry in registries {
        let registry = registry.map_err(|cause| format!("{}: {cause}", crates.display()))?;
        renamed.push((registry.path(), "/crates".to_owned()));
    }
    Ok(renamed)
}
