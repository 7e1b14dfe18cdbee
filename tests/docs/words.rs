//! Pages, examples, descriptions and messages use the words of the field: those of Terraform's documentation and of the
//! larger providers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{documented, repository};

/// What the project once said, and what the field says. A `*` at the end stands for the rest of a word.
const WORDS: [(&str, &str); 75] = [
    ("was answered with", "returned"),
    ("is answered with", "returns"),
    ("answered slowly", "slow response"),
    ("no answer", "no response"),
    ("unreadable answer", "unparsable response"),
    ("carried out", "applied"),
    ("passing failure*", "transient error"),
    ("passing reason*", "transient error"),
    ("passing fault*", "transient fault"),
    ("repeated", "retried"),
    ("growing wait*", "exponential backoff"),
    ("surely", "known not to have been"),
    ("provably", "known not to have been"),
    ("in doubt", "outcome unknown"),
    ("under way at once", "concurrent requests"),
    ("at the most", "maximum"),
    (
        "beats the environment",
        "takes precedence over environment variables",
    ),
    (
        ". Or `IMMUTA_*",
        "Can also be set with the environment variable",
    ),
    ("Webhook not read", "Unable to read webhook"),
    ("Webhook not created", "Unable to create webhook"),
    ("Webhook not updated", "Unable to update webhook"),
    ("Webhook not deleted", "Unable to delete webhook"),
    ("Webhooks not listed", "Unable to list webhooks"),
    (
        "Webhook not as asked",
        "Immuta did not apply the requested values",
    ),
    ("not understood", "could not be parsed"),
    (
        "Message of the CLI",
        "Invalid value received from Terraform",
    ),
    ("Drift cannot be seen", "Drift detection is unavailable"),
    ("beside webhook_id", "Invalid attribute combination"),
    ("Nothing to test", "Missing required argument"),
    ("Nothing to look up", "Missing required argument"),
    ("No such webhook", "Webhook not found"),
    ("Several such webhooks", "Multiple webhooks matched"),
    ("Test delivery not run", "Unable to send test delivery"),
    ("twin*", "duplicate"),
    ("spelt", "normalized, form"),
    ("respelt", "normalized"),
    ("spelling*", "form"),
    ("spells", "returns"),
    ("made-up", "forged"),
    ("made up", "forged"),
    ("blank", "whitespace"),
    ("blanks", "whitespace"),
    ("anew", "again, recreated"),
    ("held back", "suppressed"),
    ("holds back", "suppresses"),
    ("holding back", "suppressing"),
    ("No request can set", "Read-only."),
    ("as you spell it", "stored as configured"),
    ("as Immuta spells", "as returned by the API"),
    ("take over", "import, move state"),
    ("takes over", "imports, moves state"),
    ("taken over", "imported, moved"),
    ("give up", "remove from state"),
    ("let go", "remove from state"),
    ("cut out", "redacted"),
    ("weakness*", "vulnerability"),
    ("bill of materials", "SBOM"),
    ("user info", "userinfo"),
    ("public authority", "public certificate authority"),
    ("own authority", "private certificate authority"),
    ("is played", "is mocked"),
    ("plays the API", "simulator"),
    ("# What it takes", "Requirements"),
    ("# What there is", "Resources and data sources"),
    ("# Good to know", "Notes"),
    ("# For you alone", "Local installation"),
    ("things go wrong", "Error handling"),
    ("# The end", "Clean up"),
    ("# The order", "Procedure"),
    ("the floor", "baseline"),
    ("contestant*", "candidates"),
    ("Go peer", "reference provider"),
    ("the peer", "reference provider"),
    ("to reach", "target"),
    ("house", "layer"),
];

/// None of them is on a page, in an example, or in a text of the provider.
pub(crate) fn of_the_field() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut search = |place: &Path, text: &str| {
        seen += 1;
        let text = words(text);
        for (word, instead) in WORDS {
            if let Some(context) = found(&text, word) {
                wrong.push(format!(
                    "{}: {word:?} in {context:?}; say {instead:?}",
                    place.display()
                ));
            }
        }
    };
    for page in documented() {
        search(&page, &read(&repository().join(&page)));
    }
    for folder in ["examples", ".github", "tests/docs/templates"] {
        each_file(&repository().join(folder), &mut |path| {
            if path.extension().is_none_or(|extension| extension != "md") {
                search(path, &read(path));
            }
        });
    }
    each_file(&repository().join("src"), &mut |path| {
        let name = path.to_string_lossy();
        if name.ends_with(".rs") && !name.contains("test") {
            let source = read(path);
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            search(path, &texts(code));
        }
    });
    assert!(seen > 100, "only {seen} files were searched");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The words of a text, with one blank between each.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first place where a word of the list stands, with what is around it.
fn found<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (word, is_prefix) = match word.strip_suffix('*') {
        Some(word) => (word, true),
        None => (word, false),
    };
    let is_part =
        |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let lower = text.to_ascii_lowercase();
    for (start, _) in lower.match_indices(&word.to_ascii_lowercase()) {
        let end = start + word.len();
        let begins = !is_part(text[..start].chars().next_back());
        let ends = is_prefix || !is_part(text[end..].chars().next());
        if begins && ends {
            let from = text.floor_char_boundary(start.saturating_sub(30));
            let to = text.ceil_char_boundary((end + 30).min(text.len()));
            return Some(&text[from..to]);
        }
    }
    None
}

/// What stands in quotation marks in a source.
fn texts(source: &str) -> String {
    let mut texts = String::new();
    let is_text = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("serde(");
    for line in source.lines().filter(is_text) {
        let line = line
            .replace(r"\\", "")
            .replace("\\\"", "")
            .replace("'\"'", "");
        for text in line.split('"').skip(1).step_by(2) {
            texts.push_str(text);
            texts.push('\n');
        }
    }
    texts
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn each_file(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let entries = fs::read_dir(folder).expect("a folder can be listed");
    let paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    for path in paths {
        match path.is_dir() {
            true => each_file(&path, visit),
            false => visit(&path),
        }
    }
}

/// A word is found as a whole, wherever a line breaks, and nothing else is.
pub(crate) fn are_found() {
    let text = words("It is held\n  back; the household repeats.");
    assert!(found(&text, "held back").is_some());
    assert_eq!(found(&text, "house"), None);
    assert!(found(&text, "house*").is_some());
    assert_eq!(
        texts("let a = \"one \\\" two\"; // \"three\"\n// \"four\""),
        "one  two\nthree\n"
    );
}
