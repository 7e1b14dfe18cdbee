//! Checksums: SHA-256 of a file, and Terraform's `h1:` of what a package holds.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::archive::Entry;

/// SHA-256 in lowercase hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// The text of `SHA256SUMS`, as `sha256sum` writes and checks it: by name, two spaces between.
pub fn sums<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut lines: Vec<_> = files
        .into_iter()
        .map(|(name, bytes)| (name, sha256(bytes)))
        .collect();
    lines.sort_unstable();
    let mut text = String::new();
    for (name, sum) in lines {
        let _ = writeln!(text, "{sum}  {name}");
    }
    text
}

/// The `h1:` hash of a package, which lock files and network mirrors carry: the SHA-256 of the sums
/// of its files, in base64. It does not depend on how the package is packed.
pub fn h1(entries: &[Entry<'_>]) -> String {
    let sums = sums(entries.iter().map(|entry| (entry.name, entry.bytes)));
    format!(
        "h1:{}",
        BASE64_STANDARD.encode(digest(&SHA256, sums.as_bytes()))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_sha256sum() {
        assert_eq!(
            sums([("b", &b"x"[..]), ("a", &b""[..])]),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
             2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  b\n"
        );
    }
}
