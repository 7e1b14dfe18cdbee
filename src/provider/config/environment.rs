//! What the environment says.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
};

/// The variables that count, beside those that begin with `IMMUTA_`.
const OTHERS: [&str; 11] = [
    "TF_APPEND_USER_AGENT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The environment variables that configure the provider, as they were at the start.
#[derive(Clone)]
pub(in crate::provider) struct Environment(pub(super) HashMap<String, OsString>);

impl Environment {
    pub(in crate::provider) fn of_process() -> Self {
        Self::of(std::env::vars_os())
    }

    pub(super) fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let relevant = variables.filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let ours = name.starts_with("IMMUTA_") || OTHERS.contains(&name.as_str());
            ours.then_some((name, value))
        });
        Self(relevant.collect())
    }

    /// The variable for an attribute, or why it is no text.
    pub(super) fn get(&self, attribute: &str) -> Option<Result<&str, String>> {
        self.text(&variable_of(attribute))
    }

    pub(super) fn text(&self, name: &str) -> Option<Result<&str, String>> {
        let text = self.variable(name)?.to_str();
        Some(text.ok_or_else(|| "it is not UTF-8 text".to_owned()))
    }

    /// The first of these variables that is set, with its name. One of whitespace only counts as unset too.
    pub(super) fn first(
        &self,
        names: [&'static str; 2],
    ) -> Option<(&'static str, Result<&str, String>)> {
        names.into_iter().find_map(|name| {
            let text = self.text(name)?;
            let is_blank = text.as_ref().is_ok_and(|text| text.trim().is_empty());
            (!is_blank).then_some((name, text))
        })
    }

    /// An empty variable counts as unset.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.0
            .get(name)
            .map(OsString::as_os_str)
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
