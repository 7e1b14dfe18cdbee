//! Every block of HCL is valid under every CLI that is new enough for it.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use terraform_cli::{Case, Needs, REQUIRED, Workspace, unwrapped};

use crate::{
    blocks::{self, Block},
    examples,
};

/// A case for each block of HCL.
pub(crate) fn cases() -> Vec<Case> {
    let cases = blocks::all().into_iter().filter_map(|block| {
        let is_hcl = ["terraform", "hcl", "tf"].contains(&block.language.as_str());
        is_hcl.then(|| Case {
            name: block.place.clone(),
            needs: needs(&block.text),
            run: Box::new(move |workspace| valid(workspace, &block)),
        })
    });
    cases.collect()
}

/// What a file of HCL is for, which decides its name and who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Configuration,
    Query,
    Test,
    /// `~/.terraformrc`.
    Settings,
}

fn file(text: &str) -> File {
    let has_block = |kind: &str| text.lines().any(|line| line.starts_with(kind));
    if has_block("list \"") {
        File::Query
    } else if has_block("run \"") || has_block("mock_provider ") {
        File::Test
    } else if has_block("provider_installation ") {
        File::Settings
    } else {
        File::Configuration
    }
}

/// What each thing that HCL can say needs, the most demanding first.
const NEEDS: [(&str, Needs); 15] = [
    ("list \"", QUERY_AND_ACTIONS),
    ("action \"", QUERY_AND_ACTIONS),
    ("action_trigger", QUERY_AND_ACTIONS),
    ("identity = {", Needs::versions((1, 12), (1, 12))),
    ("_wo ", Needs::versions((1, 11), (1, 11))),
    ("ephemeral \"", Needs::versions((1, 10), (1, 11))),
    ("ephemeral = true", Needs::versions((1, 10), (1, 11))),
    ("from = rest", Needs::versions((1, 8), (1, 10))),
    ("provider::", Needs::versions((1, 8), (1, 7))),
    ("mock_provider ", Needs::versions((1, 7), (1, 8))),
    ("for_each = {\n", Needs::versions((1, 7), (1, 7))),
    ("removed {", Needs::versions((1, 7), (1, 10))),
    ("run \"", Needs::versions((1, 6), (1, 6))),
    ("check \"", Needs::versions((1, 5), (1, 6))),
    ("import {", Needs::versions((1, 5), (1, 6))),
];

const QUERY_AND_ACTIONS: Needs = Needs {
    terraform: Some((1, 14)),
    tofu: None,
};

fn needs(text: &str) -> Needs {
    let code = without_comments(text);
    // However many spaces align an equals sign.
    let code = code
        .replace("  ", " ")
        .replace("  ", " ")
        .replace("  ", " ");
    NEEDS
        .iter()
        .find(|(sign, _)| code.contains(sign))
        .map_or(Needs::ANY, |(_, needs)| *needs)
}

/// The version that a block needs is read from what it says, not from what its comments say.
pub(crate) fn needs_are_read() {
    let cases = [
        ("resource \"immuta_webhook\" \"a\" {}\n", Needs::ANY),
        (
            "# action \"x\"\ncheck \"a\" {}\n",
            Needs::versions((1, 5), (1, 6)),
        ),
        (
            "signing_key_wo         = 1\n",
            Needs::versions((1, 11), (1, 11)),
        ),
        ("ephemeral   = true\n", Needs::versions((1, 10), (1, 11))),
        (
            "moved {\n  from = restapi_object.a\n",
            Needs::versions((1, 8), (1, 10)),
        ),
        ("check \"a\" {}\naction \"b\" \"c\" {}\n", QUERY_AND_ACTIONS),
    ];
    for (text, expected) in cases {
        assert_eq!(needs(text), expected, "{text}");
    }
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.map(|line| format!("{line}\n")).collect()
}

fn valid(workspace: &Workspace, block: &Block) {
    let text = &block.text;
    if text.contains("example/keyring") {
        examples::with_keyring(workspace);
    }
    let arguments: &[&str] = match file(text) {
        File::Settings => {
            let settings = workspace.folder().join("settings.tfrc");
            fs::write(&settings, text).expect("a file can be written");
            workspace.set("TF_CLI_CONFIG_FILE", &settings.display().to_string());
            let text = workspace.ok(&["version"]).text;
            assert!(!text.contains("Warning"), "{}: {text}", block.place);
            return;
        }
        File::Query => {
            workspace.config("provider \"immuta\" {}\n");
            workspace.write("block.tfquery.hcl", text);
            &["validate", "-no-color", "-query"]
        }
        File::Test => {
            workspace.config(&what_a_test_refers_to(text));
            workspace.write("tests/block.tftest.hcl", text);
            &["validate", "-no-color"]
        }
        File::Configuration => {
            workspace.config(&format!("{text}\n{}", missing(text)));
            if text.contains("./modules/webhooks") {
                examples::lay("modules/webhooks", "modules/webhooks/", workspace);
                workspace.ok(&["get", "-no-color"]);
            }
            if text.contains("required_providers") {
                let _ = fs::remove_file(workspace.folder().join("versions.tf"));
            } else {
                workspace.write("versions.tf", REQUIRED);
            }
            &["validate", "-no-color"]
        }
    };
    let said = unwrapped(&workspace.ok(arguments).text);
    assert!(
        said.contains("The configuration is valid"),
        "{}: {said}",
        block.place
    );
}

/// Declares what a block refers to and another block of its page declares: variables and webhooks.
fn missing(text: &str) -> String {
    let code = without_comments(text);
    let mut declared = String::new();
    for name in referred(&code, "var.") {
        if !code.contains(&format!("variable \"{name}\"")) {
            let _ = writeln!(declared, "variable \"{name}\" {{}}");
        }
    }
    let managed = code.replace("data.immuta_webhook.", "");
    for name in referred(&managed, "immuta_webhook.") {
        if !code.contains(&format!("resource \"immuta_webhook\" \"{name}\"")) {
            let _ = writeln!(
                declared,
                "resource \"immuta_webhook\" \"{name}\" {{\n  url = \"https://hooks.example.com/{name}\"\n}}"
            );
        }
    }
    declared
}

/// A test belongs to a module; here to one with a webhook, and with an output for each that the test
/// looks at.
fn what_a_test_refers_to(text: &str) -> String {
    let mut module = missing(text);
    for name in referred(text, "output.") {
        let _ = writeln!(module, "output \"{name}\" {{\n  value = {{}}\n}}");
    }
    module
}

/// The names that stand behind `prefix`.
fn referred(code: &str, prefix: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut names = BTreeSet::new();
    for (position, _) in code.match_indices(prefix) {
        let before = code[..position].chars().next_back();
        let is_reference =
            before.is_none_or(|before| !is_part(before) && !['.', '/', '-'].contains(&before));
        let rest = &code[position + prefix.len()..];
        let end = rest
            .find(|character| !is_part(character))
            .unwrap_or(rest.len());
        if is_reference && end > 0 {
            names.insert(rest[..end].to_owned());
        }
    }
    names
}
