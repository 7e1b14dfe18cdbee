//! Real releases: reproducible, signed, installable.
//!
//! The tools that `dist` installs are kept in `target/tools`, for both clones and the next run.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use immuta_release::{
    archive::Entry,
    checksums, names, run, signature,
    target::{Platform, TARGETS},
};
use libtest_mimic::{Completion, Trial};
use object::{Architecture, BinaryFormat, Object};
use tempfile::TempDir;
use terraform_cli::built::target_dir;

use crate::{
    Packed, each_cli,
    https::Server,
    installation::{Installation, Mirror},
    installs_and_applies,
    mach_o::is_signed,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

pub(crate) fn trials() -> [Trial; 2] {
    let releases = Trial::test(
        "two clones make one release that is signed and can be installed",
        || {
            two_clones_make_one_release_that_is_signed_and_can_be_installed();
            Ok(())
        },
    );
    let signature = Trial::ignorable_test(
        "a signature is by the key that was given and of that file",
        || {
            if Command::new("gpg").arg("--version").output().is_err() {
                return Ok(Completion::ignored_with("gpg is not on this machine"));
            }
            a_signature_is_by_the_key_that_was_given_and_of_that_file();
            Ok(Completion::Completed)
        },
    );
    [releases.with_ignored_flag(true), signature]
}

fn two_clones_make_one_release_that_is_signed_and_can_be_installed() {
    let scratch = tempfile::tempdir().unwrap();
    let keys = Keys::generate();
    // Work may go on in this folder meanwhile: both are made from what is its commit now.
    let commit = run::text(git(Path::new(ROOT)).args(["rev-parse", "HEAD"])).unwrap();
    let first = release(&scratch.path().join("one"), &commit, &keys);
    // Another folder, of another depth and length of name, with a space in it.
    let second = release(&scratch.path().join("another folder/two"), &commit, &keys);

    let names_of = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let files = names_of(&first);
    assert_eq!(files, names_of(&second));
    let platform = Platform::native().unwrap();
    for expected in [
        names::archive(names::VERSION, platform),
        names::manifest(names::VERSION),
        names::sbom(names::VERSION),
        names::checksums(names::VERSION),
        names::signature(names::VERSION),
    ] {
        assert!(files.contains(&expected), "{expected} is not in {files:?}");
    }
    let signature_file = names::signature(names::VERSION);
    let differ: Vec<_> = files
        .iter()
        .filter(|file| **file != signature_file)
        .filter(|file| fs::read(first.join(file)).unwrap() != fs::read(second.join(file)).unwrap())
        .collect();
    assert_eq!(differ, [""; 0], "the two clones' files differ");

    // Every file but the sums and their signature is listed, with the right sum.
    let sums = fs::read_to_string(first.join(names::checksums(names::VERSION))).unwrap();
    let listed: Vec<_> = sums.lines().map(|line| line[66..].to_owned()).collect();
    let not_listed = [names::checksums(names::VERSION), signature_file.clone()];
    assert_eq!(
        listed,
        files
            .iter()
            .filter(|file| !not_listed.contains(file))
            .cloned()
            .collect::<Vec<_>>()
    );
    run::output(
        Command::new("sha256sum")
            .args(["--check", "--strict", "--quiet"])
            .arg(names::checksums(names::VERSION))
            .current_dir(&first),
    )
    .unwrap();

    keys.verify(
        &first.join(names::checksums(names::VERSION)),
        &first.join(&signature_file),
    )
    .unwrap();
    let manifest = first.join(names::manifest(names::VERSION));
    keys.verify(&manifest, &first.join(&signature_file))
        .unwrap_err();

    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    assert_eq!(
        manifest,
        serde_json::json!({"version": 1, "metadata": {"protocol_versions": ["6.0"]}})
    );
    bill_names_crates(&first.join(names::sbom(names::VERSION)));

    let platforms = TARGETS.map(|target| target.platform);
    let built = platforms
        .into_iter()
        .map(|platform| (platform, names::archive(names::VERSION, platform)))
        .filter(|(_, archive)| files.contains(archive));
    let mut unpacked: BTreeMap<_, _> = built
        .map(|(platform, archive)| (platform, unpack(&first.join(archive), platform)))
        .collect();
    let packed = unpacked.remove(&platform).unwrap();
    let mirror = scratch.path().join("mirror");
    packed.mirror(&mirror);
    let server = Server::start(&mirror);
    each_cli(|cli| {
        let filesystem = Installation::new(cli, &Mirror::Filesystem(&mirror));
        installs_and_applies(&filesystem, &packed);
        let network = Mirror::Network {
            url: &server.url(),
            ca_pem: server.ca_pem(),
        };
        installs_and_applies(&Installation::new(cli, &network), &packed);
    });
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command
}

/// The binary that makes releases, built once for both clones.
fn dist() -> PathBuf {
    run::show(
        Command::new("cargo")
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "immuta-release",
            ])
            .arg("--target-dir")
            .arg(target_dir())
            .current_dir(ROOT),
    )
    .unwrap();
    target_dir().join("debug/dist")
}

fn a_signature_is_by_the_key_that_was_given_and_of_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("sums"), "the sums").unwrap();
    fs::write(path("other"), "other sums").unwrap();
    let keys = Keys::generate();
    signature::sign(&path("sums"), &path("sig"), &keys.private, PASSPHRASE).unwrap();
    keys.verify(&path("sums"), &path("sig")).unwrap();
    keys.verify(&path("other"), &path("sig")).unwrap_err();

    let said = signature::sign(&path("sums"), &path("no"), &keys.private, "wrong").unwrap_err();
    assert!(!said.contains("wrong") && !path("no").exists(), "{said}");
}

/// Clones into `folder` and makes the commit's release there; gives the release's folder.
fn release(folder: &Path, commit: &str, keys: &Keys) -> PathBuf {
    let targets = env::var("TARGETS").unwrap_or_default();
    let targets: Vec<_> = targets.split_whitespace().collect();
    run::output(
        Command::new("git")
            .args(["clone", "--quiet", "--no-hardlinks", ROOT])
            .arg(folder),
    )
    .unwrap();
    run::output(git(folder).args(["checkout", "--quiet", "--detach", commit])).unwrap();
    run::show(
        Command::new(dist())
            .arg("--root")
            .arg(folder)
            .arg("--tools")
            .arg(target_dir().join("tools"))
            .args(targets.iter().flat_map(|target| ["--target", target]))
            .env("GPG_PRIVATE_KEY", &keys.private)
            .env("GPG_PASSPHRASE", PASSPHRASE),
    )
    .unwrap();
    folder.join("dist")
}

/// What the archive holds, which must be the binary alone; `h1:` is computed again.
fn unpack(path: &Path, platform: Platform) -> Packed {
    let archive = fs::read(path).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap();
    assert_eq!(zip.len(), 1);
    let mut file = zip.by_index(0).unwrap();
    let name = names::binary(names::VERSION, platform);
    assert_eq!(file.name().unwrap(), name);
    assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    drop(file);
    is_for(platform, &bytes);
    let h1 = checksums::h1(&[Entry {
        name: &name,
        bytes: &bytes,
        executable: true,
    }]);
    let home = format!("{}/", env::home_dir().unwrap().display());
    for private in [ROOT, &home] {
        assert!(
            !bytes
                .windows(private.len())
                .any(|window| window == private.as_bytes()),
            "{private} is in the binary"
        );
    }
    Packed {
        platform,
        archive,
        h1,
    }
}

/// A binary for this platform, which needs nothing that the platform does not have.
fn is_for(platform: Platform, binary: &[u8]) {
    let file = object::File::parse(binary).unwrap();
    let format = match platform.os {
        "linux" => BinaryFormat::Elf,
        "darwin" => BinaryFormat::MachO,
        "windows" => BinaryFormat::Pe,
        other => panic!("what is a program on {other}?"),
    };
    let architecture = match platform.arch {
        "amd64" => Architecture::X86_64,
        "arm64" => Architecture::Aarch64,
        other => panic!("what is Rust's name of {other}?"),
    };
    assert_eq!((file.format(), file.architecture()), (format, architecture));
    let mut libraries: Vec<_> = file
        .imports()
        .unwrap()
        .iter()
        .map(|import| String::from_utf8_lossy(import.library()).into_owned())
        .collect();
    libraries.sort();
    libraries.dedup();
    println!("{platform} loads {libraries:?}");
    match (platform.os, platform.arch) {
        ("linux", _) => assert_eq!(libraries, [""; 0], "it is not static"),
        ("darwin", "arm64") => assert!(is_signed(binary), "the processor will not run it"),
        _ => {}
    }
}

fn bill_names_crates(path: &Path) {
    let bill: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["name"], names::PACKAGE);
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().any(|component| component["name"] == name);
    assert!(named("rustls") && named("tonic"), "{components:#?}");
    assert!(
        !named("immuta-simulator"),
        "what only tests use is in the bill"
    );
}

const PASSPHRASE: &str = "only for this test";

/// A throw-away RSA key in a key ring of its own.
struct Keys {
    home: TempDir,
    private: String,
}

impl Keys {
    fn generate() -> Keys {
        let home = tempfile::Builder::new().prefix("gpg").tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let mut keys = Keys {
            home,
            private: String::new(),
        };
        let loopback = ["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE];
        run::output(keys.gpg().args(loopback).args([
            "--quick-gen-key",
            "A test <test@example.com>",
            "rsa3072",
            "sign",
            "1d",
        ]))
        .unwrap();
        keys.private = run::text(
            keys.gpg()
                .args(loopback)
                .args(["--armor", "--export-secret-keys"]),
        )
        .unwrap();
        keys
    }

    fn verify(&self, file: &Path, signature: &Path) -> Result<(), String> {
        run::output(self.gpg().arg("--verify").arg(signature).arg(file)).map(drop)
    }

    fn gpg(&self) -> Command {
        let mut command = Command::new("gpg");
        command.arg("--batch").env("GNUPGHOME", self.home.path());
        command
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // Ends the agent that GnuPG started for this folder.
        let _ = run::output(
            Command::new("gpgconf")
                .args(["--kill", "all"])
                .env("GNUPGHOME", self.home.path()),
        );
    }
}
