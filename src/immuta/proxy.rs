//! The proxy that requests go through, as the usual environment variables name it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Url;

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy. `Debug` shows neither user name nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// With user name and password, percent-encoded.
    pub(super) url: Url,
    /// The environment variable that names it.
    pub(super) variable: &'static str,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Proxy")
            .field(&self.variable)
            .finish()
    }
}

/// Why a text names no proxy; a clause that does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProxy {
    /// A character that no part of it can hold.
    #[error("it must not contain whitespace, quotes or control characters")]
    Character,
    /// A scheme that is none of a proxy.
    #[error("its scheme must be http, https, socks4, socks4a, socks5 or socks5h")]
    Scheme,
    /// A character that would end the user name or password, or is not allowed there.
    #[error(
        "its user name and password must be percent-encoded: all but letters, digits and -._~!$&'()*+,;= is written \
         like %5E"
    )]
    Userinfo,
    /// Nothing, or nothing sensible, where the host should be.
    #[error("it must name a host and a port, such as http://proxy.example.com:3128")]
    Host,
}

impl Proxy {
    /// Parses a proxy's URL; without a scheme it is `http`. Whitespace at the ends is ignored.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn parse(text: &str, variable: &'static str) -> Result<Proxy, InvalidProxy> {
        let text = text.trim();
        if text.starts_with('\'') || text.contains(|c: char| c == '"' || c.is_control()) {
            return Err(InvalidProxy::Character);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        if !SCHEMES.contains(&scheme.as_str()) {
            return Err(InvalidProxy::Scheme);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (userinfo, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        if path.contains('@') || !is_userinfo(userinfo) {
            return Err(InvalidProxy::Userinfo);
        }
        if host.contains(char::is_whitespace) {
            return Err(InvalidProxy::Character);
        }
        if host.ends_with(':') || host.contains('\\') {
            return Err(InvalidProxy::Host);
        }
        let url =
            Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| InvalidProxy::Host)?;
        let has_host = url.host_str().is_some_and(|host| !host.is_empty());
        // The HTTP client reads it once more, by other rules, and would go without a proxy that it cannot read.
        if !has_host || url.port() == Some(0) || url.as_str().parse::<http::Uri>().is_err() {
            return Err(InvalidProxy::Host);
        }
        Ok(Proxy { url, variable })
    }
}

/// RFC 3986, 3.2.1, and `@`, which others take too.
fn is_userinfo(text: &str) -> bool {
    let mut parts = text.split('%');
    let allowed = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte))
    };
    let encoded = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    parts.next().is_some_and(allowed) && parts.all(|part| encoded(part) && allowed(part))
}

/// Whether requests to this host go directly, since it is in this list of `NO_PROXY`.
///
/// An entry is a name, which stands for its subdomains too, `*.` with a name for the subdomains only, an IP address, a
/// range of them (CIDR), or `*`. With a port it is for this port only.
pub(super) fn is_exempt(no_proxy: &str, host: &str, port: u16) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    let mut entries = no_proxy.split([',', ' ', '\t', '\r', '\n']);
    entries.any(|entry| matches(entry, host, port))
}

fn matches(entry: &str, host: &str, port: u16) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    if entry == "*" {
        return true;
    }
    if let Ok(range) = entry.parse::<IpNet>() {
        return address.is_some_and(|address| range.contains(&address));
    }
    if let Ok(entry) = entry.parse::<SocketAddr>() {
        return address == Some(entry.ip()) && port == entry.port();
    }
    if let Ok(entry) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(entry);
    }
    let name = match entry.rsplit_once(':') {
        Some((name, number)) if number.parse() == Ok(port) => name,
        Some(_) => return false,
        None => entry,
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let (name, subdomains_only) = match name.strip_prefix("*.") {
        Some(name) => (name, true),
        None => (name.trim_start_matches('.'), false),
    };
    if name.is_empty() || address.is_some() {
        return false;
    }
    match host.strip_suffix(name) {
        Some("") => !subdomains_only,
        Some(subdomain) => subdomain.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies() {
        for (text, url) in [
            ("http://proxy.example:3128", "http://proxy.example:3128/"),
            ("proxy.example:3128", "http://proxy.example:3128/"),
            (" HTTP://proxy.example/x?y \r\n", "http://proxy.example/"),
            ("https://u:p@proxy.example", "https://u:p@proxy.example/"),
            (
                "u:p%5E%20%C3%BC@proxy:3128",
                "http://u:p%5E%20%C3%BC@proxy:3128/",
            ),
            ("http://u:a@b@proxy:3128", "http://u:a%40b@proxy:3128/"),
            ("http://[::1]:3128", "http://[::1]:3128/"),
            (
                "socks5h://u:p@10.0.0.1:1080",
                "socks5h://u:p@10.0.0.1:1080/",
            ),
        ] {
            let proxy = Proxy::parse(text, "HTTPS_PROXY").unwrap();
            assert_eq!(proxy.url.as_str(), url, "{text:?}");
            assert!(!format!("{proxy:?}").contains("u:p"));
        }
        use InvalidProxy::{Character, Host, Scheme, Userinfo};
        for (text, problem) in [
            ("", Host),
            ("ftp://proxy:21", Scheme),
            ("socks://proxy:1080", Scheme),
            ("\"http://proxy:3128\"", Character),
            ("'http://proxy:3128'", Character),
            ("http://proxy\n.example", Character),
            ("http://pro xy:3128", Character),
            ("http://u:hunter2 x@proxy:3128", Userinfo),
            ("http://u:hunter2^@proxy:3128", Userinfo),
            ("http://u:hunter2[@proxy:3128", Userinfo),
            ("http://u:hunter2ü@proxy:3128", Userinfo),
            ("http://u:hunter2%@proxy:3128", Userinfo),
            ("http://u:hunter2%5@proxy:3128", Userinfo),
            ("http://u:hunter2/x@proxy:3128", Userinfo),
            ("http://u:hunter2#x@proxy:3128", Userinfo),
            ("http://", Host),
            ("http://:3128", Host),
            ("http:/proxy:3128", Host),
            ("http://proxy:", Host),
            ("http://proxy:0", Host),
            ("http://proxy:99999", Host),
            ("http://proxy\\x", Host),
            ("http://u:p@", Host),
            ("socks5://", Host),
        ] {
            let found = Proxy::parse(text, "HTTPS_PROXY").unwrap_err();
            assert_eq!(found, problem, "{text:?}");
            assert!(!found.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn hosts_that_are_reached_directly() {
        for (list, host, direct) in [
            ("", "api.example", false),
            ("*", "api.example", true),
            ("api.example", "api.example", true),
            ("API.example.", "api.example", true),
            ("example", "na.api.example", true),
            (".example", "na.api.example", true),
            (".example", "example", true),
            ("*.example", "na.api.example", true),
            ("*.example", "example", false),
            ("other, *.api.example", "na.api.example", true),
            ("other *.api.example", "na.api.example", true),
            ("ple", "api.example", false),
            ("pi.example", "api.example", false),
            ("api.example:443", "api.example", true),
            ("api.example:8443", "api.example", false),
            ("api.example:8443", "api.example:8443", true),
            (".example:443", "api.example", true),
            ("*.example:444", "api.example", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3:443", "10.1.2.3", true),
            ("10.1.2.3:444", "10.1.2.3", false),
            ("2.3", "10.1.2.3", false),
            ("2001:db8::/32", "[2001:db8::1]", true),
            ("2001:db8::1", "[2001:db8::1]", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("[2001:db8::1]:443", "[2001:db8::1]", true),
            ("[2001:db8::1]:444", "[2001:db8::1]", false),
        ] {
            let url = Url::parse(&format!("https://{host}")).unwrap();
            let port = url.port_or_known_default().unwrap();
            let found = is_exempt(list, url.host_str().unwrap(), port);
            assert_eq!(found, direct, "{list:?} {host}");
        }
    }
}
