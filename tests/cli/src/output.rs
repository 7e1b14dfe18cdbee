//! What a CLI prints: plans, diagnostics, and the frame that it puts around a message.

use serde_json::Value;

/// A saved plan.
pub struct Plan {
    /// What `plan` printed.
    pub text: String,
    /// What `show -json` says of it.
    pub json: Value,
    /// Whether there is nothing to do, by the exit code.
    pub(crate) is_empty: bool,
}

/// A diagnostic as the CLI gives it in JSON.
#[derive(Debug)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// The first line.
    pub summary: String,
    /// The rest.
    pub detail: String,
    /// The line of the configuration that it points at; empty where it points at none.
    pub code: String,
}

impl Plan {
    fn change(&self, address: &str) -> &Value {
        self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|change| change["address"] == address)
            .unwrap_or_else(|| panic!("the plan does not speak of {address}:\n{}", self.text))
    }

    /// What is to be done with a resource, as the plan names it: `create`, `delete create`, `no-op` …
    pub fn action(&self, address: &str) -> String {
        words(&self.change(address)["change"]["actions"])
    }

    /// The planned values.
    pub fn after(&self, address: &str) -> &Value {
        &self.change(address)["change"]["after"]
    }

    /// The names of the attributes that will be known after the apply only.
    pub fn unknown(&self, address: &str) -> Vec<String> {
        let unknown = self.change(address)["change"]["after_unknown"].as_object();
        unknown
            .into_iter()
            .flatten()
            .filter(|(_, value)| **value == true)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The attributes that force a replacement, each as its path in JSON.
    pub fn replaces_for(&self, address: &str) -> Value {
        self.change(address)["change"]["replace_paths"].clone()
    }

    /// What was changed outside, as the plan saw it: the values before and after.
    pub fn drift(&self, address: &str) -> Option<(&Value, &Value)> {
        let drift = self.json["resource_drift"].as_array().into_iter().flatten();
        let change = &drift.clone().find(|change| change["address"] == address)?["change"];
        Some((&change["before"], &change["after"]))
    }
}

impl Diagnostic {
    pub(crate) fn new(json: &Value) -> Diagnostic {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Diagnostic {
            severity: text(&json["severity"]),
            summary: text(&json["summary"]),
            detail: text(&json["detail"]),
            code: text(&json["snippet"]["code"]),
        }
    }
}

/// A message as one line, without the frame and the line breaks that a CLI puts around it.
pub fn unwrapped(text: &str) -> String {
    let words = text
        .split_whitespace()
        .filter(|word| !["│", "╷", "╵"].contains(word));
    words.collect::<Vec<_>>().join(" ")
}

fn words(actions: &Value) -> String {
    let words = actions
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    words.collect::<Vec<_>>().join(" ")
}
