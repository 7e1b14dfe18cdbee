//! What is built: the commit that is checked out, not what lies about in the work tree.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use jiff::Timestamp;

use crate::run;

/// A copy of one commit's files.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where the copy lies.
    pub folder: PathBuf,
    /// The commit.
    pub commit: String,
    /// The commit's time: the time of everything that is made from it.
    pub time: Timestamp,
}

/// Copies the files of `HEAD` in the clone at `root` into `folder`, which is emptied before.
///
/// # Errors
///
/// When `root` is no clone, git or tar fails, or `SOURCE_DATE_EPOCH` is no number of seconds.
pub fn take(root: &Path, folder: &Path) -> Result<Source, String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(arguments);
        command
    };
    let commit = run::text(&mut git(&["rev-parse", "HEAD"]))?;
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(given) => given,
        Err(_) => run::text(&mut git(&["log", "-1", "--format=%ct", "HEAD"]))?,
    };
    let time = seconds
        .parse()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or_else(|| format!("not a time in seconds: {seconds}"))?;
    let say = |cause: io::Error| format!("{}: {cause}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(say)?;
    }
    fs::create_dir_all(folder).map_err(say)?;
    let archive = folder.with_extension("tar");
    run::output(git(&["archive", "--format=tar", "HEAD", "--output"]).arg(&archive))?;
    run::output(
        Command::new("tar")
            .arg("-xf")
            .arg(&archive)
            .arg("-C")
            .arg(folder),
    )?;
    fs::remove_file(&archive).map_err(say)?;
    Ok(Source {
        folder: folder.to_owned(),
        commit,
        time,
    })
}
