//! Names that core and HCL take.

/// The type names that core does not take for those of this provider: it goes by what stands before the first
/// underscore. `acme-beta` may have those of `acme`.
pub(in crate::tfplugin) fn prefix_errors<'a>(
    provider: &str,
    type_names: impl Iterator<Item = &'a &'static str>,
) -> Vec<String> {
    let stem = provider.split('-').next().unwrap_or(provider);
    type_names
        .filter(|name| name.split('_').next() != Some(stem))
        .map(|name| format!("{name} does not begin with {stem}_"))
        .collect()
}

pub(super) const NOT_AN_IDENTIFIER: &str =
    "must begin with a lowercase letter, and have lowercase letters, digits and underscores alone";

pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| matches!(char, 'a'..='z' | '0'..='9' | '_'))
}
