//! The release as users get it: packed, installed from a mirror with a plain `init`, and applied.
//!
//! The ordinary tests pack the debug binary at hand. The one that is ignored makes real releases, which
//! takes minutes: `make test-dist` runs it. Without GnuPG the test of the signature is reported as ignored.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod https;
mod installation;
mod mach_o;
mod release;

use std::{fs, path::Path, process::ExitCode};

use immuta_release::{
    archive::{self, Compression, Entry},
    checksums, mirror, names,
    target::Platform,
};
use libtest_mimic::{Arguments, Trial};
use terraform_cli::Cli;

use crate::{
    https::Server,
    installation::{Installation, Mirror},
};

fn main() -> ExitCode {
    let plain: [(&str, fn()); 3] = [
        (
            "a plain init installs from a filesystem mirror",
            a_plain_init_installs_from_a_filesystem_mirror,
        ),
        (
            "a plain init installs from a network mirror",
            a_plain_init_installs_from_a_network_mirror,
        ),
        (
            "an archive that is not the locked one is refused",
            an_archive_that_is_not_the_locked_one_is_refused,
        ),
    ];
    let mut trials: Vec<_> = plain
        .map(|(name, test)| {
            Trial::test(name, move || {
                test();
                Ok(())
            })
        })
        .into();
    trials.extend(release::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// An archive as a release has it.
pub(crate) struct Packed {
    platform: Platform,
    archive: Vec<u8>,
    h1: String,
}

impl Packed {
    /// The binary at hand, packed as a release is.
    fn built() -> Packed {
        Packed::of(&fs::read(env!("CARGO_BIN_EXE_terraform-provider-immuta")).unwrap())
    }

    /// A binary for this platform.
    fn of(binary: &[u8]) -> Packed {
        let platform = Platform::native().expect("a platform that is published");
        let entries = [Entry {
            name: &names::binary(names::VERSION, platform),
            bytes: binary,
            executable: true,
        }];
        let time = "2025-01-02T03:04:06Z".parse().unwrap();
        Packed {
            platform,
            archive: archive::pack(&entries, time, Compression::None).unwrap(),
            h1: checksums::h1(&entries),
        }
    }

    /// Writes a mirror that holds it.
    fn mirror(&self, folder: &Path) {
        let package = mirror::Package {
            platform: self.platform,
            archive: &self.archive,
            h1: &self.h1,
        };
        mirror::write(folder, names::VERSION, &[package]).unwrap();
    }
}

/// Each CLI that is found; none is a failure.
fn each_cli(test: impl Fn(&Cli)) {
    let clis = Cli::found();
    assert!(!clis.is_empty(), "no CLI was found: run tests/cli.sh");
    for cli in &clis {
        println!("{cli}");
        test(cli);
    }
}

fn a_plain_init_installs_from_a_filesystem_mirror() {
    let folder = tempfile::tempdir().unwrap();
    let packed = Packed::built();
    packed.mirror(folder.path());
    each_cli(|cli| {
        let installation = Installation::new(cli, &Mirror::Filesystem(folder.path()));
        installs_and_applies(&installation, &packed);
    });
}

fn a_plain_init_installs_from_a_network_mirror() {
    let folder = tempfile::tempdir().unwrap();
    let packed = Packed::built();
    packed.mirror(folder.path());
    let server = Server::start(folder.path());
    each_cli(|cli| {
        let mirror = Mirror::Network {
            url: &server.url(),
            ca_pem: server.ca_pem(),
        };
        installs_and_applies(&Installation::new(cli, &mirror), &packed);
    });
    let archive = names::archive(names::VERSION, packed.platform);
    assert!(
        server
            .requests()
            .iter()
            .any(|path| path.ends_with(&archive)),
        "{:?}",
        server.requests()
    );
}

fn an_archive_that_is_not_the_locked_one_is_refused() {
    let packed = Packed::of(b"a binary, which nobody runs");
    let other = Packed::of(b"another one");
    each_cli(|cli| {
        let folder = tempfile::tempdir().unwrap();
        packed.mirror(folder.path());
        let installation = Installation::new(cli, &Mirror::Filesystem(folder.path()));
        installation.run(&["init"]).unwrap();
        installation.uninstall();

        other.mirror(folder.path());
        let said = installation.run(&["init"]).unwrap_err();
        assert!(said.contains("checksum"), "{said}");
    });
}

/// `init`, its lock file, `init` once more from that, `apply`, and a plan that finds nothing to do.
pub(crate) fn installs_and_applies(installation: &Installation, packed: &Packed) {
    let ok = |arguments: &[&str]| {
        installation
            .run(arguments)
            .unwrap_or_else(|said| panic!("{arguments:?} should come off:\n{said}"))
    };
    let said = ok(&["init"]);
    assert!(
        said.contains(&format!("Installed immuta/immuta v{}", names::VERSION)),
        "{said}"
    );
    let locked = installation.lock_file();
    assert!(locked.contains(&packed.h1), "{locked}\n{}", packed.h1);
    assert!(
        locked.contains(&format!("version = {:?}", names::VERSION)),
        "{locked}"
    );

    installation.uninstall();
    ok(&["init", "-lockfile=readonly"]);

    ok(&["apply", "-auto-approve"]);
    let webhooks = installation.api().webhooks();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].url, "https://receiver.example.com/");
    ok(&["plan", "-detailed-exitcode"]);
}
