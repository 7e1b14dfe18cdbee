//! The signature of the checksums, by GnuPG.
//!
//! The registry takes RSA and DSA keys, not the elliptic curves that GnuPG makes by default, so any
//! other key is refused here rather than there.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::run;

/// The variable that holds the private key, in ASCII armour.
pub const KEY_VARIABLE: &str = "GPG_PRIVATE_KEY";
/// The variable that holds its passphrase, if it has one.
pub const PASSPHRASE_VARIABLE: &str = "GPG_PASSPHRASE";

/// GnuPG's number of RSA among the public-key algorithms (RFC 4880, 9.1).
const RSA: &str = "1";

/// Signs `file` with `key`, into `signature`: detached and binary, as the registry takes it.
///
/// # Errors
///
/// When GnuPG is missing, the key is not one RSA key, the passphrase is wrong, or a file cannot be
/// written. No message holds the key or the passphrase.
pub fn sign(file: &Path, signature: &Path, key: &str, passphrase: &str) -> Result<(), String> {
    // A short path of our own: GnuPG's agent listens on a socket in it, and the user's keys stay
    // untouched.
    let home = tempfile::Builder::new()
        .prefix("gpg")
        .tempdir()
        .map_err(|cause| format!("no folder for GnuPG: {cause}"))?;
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700))
        .map_err(|cause| format!("no folder for GnuPG: {cause}"))?;
    let signed = sign_in(home.path(), file, signature, key, passphrase);
    // Ends the agent that GnuPG started for this folder.
    let _ = run::output(
        Command::new("gpgconf")
            .args(["--kill", "all"])
            .env("GNUPGHOME", home.path()),
    );
    signed
}

fn sign_in(
    home: &Path,
    file: &Path,
    signature: &Path,
    key: &str,
    passphrase: &str,
) -> Result<(), String> {
    let gpg = || {
        let mut command = Command::new("gpg");
        command
            .args(["--batch", "--yes", "--quiet", "--no-tty"])
            .env("GNUPGHOME", home);
        command
    };
    feed(gpg().args(["--pinentry-mode", "loopback", "--import"]), key)
        .map_err(|cause| format!("the key in {KEY_VARIABLE} cannot be imported: {cause}"))?;
    let listed = run::text(gpg().args(["--list-secret-keys", "--with-colons"]))?;
    if !is_one_rsa_key(&listed) {
        return Err(format!(
            "{KEY_VARIABLE} must hold one RSA key: the registry takes no other kind"
        ));
    }
    feed(
        gpg()
            .args(["--pinentry-mode", "loopback", "--passphrase-fd", "0"])
            .args(["--digest-algo", "SHA512", "--detach-sign", "--output"])
            .arg(signature)
            .arg(file),
        passphrase,
    )
}

/// Whether GnuPG's listing in colons names exactly one secret key, and that of RSA.
fn is_one_rsa_key(listed: &str) -> bool {
    let mut algorithms = listed
        .lines()
        .filter(|line| line.starts_with("sec:"))
        .map(|line| line.split(':').nth(3));
    algorithms.next() == Some(Some(RSA)) && algorithms.next().is_none()
}

/// Runs a command with `input`, which is not shown.
fn feed(command: &mut Command, input: &str) -> Result<(), String> {
    let say = |cause: std::io::Error| format!("gpg cannot be run: {cause}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(say)?;
    if let Some(mut stdin) = child.stdin.take() {
        // GnuPG says itself why it stopped reading.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(say)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_rsa_key_will_do() {
        let rsa = "sec:u:4096:1:AAAA:1700000000:::u:::scESC:::+:::23::0:\n";
        let curve = "sec:u:255:22:BBBB:1700000000:::u:::scESC:::+::ed25519:::0:\n";
        assert!(is_one_rsa_key(rsa));
        assert!(!is_one_rsa_key(curve));
        assert!(!is_one_rsa_key(&format!("{rsa}{rsa}")));
        assert!(!is_one_rsa_key(""));
    }
}
