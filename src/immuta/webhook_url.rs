//! The rules for the URL of a webhook, shared with the base URL of the API.
//!
//! A URL is kept as its author spelt it; these functions only judge and compare. Hosts are read by the WHATWG rules
//! (the `url` crate), but what those rules would silently repair (blanks, line breaks, `https:host`, backslashes) is
//! refused, since the text itself is what the API gets.

use std::borrow::Cow;

use url::Url;

/// Why a text is no URL for deliveries. `Display` is a clause that says what must be, without quoting the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// Not `http://…` or `https://…`.
    #[error("it must be an absolute URL that starts with https:// or http://")]
    NotAbsolute,
    /// A space, a line break or another invisible character.
    #[error("it must not hold a blank, a line break or a control character")]
    Blank,
    /// A `#`, which is never sent to a server.
    #[error("it must not hold a fragment (a \"#\" and what follows)")]
    Fragment,
    /// A `\`, which some readers take for a `/`.
    #[error("it must not hold a backslash")]
    Backslash,
    /// Nothing, or nothing sensible, where the host should be.
    #[error("it must name a host after the \"//\", such as hooks.example.com")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("its port must be a number from 1 to 65535")]
    Port,
}

/// Checks a URL that deliveries are to be sent to.
pub fn check(text: &str) -> Result<(), UrlProblem> {
    if text.chars().any(is_blank) {
        return Err(UrlProblem::Blank);
    }
    let authority = authority(text).ok_or(UrlProblem::NotAbsolute)?;
    if text.contains('#') {
        return Err(UrlProblem::Fragment);
    }
    if text.contains('\\') {
        return Err(UrlProblem::Backslash);
    }
    let (_, host_and_port) = split_user_info(authority);
    let (host, port) = split_port(host_and_port);
    if host.is_empty() {
        return Err(UrlProblem::Host);
    }
    if let Some(port) = port {
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !matches!(port.parse::<u32>(), Ok(1..=65535)) {
            return Err(UrlProblem::Port);
        }
    }
    match Url::parse(text) {
        Ok(url) if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
        Ok(_) | Err(_) => Err(UrlProblem::Host),
    }
}

/// Whether two spellings name the same URL: case of scheme and host, the default port, an empty path, an
/// international host and its ASCII form. What is no URL equals only itself.
pub fn equivalent(a: &str, b: &str) -> bool {
    a == b || normal_form(a) == normal_form(b)
}

/// One text for all equivalent spellings.
pub(crate) fn normal_form(text: &str) -> Cow<'_, str> {
    match Url::parse(text) {
        Ok(url) => Cow::Owned(url.into()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Whether the URL holds a user name or password, which everyone who may list webhooks can then read.
pub fn has_user_info(text: &str) -> bool {
    authority(text).is_some_and(|authority| authority.contains('@'))
}

/// The URL for a message: without user info, query and fragment, which may hold secrets. Of what is no URL nothing is
/// shown.
pub fn redacted(text: &str) -> String {
    const NO_URL: &str = "(not a URL)";
    if text.chars().any(is_blank) || text.contains('\\') || Url::parse(text).is_err() {
        return NO_URL.to_owned();
    }
    let Some(authority) = authority(text) else {
        return NO_URL.to_owned();
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return NO_URL.to_owned();
    };
    let (user_info, host) = split_user_info(authority);
    let path = rest.get(authority.len()..).unwrap_or_default();
    let shown = path.split(['?', '#']).next().unwrap_or_default();
    let user_info = if user_info.is_some() { "…@" } else { "" };
    let query = if shown.len() < path.len() { "?…" } else { "" };
    format!("{scheme}://{user_info}{host}{shown}{query}")
}

/// What stands between `http://` or `https://` and the path, query or fragment.
fn authority(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    rest.split(['/', '?', '#', '\\']).next()
}

/// The user info, if there is an `@`, and what follows it.
fn split_user_info(authority: &str) -> (Option<&str>, &str) {
    match authority.rsplit_once('@') {
        Some((user_info, host)) => (Some(user_info), host),
        None => (None, authority),
    }
}

/// The host (an IPv6 address with its brackets), and the port if there is a `:`.
fn split_port(host_and_port: &str) -> (&str, Option<&str>) {
    match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host_and_port, None),
    }
}

/// Whether nothing is seen where the character stands.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            // zero-width space, marks and joins of lines, byte order mark, directional overrides
            '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}
