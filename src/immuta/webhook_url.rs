//! The rules for the URL of a webhook, shared with the base URL of the API.
//!
//! A URL is stored as configured; these functions only check and compare. Hosts are read by the WHATWG rules
//! (the `url` crate), but what those rules would silently repair (whitespace, line breaks, `https:host`, backslashes) is
//! refused, since the text itself is what the API gets.

use std::borrow::Cow;
use std::hash::Hash;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// Why a text is no URL for deliveries; a clause that does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// Not `http://…` or `https://…`.
    #[error("it must be an absolute URL that starts with https:// or http://")]
    NotAbsolute,
    /// A space, a line break or another invisible character.
    #[error("it must not contain whitespace, a line break or a control character")]
    Whitespace,
    /// A `#`, which is never sent to a server.
    #[error("it must not contain a fragment (a \"#\" and what follows)")]
    Fragment,
    /// A `\`, which some readers take for a `/`.
    #[error("it must not contain a backslash")]
    Backslash,
    /// Nothing, or nothing sensible, where the host should be.
    #[error("it must name a host after the \"//\", such as hooks.example.com")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("its port must be a number from 1 to 65535")]
    Port,
}

/// Checks a URL that deliveries are to be sent to.
pub fn check(text: &str) -> Result<(), InvalidUrl> {
    if text.chars().any(is_invisible) {
        return Err(InvalidUrl::Whitespace);
    }
    let authority = authority(text).ok_or(InvalidUrl::NotAbsolute)?;
    if text.contains('#') {
        return Err(InvalidUrl::Fragment);
    }
    if text.contains('\\') {
        return Err(InvalidUrl::Backslash);
    }
    let (_, host_and_port) = split_userinfo(authority);
    let (host, port) = split_port(host_and_port);
    if host.is_empty() {
        return Err(InvalidUrl::Host);
    }
    if let Some(port) = port {
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !matches!(port.parse::<u32>(), Ok(1..=65535)) {
            return Err(InvalidUrl::Port);
        }
    }
    match Url::parse(text) {
        Ok(url) if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
        Ok(_) | Err(_) => Err(InvalidUrl::Host),
    }
}

/// Whether two forms name the same URL: case of scheme and host, the default port, an empty path, an
/// international host and its ASCII form. What is no URL equals only itself.
pub fn equivalent(a: &str, b: &str) -> bool {
    a == b || normal_form(a) == normal_form(b)
}

/// One text for all equivalent forms.
pub(crate) fn normal_form(text: &str) -> Cow<'_, str> {
    match Url::parse(text) {
        Ok(url) => Cow::Owned(url.into()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Whether the URL holds a user name or password, which everyone who may list webhooks can then read.
pub fn has_userinfo(text: &str) -> bool {
    authority(text).is_some_and(|authority| authority.contains('@'))
}

/// Whether two URLs differ in form only: equivalent ones do, and so do those that differ in a trailing slash of the path
/// or in percent-encoding. An API that returns such a URL for the one that was sent has normalized it.
pub fn same_but_for_form(a: &str, b: &str) -> bool {
    parts(a) == parts(b)
}

/// What a URL names, without regard to its form. What is no URL names itself.
pub(crate) fn parts(text: &str) -> Result<impl PartialEq + Hash + use<>, &str> {
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let Ok(url) = Url::parse(text) else {
        return Err(text);
    };
    Ok((
        url.scheme().to_owned(),
        (decoded(url.username()), url.password().map(decoded)),
        url.host_str().map(str::to_owned),
        url.port_or_known_default(),
        decoded(url.path().trim_end_matches('/')),
        url.query().map(decoded),
    ))
}

/// The URL for a message: scheme, host and port. In many receivers the path is a secret, as userinfo and query are. Of
/// what is no URL nothing is shown.
pub fn redacted(text: &str) -> String {
    const NO_URL: &str = "(not a URL)";
    if text.chars().any(is_invisible) || text.contains('\\') || Url::parse(text).is_err() {
        return NO_URL.to_owned();
    }
    let (Some(authority), Some((scheme, rest))) = (authority(text), text.split_once("://")) else {
        return NO_URL.to_owned();
    };
    let (_, host) = split_userinfo(authority);
    let rest = match rest.get(authority.len()..).unwrap_or_default() {
        "" | "/" => "",
        _ => "/…",
    };
    format!("{scheme}://{host}{rest}")
}

/// What stands between `http://` or `https://` and the path, query or fragment.
fn authority(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    rest.split(['/', '?', '#', '\\']).next()
}

/// The userinfo, if there is an `@`, and what follows it.
fn split_userinfo(authority: &str) -> (Option<&str>, &str) {
    match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo), host),
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

/// Whether the character is whitespace or cannot be seen.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            // zero-width space, marks and joins of lines, byte order mark, directional overrides
            '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// A segment of a path is a secret by itself from so many characters on: shorter ones are words.
const SECRET_SEGMENT: usize = 16;

/// The parts of a URL that must not come back in a message: userinfo, path and query, whole and in pieces. Pieces of less
/// than four characters are no secrets.
pub(crate) fn secret_parts(text: &str) -> Vec<SecretString> {
    let mut parts = Vec::new();
    let authority = authority(text).unwrap_or_default();
    if let (Some(userinfo), _) = split_userinfo(authority) {
        parts.push(userinfo.to_owned());
        parts.extend(userinfo.split(':').map(str::to_owned));
    }
    let rest = text
        .split_once("://")
        .and_then(|(_, rest)| rest.get(authority.len()..))
        .unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    parts.push(path.to_owned());
    parts.extend(
        path.split('/')
            .filter(|segment| segment.chars().count() >= SECRET_SEGMENT)
            .map(str::to_owned),
    );
    parts.push(query.to_owned());
    parts.extend(query.split('&').map(|pair| {
        pair.split_once('=')
            .map_or(pair, |(_, value)| value)
            .to_owned()
    }));
    let decoded: Vec<String> = parts
        .iter()
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    parts.extend(decoded);
    parts.retain(|part| part.chars().count() >= 4);
    parts.sort_unstable();
    parts.dedup();
    parts.into_iter().map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_that_are_accepted() {
        for url in [
            "https://hooks.example.com/immuta",
            "HTTPS://Hooks.Example.com:443",
            "http://hooks.example.com",
            "https://hooks.example.com:1",
            "https://hooks.example.com:65535/",
            "https://bücher.example/größe?q=ü",
            "https://例え.jp/道",
            "https://xn--bcher-kva.example",
            "https://[2001:db8::1]:8443/x",
            "https://192.0.2.1/x",
            "https://user:pw@hooks.example.com/x",
            "https://hooks.example.com/a%20b?x=y&z=https://other.example",
            "https://localhost:8080",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn urls_that_are_refused() {
        for (url, problem) in [
            ("", InvalidUrl::NotAbsolute),
            ("hooks.example.com", InvalidUrl::NotAbsolute),
            ("/hooks", InvalidUrl::NotAbsolute),
            ("//hooks.example.com", InvalidUrl::NotAbsolute),
            ("ftp://hooks.example.com", InvalidUrl::NotAbsolute),
            ("https:hooks.example.com", InvalidUrl::NotAbsolute),
            ("https:/hooks.example.com", InvalidUrl::NotAbsolute),
            ("mailto:a@b.c", InvalidUrl::NotAbsolute),
            ("https://", InvalidUrl::Host),
            ("https:///path", InvalidUrl::Host),
            ("https://?q", InvalidUrl::Host),
            ("https://:443", InvalidUrl::Host),
            ("https://user@", InvalidUrl::Host),
            ("https://user@:1/", InvalidUrl::Host),
            ("https://ho<st", InvalidUrl::Host),
            ("https://[::1", InvalidUrl::Host),
            ("https://300.0.0.1", InvalidUrl::Host),
            ("https://hooks.example.com:", InvalidUrl::Port),
            ("https://hooks.example.com:0", InvalidUrl::Port),
            ("https://hooks.example.com:00", InvalidUrl::Port),
            ("https://hooks.example.com:65536", InvalidUrl::Port),
            ("https://hooks.example.com:99999999999999", InvalidUrl::Port),
            ("https://hooks.example.com:x", InvalidUrl::Port),
            ("https://hooks.example.com:+1", InvalidUrl::Port),
            ("https://hooks.example.com/#", InvalidUrl::Fragment),
            ("https://hooks.example.com#a", InvalidUrl::Fragment),
            ("https://hooks.example.com\\a", InvalidUrl::Backslash),
            (" https://hooks.example.com", InvalidUrl::Whitespace),
            ("https://hooks.example.com ", InvalidUrl::Whitespace),
            ("https://hooks.example.com/a b", InvalidUrl::Whitespace),
            ("https://hooks.example.com/\n", InvalidUrl::Whitespace),
            ("https://hoo\tks.example.com/", InvalidUrl::Whitespace),
            ("https://hooks.example.com/\u{0}", InvalidUrl::Whitespace),
            ("https://hooks.example.com/\u{a0}", InvalidUrl::Whitespace),
            ("https://hooks.example.com/\u{200b}", InvalidUrl::Whitespace),
            ("https://hooks.example.com/\u{7f}", InvalidUrl::Whitespace),
        ] {
            assert_eq!(check(url), Err(problem), "{url:?}");
        }
    }

    #[test]
    fn equivalent_forms() {
        for (a, b) in [
            ("https://h.example", "https://h.example/"),
            ("HTTPS://H.Example/p", "https://h.example/p"),
            ("https://h.example:443/p", "https://h.example/p"),
            ("http://h.example:80", "http://h.example"),
            ("https://h.example?q=1", "https://h.example/?q=1"),
            ("https://bücher.example/", "https://xn--bcher-kva.example"),
            ("https://BÜCHER.example/", "https://bücher.example"),
            ("https://h.example/ü", "https://h.example/%C3%BC"),
            ("not a url", "not a url"),
        ] {
            assert!(equivalent(a, b) && equivalent(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("https://h.example/", "http://h.example/"),
            ("https://h.example/p", "https://h.example/p/"),
            ("https://h.example/P", "https://h.example/p"),
            ("https://h.example:8443/", "https://h.example/"),
            ("https://h.example:80/", "https://h.example/"),
            ("https://h.example/?a", "https://h.example/"),
            ("https://u@h.example/", "https://h.example/"),
            ("https://h.example/", ""),
            ("not a url", "not a URL"),
        ] {
            assert!(!equivalent(a, b) && !equivalent(b, a), "{a} {b}");
        }
    }

    #[test]
    fn forms() {
        for (a, b) in [
            ("https://h.example/b", "https://h.example/b/"),
            ("https://h.example/a%2Db", "https://h.example/a-b"),
            (
                "https://h.example/%c3%bc?q=%2f",
                "https://h.example/ü?q=%2F",
            ),
            ("https://H.example:443/b/", "https://h.example/b"),
            ("no url", "no url"),
        ] {
            assert!(
                same_but_for_form(a, b) && same_but_for_form(b, a),
                "{a} {b}"
            );
        }
        for (a, b) in [
            ("https://h.example/b", "https://h.example/B"),
            ("https://h.example/b", "https://h.example/b/c"),
            ("https://h.example/b", "https://h.example/b?q"),
            ("https://h.example/b", "http://h.example/b"),
            ("https://h.example/b", "https://h.example:8443/b"),
            ("https://u:a@h.example/b", "https://u:b@h.example/b"),
            ("no url", "no URL"),
        ] {
            assert!(
                !same_but_for_form(a, b) && !same_but_for_form(b, a),
                "{a} {b}"
            );
        }
    }

    #[test]
    fn secrets_of_a_path() {
        let secrets = |url| -> Vec<String> {
            use secrecy::ExposeSecret;
            let parts = secret_parts(url);
            parts
                .iter()
                .map(|part| part.expose_secret().to_owned())
                .collect()
        };
        assert_eq!(
            secrets("https://h.example/services/T0/abcdefghijklmnop"),
            ["/services/T0/abcdefghijklmnop", "abcdefghijklmnop"]
        );
        assert_eq!(secrets("https://h.example/"), [""; 0]);
    }

    #[test]
    fn userinfo() {
        assert!(has_userinfo("https://user@h.example"));
        assert!(has_userinfo("https://user:pw@h.example/p"));
        assert!(has_userinfo("https://@h.example/p"));
        assert!(!has_userinfo("https://h.example/@user?a@b"));
    }

    #[test]
    fn redaction() {
        for (url, shown) in [
            ("https://H.example:443/p/ü", "https://H.example:443/…"),
            ("https://u:p@h.example/p?q=1#f", "https://h.example/…"),
            ("https://h.example?q", "https://h.example/…"),
            ("https://h.example/", "https://h.example"),
            ("https://u:p@x@h.example", "https://h.example"),
            ("https://[::1]:8443/@user", "https://[::1]:8443/…"),
            ("https:u:p@h.example", "(not a URL)"),
            ("https://u:p\\@h.example", "(not a URL)"),
            ("secret", "(not a URL)"),
            ("mailto:secret@h.example", "(not a URL)"),
        ] {
            assert_eq!(redacted(url), shown, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in any::<String>()) {
            let _ = (check(&text), redacted(&text), has_userinfo(&text), secret_parts(&text).len());
            prop_assert!(equivalent(&text, &text));
        }

        #[test]
        fn what_is_accepted_is_parsed_as_it_is_written(text in "[hH]ttps?://([a-z]{1,3}(:[a-z@]{0,3})?@)?[a-zü.\\[\\]:0-9]{0,12}[/?#@\\\\ a-z]{0,8}") {
            if check(&text).is_ok() {
                let url = Url::parse(&text).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https"));
                prop_assert!(url.host_str().is_some_and(|host| !host.is_empty()));
                prop_assert_ne!(url.port(), Some(0));
                prop_assert_eq!(url.fragment(), None);
                prop_assert!(equivalent(&text, url.as_str()));
            }
        }

        #[test]
        fn redaction_shows_no_secret(user in "[A-Z]{4,8}", password in "[A-Z:@%&=]{4,8}", query in "[A-Z=&@/?#:]{4,8}") {
            for url in [
                format!("https://{user}:{password}@h.example/{user}?{query}"),
                format!("https://{user}@h.example?{query}"),
            ] {
                let shown = redacted(&url);
                prop_assert!(!shown.chars().any(|c| c.is_ascii_uppercase()), "{}", shown);
            }
        }
    }
}
