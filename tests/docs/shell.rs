//! Every shell block is one that a shell can read.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::blocks::{self, Block};

/// `bash -n` on each.
pub(crate) fn blocks_parse() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for block in blocks::all() {
        if !is_shell(&block) {
            continue;
        }
        seen += 1;
        let mut child = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bash is there");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin
            .write_all(block.text.as_bytes())
            .expect("bash reads its script");
        drop(stdin);
        let output = child.wait_with_output().expect("bash ends");
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            wrong.push(format!("{}: {said}", block.place));
        }
    }
    assert!(seen > 5, "only {seen} shell blocks were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a block is one for a shell.
pub(crate) fn is_shell(block: &Block) -> bool {
    ["sh", "shell", "bash"].contains(&block.language.as_str())
}
