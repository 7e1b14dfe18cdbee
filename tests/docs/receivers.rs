//! The receivers of `examples/receivers/` against real deliveries of the simulator.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use immuta_simulator::Simulator;
use libtest_mimic::{Completion, Trial};
use secrecy::SecretString;
use tempfile::TempDir;
use terraform_cli::run;
use terraform_provider_immuta::immuta::{
    BaseUrl, Client, ClientConfig, TestStatus, Token, WebhookSpec,
};
use tokio_util::sync::CancellationToken;

use crate::{
    blocks::{self, Block},
    examples::built_example,
    repository,
};

const KEY: &str = "a key/of \"receivers\" + tests";

/// A language that the guide shows.
#[derive(Clone, Copy)]
struct Language {
    /// Of its fence.
    name: &'static str,
    file: &'static str,
    /// What must be on this machine. Rust is, or nothing here would run.
    program: Option<&'static str>,
}

const LANGUAGES: [Language; 4] = [
    Language {
        name: "python",
        file: "receiver.py",
        program: Some("python3"),
    },
    Language {
        name: "javascript",
        file: "receiver.mjs",
        program: Some("node"),
    },
    Language {
        name: "go",
        file: "receiver.go",
        program: Some("go"),
    },
    Language {
        name: "rust",
        file: "receiver.rs",
        program: None,
    },
];

fn source(language: Language) -> PathBuf {
    repository().join("examples/receivers").join(language.file)
}

/// A test for each language.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    LANGUAGES.into_iter().map(|language| {
        Trial::ignorable_test(format!("receiver :: {}", language.name), move || {
            if let Some(program) = language.program.filter(|program| !is_there(program)) {
                let reason = format!("{program} is not on this machine");
                return Ok(Completion::ignored_with(reason));
            }
            verifies(language);
            Ok(Completion::Completed)
        })
    })
}

fn is_there(program: &str) -> bool {
    let version = if program == "go" {
        "version"
    } else {
        "--version"
    };
    let tried = Command::new(program)
        .arg(version)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Whether a block is a receiver.
pub(crate) fn is_one(block: &Block) -> bool {
    LANGUAGES
        .iter()
        .any(|language| block.language == language.name)
}

/// The blocks of the guide are the files that the tests run.
pub(crate) fn are_in_the_guide() {
    let guide = blocks::of_page(PathBuf::from("docs/guides/verifying-deliveries.md"));
    for language in LANGUAGES {
        let text = fs::read_to_string(source(language)).expect("a receiver can be read");
        let shown = guide.iter().find(|block| block.language == language.name);
        assert!(
            shown.is_some_and(|block| block.text == text),
            "the guide does not show {} as it is: copy it there",
            language.file
        );
    }
}

fn verifies(language: Language) {
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = match language.program {
        None => Command::new(built_example("receiver")),
        Some("go") => Command::new(built_with_go(&source(language), &scratch)),
        Some(interpreter) => {
            let mut command = Command::new(interpreter);
            command.arg(source(language));
            command
        }
    };
    // An empty key is one that everybody knows.
    let refused = run::start(command.env("SIGNING_KEY", "").env("PORT", "0")).finish();
    assert!(!refused.status.success(), "it takes an empty key");
    assert!(refused.stderr.contains("SIGNING_KEY"), "{}", refused.stderr);

    let (_receiver, url) = started(command.env("SIGNING_KEY", KEY));
    let simulator = Simulator::start();
    let deliver = |key: Option<&str>| {
        let result = delivered(&simulator, &url, key);
        (result.status, result.http_status_code)
    };
    assert_eq!(deliver(Some(KEY)), (TestStatus::Success, Some(204)));
    assert_eq!(
        deliver(Some("another key")),
        (TestStatus::Failed, Some(401))
    );
    assert_eq!(deliver(None), (TestStatus::Failed, Some(401)));
}

/// Ends with the test.
struct Receiver(Child);

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a receiver and waits until it says where it listens.
fn started(command: &mut Command) -> (Receiver, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // Python logs each request there.
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|cause| panic!("cannot start {command:?}: {cause}"));
    let stdout = child.stdout.take().expect("stdout is piped");
    let receiver = Receiver(child);
    let mut said = String::new();
    BufReader::new(stdout)
        .read_line(&mut said)
        .expect("a receiver says where it listens");
    let port = said
        .trim()
        .strip_prefix("listening on port ")
        .unwrap_or_else(|| panic!("a receiver said {said:?}"));
    (receiver, format!("http://127.0.0.1:{port}/immuta"))
}

fn built_with_go(source: &Path, scratch: &TempDir) -> PathBuf {
    let binary = scratch.path().join("receiver");
    let arguments = [OsStr::new("build"), OsStr::new("-o"), binary.as_os_str()];
    let finished = run::start(Command::new("go").args(arguments).arg(source)).finish();
    assert!(finished.status.success(), "{}", finished.stderr);
    binary
}

/// Asks the simulator for a test delivery, as the provider does.
fn delivered(
    simulator: &Simulator,
    url: &str,
    key: Option<&str>,
) -> terraform_provider_immuta::immuta::TestResult {
    let config = ClientConfig::new(
        BaseUrl::parse(&simulator.base_url()).expect("the simulator has a URL"),
        Token::parse(simulator.token().into()).expect("the simulator has a token"),
        "docs-tests".to_owned(),
    );
    let spec = WebhookSpec {
        url: url.to_owned(),
        verify_tls: true,
        signing_key: key.map(SecretString::from),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    let client = Client::new(&config);
    runtime
        .block_on(client.test(&spec, &CancellationToken::new()))
        .expect("the simulator runs the test")
}
