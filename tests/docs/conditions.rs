//! The messages of checks, preconditions and postconditions in a folder's HCL.

use std::{fs, path::Path};

/// The message of one condition.
pub(crate) struct Condition(String);

impl Condition {
    /// The parts of it that stand between what is filled in.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (part, after) = rest.split_once("${").unwrap_or((rest, ""));
            rest = after.split_once('}').map_or("", |(_, after)| after);
            Some(part)
        })
        .map(str::trim)
        // An ending such as a full stop proves nothing.
        .filter(|part| part.len() > 3)
    }
}

/// Those of the files in `folder`, but for the arguments of variables.
pub(crate) fn in_folder(folder: &Path) -> Vec<Condition> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a folder can be listed")
        .flatten()
    {
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "tf")
        {
            continue;
        }
        let text = fs::read_to_string(entry.path()).expect("a file can be read");
        let messages = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("error_message"));
        for message in messages {
            let message = message.trim_start_matches([' ', '=']);
            let text = message
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'));
            let text =
                text.unwrap_or_else(|| panic!("a message that this test cannot read: {message}"));
            found.push(Condition(text.to_owned()));
        }
    }
    found
}

/// The parts of a message are found.
pub(crate) fn are_read() {
    let message = Condition("The receiver of ${var.a} failed: ${var.b}.".to_owned());
    assert_eq!(
        message.parts().collect::<Vec<_>>(),
        ["The receiver of", "failed:"]
    );
}
