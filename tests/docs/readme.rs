//! Whoever copies the README's shell blocks into a terminal, in order, gets what the README says: they
//! are run, under each CLI, in what looks like a fresh clone with a home of its own.

use std::{env, fs, os::unix::fs::symlink, path::PathBuf, process::Command};

use terraform_cli::{
    Case, Needs, REQUIRED, Workspace,
    run::{self, Finished},
};

use crate::{
    blocks::{self, Block},
    examples::{self, SIMULATOR},
    repository,
    shell::is_shell,
};

const TRY_IT: &str = "Try it by hand";
const INSTALLATION: &str = "Installation";

/// A case for each section that has shell blocks.
pub(crate) fn cases() -> Vec<Case> {
    let case = |section: &str, run: fn(&Workspace)| Case {
        name: format!("README: {section}"),
        needs: Needs::ANY,
        run: Box::new(run),
    };
    vec![case(TRY_IT, try_it), case(INSTALLATION, installation)]
}

/// Each shell block is in a section that is run, or says that it is an illustration, and why.
pub(crate) fn every_shell_block_is_run() {
    let (illustrations, run): (Vec<_>, Vec<_>) =
        blocks().partition(|block| block.illustration.is_some());
    for block in &run {
        assert!(
            [TRY_IT, INSTALLATION].contains(&block.section.as_str()),
            "{}: no test runs this block: {}",
            block.place,
            block.text
        );
    }
    for section in [TRY_IT, INSTALLATION] {
        assert!(
            run.iter().any(|block| block.section == section),
            "{section}"
        );
    }
    println!(
        "README: {} shell blocks are run, {} are illustrations:",
        run.len(),
        illustrations.len()
    );
    for block in illustrations {
        let reason = block.illustration.unwrap_or_default();
        println!("  {}: {reason}", block.place);
    }
}

/// The picture of the demo and the README's text are of one run.
pub(crate) fn the_picture_shows_the_text() {
    let picture = fs::read_to_string(repository().join("tests/demo/demo.svg"));
    let picture = picture.expect("there is a picture: make picture");
    let (_, drawn) = picture.split_once("<text ").expect("there is text in it");
    let drawn: String = drawn
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    let drawn = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(drawn, |text, (from, to)| text.replace(from, to));
    let lines = |text: &str| {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let told = blocks::of_page(PathBuf::from("README.md"))
        .into_iter()
        .find(|block| block.language == "text")
        .expect("the README shows the demo as text");
    assert!(told.text.contains("Every step did what it says"));
    assert_eq!(lines(&drawn), lines(&told.text), "make picture");
}

fn blocks() -> impl Iterator<Item = Block> {
    let blocks = blocks::of_page(PathBuf::from("README.md"));
    blocks.into_iter().filter(is_shell)
}

fn try_it(w: &Workspace) {
    let text = pasted(w, TRY_IT, "");
    for expected in [
        "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.",
        "delivery verified /",
        "delivery = \"SUCCESS\"",
        "verifyTls=true signingKey=true suppressed=false",
        "https://elsewhere.example.com/",
        "0 to add, 1 to change, 0 to destroy",
        "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.",
        "Destroy complete! Resources: 1 destroyed.",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
    assert!(!text.contains("a key for a try"), "{text}");
}

fn installation(w: &Workspace) {
    w.write("versions.tf", REQUIRED);
    let folder = w.folder();
    let then = format!(
        "cd '{}'\nterraform init\nterraform validate\n",
        folder.display()
    );
    let text = pasted(w, INSTALLATION, &then);
    let installed = format!("Installed immuta/immuta v{}", env!("CARGO_PKG_VERSION"));
    for expected in [installed.as_str(), "The configuration is valid"] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

/// What a terminal shows when the section's blocks are pasted into it, and then `then`.
fn pasted(w: &Workspace, section: &str, then: &str) -> String {
    let wanted = |block: &Block| block.section == section && block.illustration.is_none();
    let pasted: String = blocks().filter(wanted).map(|block| block.text).collect();
    // A terminal that is closed ends what runs in it.
    let closed = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT";
    let script = format!("set -eu\n{closed}\n{pasted}{then}");
    let Finished {
        stdout,
        stderr,
        status,
    } = run::start(&mut terminal(w, &script)).finish();
    assert!(status.success(), "{section}: {stdout}{stderr}");
    format!("{stdout}{stderr}")
}

/// A shell in a clone in which everything is built, with the CLI as `terraform`, and no settings.
fn terminal(w: &Workspace, script: &str) -> Command {
    let beside = |name: &str| w.folder().with_file_name(name);
    let clone = beside("clone");
    for profile in ["debug", "release"] {
        let folder = clone.join("target").join(profile);
        fs::create_dir_all(&folder).expect("a folder can be made");
        for program in [env!("CARGO_PKG_NAME"), SIMULATOR] {
            symlink(examples::built().join(program), folder.join(program))
                .expect("a link can be made");
        }
    }
    let programs = beside("bin");
    fs::create_dir_all(&programs).expect("a folder can be made");
    symlink(w.cli().path(), programs.join("terraform")).expect("a link can be made");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [programs].into_iter().chain(env::split_paths(&path));
    let mut command = Command::new("bash");
    command
        .args(["-c", script])
        .current_dir(clone)
        .env_clear()
        .env(
            "PATH",
            env::join_paths(path).expect("folders have plain names"),
        )
        .env("HOME", beside("home"))
        .env("TMPDIR", beside("tmp"))
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_ARGS", "-no-color");
    command
}
