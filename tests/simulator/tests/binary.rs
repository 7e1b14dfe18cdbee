//! The binary, as a shell script uses it.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_immuta-simulator");

/// A simulator that serves, in a process of its own.
struct Serving {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    said: HashMap<String, String>,
}

impl Serving {
    fn start(options: &[&str]) -> Serving {
        let mut child = Command::new(BINARY)
            .args(options)
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = HashMap::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            said.insert(name.to_owned(), value.to_owned());
            if name == "READY" {
                break;
            }
        }
        let stdin = child.stdin.take();
        Serving {
            child,
            stdin,
            lines,
            said,
        }
    }

    /// Runs a subcommand against it; its output when it succeeds.
    fn run(&self, verb: &str, words: &[&str]) -> String {
        let output = self.try_run(verb, words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{verb} {words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn try_run(&self, verb: &str, words: &[&str]) -> Output {
        let mut command = Command::new(BINARY);
        command.args([verb, "--url-of", &self.said["IMMUTA_ENDPOINT"]]);
        if let Some(file) = self.said.get("IMMUTA_CA_CERT_FILE") {
            command.args(["--ca-file", file]);
        }
        command.args(words).output().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_script_can_change_the_store() {
    let serving = Serving::start(&["--webhooks", "2", "--token", "t"]);
    assert_eq!(serving.said["IMMUTA_TOKEN"], "t");
    assert_eq!(serving.run("show", &[]).lines().count(), 2);

    let id = serving.run("insert", &["url=https://h.example/", "signingKey=s3cret"]);
    let id = id.trim();
    let line = |id: &str| -> Option<String> {
        let shown = serving.run("show", &[]);
        shown
            .lines()
            .find(|line| line.starts_with(id))
            .map(str::to_owned)
    };
    let expected =
        format!("{id} https://h.example/ verifyTls=true signingKey=true suppressed=false");
    assert_eq!(line(id), Some(expected));
    serving.run(
        "edit",
        &[id, "verifyTls=false", "signingKey=", "suppressed=true"],
    );
    let expected =
        format!("{id} https://h.example/ verifyTls=false signingKey=false suppressed=true");
    assert_eq!(line(id), Some(expected));
    serving.run("remove", &[id]);
    assert_eq!(line(id), None);
    let again = serving.try_run("remove", &[id]);
    assert_eq!(again.status.code(), Some(1));
    let error = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(error.contains("404: Webhook not found"), "{error}");
}

#[test]
fn a_script_can_set_faults_and_switches_and_look() {
    let serving = Serving::start(&[]);
    let fault = r#"{"on":{"route":"list"},"kind":{"status":{"status":503}},"times":1}"#;
    serving.run("fault", &[fault]);
    serving.run("behave", &["put=full", "absent=[\"get\"]"]);
    let behaviour: serde_json::Value =
        serde_json::from_str(&serving.run("show", &["behaviour"])).unwrap();
    assert_eq!(
        (behaviour["put"].as_str(), behaviour["absent"][0].as_str()),
        (Some("full"), Some("get"))
    );
    assert!(serving.run("show", &["faults"]).contains("503"));
    serving.run("fault", &["clear"]);
    assert_eq!(serving.run("show", &["faults"]).trim(), "[]");
    assert_eq!(serving.run("show", &["requests"]), "");
    let wrong = serving.try_run("behave", &["colour=red"]);
    assert_eq!(wrong.status.code(), Some(1));
    let without = serving.try_run("show", &["deliveries"]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("no receiver"));
}

#[test]
fn each_delivery_is_a_line() {
    for flag in ["--receiver", "--receiver-https"] {
        let mut serving = Serving::start(&[flag, "--signing-key", "k"]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        for key in ["k", "another"] {
            let url = format!("{}hook", serving.said["RECEIVER_URL"]);
            let body = serde_json::json!({ "url": url, "signingKey": key });
            let endpoint = &serving.said["IMMUTA_ENDPOINT"];
            let request = reqwest::Client::builder()
                .no_proxy()
                .build()
                .unwrap()
                .post(format!("{endpoint}{}/test", common::WEBHOOKS))
                .bearer_auth(&serving.said["IMMUTA_TOKEN"])
                .header("content-type", "application/json")
                .body(body.to_string());
            let text =
                runtime.block_on(async { request.send().await.unwrap().text().await.unwrap() });
            assert!(text.contains("SUCCESS"), "{text}");
        }
        assert_eq!(
            serving.lines.next().unwrap().unwrap(),
            "delivery verified /hook"
        );
        assert_eq!(
            serving.lines.next().unwrap().unwrap(),
            "delivery unverified /hook"
        );
        let shown = serving.run("show", &["deliveries"]);
        assert_eq!(shown, "verified /hook\nunverified /hook\n");
        let requests = serving.run("show", &["--json", "requests"]);
        assert!(
            requests.contains("(not shown)") && !requests.contains("another"),
            "{requests}"
        );
    }
}

#[test]
fn https_and_the_ready_file() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, ready) = (folder.path().join("ca.pem"), folder.path().join("ready"));
    let options = [
        "--https",
        "--ca-file",
        ca.to_str().unwrap(),
        "--ready-file",
        ready.to_str().unwrap(),
    ];
    let serving = Serving::start(&options);
    assert!(serving.said["IMMUTA_ENDPOINT"].starts_with("https://"));
    assert_eq!(serving.run("show", &[]), "");
    let text = std::fs::read_to_string(&ready).unwrap();
    assert!(
        text.contains(&serving.said["IMMUTA_ENDPOINT"]) && text.ends_with("READY=1\n"),
        "{text}"
    );
}

#[test]
fn it_quits_when_stdin_closes() {
    let mut serving = Serving::start(&[]);
    drop(serving.stdin.take());
    assert!(serving.child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn it_quits_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let mut serving = Serving::start(&[]);
        let pid = serving.child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {pid}")])
            .status()
            .unwrap();
        assert!(sent.success());
        assert!(serving.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_help_is_0() {
    let wrong = Command::new(BINARY).arg("--colour").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("immuta-simulator insert"));
    let help = Command::new(BINARY).arg("--help").output().unwrap();
    assert!(help.status.success() && !help.stdout.is_empty());
}
