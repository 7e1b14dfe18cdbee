//! What the environment says.

use std::collections::HashMap;

/// The environment variables that configure the provider, as they were at the start.
#[derive(Clone)]
pub(in crate::provider) struct Environment(pub(super) HashMap<String, String>);

impl Environment {
    pub(in crate::provider) fn of_process() -> Self {
        let relevant = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let ours = name.starts_with("IMMUTA_") || name == "TF_APPEND_USER_AGENT";
            Some((name, value.into_string().ok()?)).filter(|_| ours)
        });
        Self(relevant.collect())
    }

    /// The variable for an attribute. An empty one counts as unset.
    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.variable(&variable_of(attribute))
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// The values may be secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

pub(super) fn variable_of(attribute: &str) -> String {
    format!("IMMUTA_{}", attribute.to_uppercase())
}
