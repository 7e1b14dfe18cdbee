//! `dist`: makes everything that the registries publish, into `dist/`.
//!
//! ```text
//! dist [--root CLONE] [--tools FOLDER] [--target OS_ARCH]...
//! ```
//!
//! The clone is this one unless `--root` names another; `dist/` and `target/` are in it. `--tools` is where the
//! tools that are missing are installed, `target/tools` unless it is named.
//!
//! Without `--target`, every platform is tried. It fails when one that was named by `--target`, or
//! `linux_amd64`, could not be built; the table at its end says what became of each.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use immuta_release::{
    archive::{self, Compression, Entry},
    build, checksums, names, sbom, signature,
    source::{self, Source},
    target::{self, TARGETS, Target},
    toolchain::Tools,
};

struct Order {
    root: PathBuf,
    tools: Option<PathBuf>,
    /// Each target, and whether the run fails without it.
    targets: Vec<(Target, bool)>,
}

fn main() -> ExitCode {
    match order().and_then(make) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("dist: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn order() -> Result<Order, String> {
    use lexopt::{Arg, ValueExt};

    let mut order = Order {
        root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        tools: None,
        targets: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    let folder = |value: OsString| {
        std::path::absolute(value).map_err(|cause| lexopt::Error::Custom(cause.into()))
    };
    let mut parse = || -> Result<(), lexopt::Error> {
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("root") => order.root = parser.value()?.into(),
                Arg::Long("tools") => order.tools = Some(folder(parser.value()?)?),
                Arg::Long("target") => {
                    let name = parser.value()?.string()?;
                    let target =
                        target::by_name(&name).ok_or_else(|| format!("no such target: {name}"))?;
                    order.targets.push((target, true));
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(())
    };
    parse().map_err(|cause| cause.to_string())?;
    order.root = order
        .root
        .canonicalize()
        .map_err(|cause| say(&order.root, cause))?;
    if order.targets.is_empty() {
        let needed = |target: &Target| target.platform.to_string() == "linux_amd64";
        order.targets = TARGETS.map(|target| (target, needed(&target))).into();
    }
    Ok(order)
}

fn make(order: Order) -> Result<(), String> {
    let target = order.root.join("target");
    let out = order.root.join("dist");
    let work = target.join("dist");
    let source = source::take(&order.root, &work.join("source"))?;
    println!(
        "dist: {} {} of {}",
        names::PACKAGE,
        names::VERSION,
        source.commit
    );
    let tools = Tools::ready(&order.tools.unwrap_or_else(|| target.join("tools")))?;
    build::fetch(&tools, &source)?;

    // Files of an earlier version must not be published with this one.
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|cause| say(&out, cause))?;
    }
    fs::create_dir_all(&out).map_err(|cause| say(&out, cause))?;

    let mut files = Vec::new();
    let mut table = Vec::new();
    let mut missing = Vec::new();
    for (target, needed) in &order.targets {
        let built = build::build(&tools, &source, *target, &work.join("build"))
            .and_then(|binary| pack(&source, *target, &binary));
        let line = match built {
            Ok((name, bytes, size)) => {
                let line = format!("{size} bytes, in a zip of {}", bytes.len());
                files.push((name, bytes));
                line
            }
            Err(cause) => {
                if *needed {
                    missing.push(target.platform.to_string());
                }
                format!("NOT BUILT: {cause}")
            }
        };
        table.push((target.platform.to_string(), line));
    }

    files.push((names::manifest(names::VERSION), manifest(&source)?));
    files.push((
        names::sbom(names::VERSION),
        sbom::make(&tools, &source)?.into_bytes(),
    ));
    let sums = checksums::sums(
        files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
    );
    files.push((names::checksums(names::VERSION), sums.into_bytes()));
    for (name, bytes) in &files {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|cause| say(&path, cause))?;
    }
    let signed = sign(&out)?;

    println!("dist: {}", out.display());
    for (name, line) in table {
        println!("  {name:<14} {line}");
    }
    println!("  {:<14} {signed}", "signature");
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("not built: {}", missing.join(", ")))
    }
}

/// The archive's name and bytes, and the binary's size.
fn pack(
    source: &Source,
    target: Target,
    binary: &Path,
) -> Result<(String, Vec<u8>, usize), String> {
    let bytes = fs::read(binary).map_err(|cause| say(binary, cause))?;
    let entry = Entry {
        name: &names::binary(names::VERSION, target.platform),
        bytes: &bytes,
        executable: true,
    };
    let packed = archive::pack(&[entry], source.time, Compression::Best)
        .map_err(|cause| cause.to_string())?;
    Ok((
        names::archive(names::VERSION, target.platform),
        packed,
        bytes.len(),
    ))
}

fn manifest(source: &Source) -> Result<Vec<u8>, String> {
    let path = source.folder.join("terraform-registry-manifest.json");
    fs::read(&path).map_err(|cause| say(&path, cause))
}

/// Signs the checksums when there is a key, and says what was done.
fn sign(out: &Path) -> Result<&'static str, String> {
    let Ok(key) = env::var(signature::KEY_VARIABLE) else {
        return Ok("none: GPG_PRIVATE_KEY is not set");
    };
    let passphrase = env::var(signature::PASSPHRASE_VARIABLE).unwrap_or_default();
    signature::sign(
        &out.join(names::checksums(names::VERSION)),
        &out.join(names::signature(names::VERSION)),
        &key,
        &passphrase,
    )?;
    Ok("made with the key in GPG_PRIVATE_KEY")
}

fn say(path: &Path, cause: std::io::Error) -> String {
    format!("{}: {cause}", path.display())
}
