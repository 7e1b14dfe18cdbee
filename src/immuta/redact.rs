//! Redacts secrets in text that came from outside, before it gets into a message or a log.
//!
//! A secret is found in whatever form each of its characters has: as itself, percent-encoded (once or more), as a JSON
//! escape (in a string in a string too), as an HTML entity, in any mixture. Of every URL in the text only scheme, host and port
//! stay, since the rest can hold secrets that were never registered.

use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
const REDACTED: &str = "(redacted)";
/// What stands where a URL stood whose parts cannot be told apart.
const REDACTED_URL: &str = "(redacted URL)";
/// What stands for a whole text that holds a secret too short to be redacted: redacting each `a` of a message would show
/// that the secret is `a`.
const WITHHELD: &str = "(withheld: it contains a secret)";
/// Shorter secrets make the whole text be withheld.
const SHORT: usize = 4;
/// A text that ends within a secret is redacted too, if at least so many of the secret's characters are there.
const TRUNCATED: usize = 4;

/// The secrets that are known so far: the token, and every key and part of a url that was sent or registered. A response
/// may quote what another request sent.
pub(super) struct KnownSecrets(Mutex<Redactor>);

impl KnownSecrets {
    pub(super) fn new(secrets: impl IntoIterator<Item = SecretString>) -> KnownSecrets {
        KnownSecrets(Mutex::new(Redactor::new(secrets)))
    }

    /// No message and no log shows them from now on.
    pub(super) fn register(&self, secrets: impl IntoIterator<Item = SecretString>) {
        self.lock().extend(secrets);
    }

    /// What redacts the secrets that are known now.
    pub(super) fn redactor(&self) -> Redactor {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Redactor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The secrets, and what redacts them.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// Longer ones first: where one secret holds another, the rest of it must not stay behind. Those of one length are
    /// sorted, so that one of thousands is found at once. Shared by clones until one gets another secret.
    secrets: Arc<Vec<SecretString>>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    pub(crate) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.extend(secrets);
        redactor
    }

    /// Adds those that are new.
    pub(crate) fn extend(&mut self, secrets: impl IntoIterator<Item = SecretString>) {
        fn place(secret: &SecretString) -> (Reverse<usize>, &str) {
            let text = secret.expose_secret();
            (Reverse(text.chars().count()), text)
        }
        for secret in secrets {
            if secret.expose_secret().is_empty() {
                continue;
            }
            let wanted = place(&secret);
            if let Err(at) = self
                .secrets
                .binary_search_by(|known| place(known).cmp(&wanted))
            {
                Arc::make_mut(&mut self.secrets).insert(at, secret);
            }
        }
    }

    /// The text without secrets and control characters, at most `max` characters long.
    pub(crate) fn redact(&self, text: &str, max: usize) -> String {
        self.redact_all(text, max, false)
    }

    /// The same for a text that may end within a secret.
    pub(crate) fn redact_truncated(&self, text: &str, max: usize) -> String {
        self.redact_all(text, max, true)
    }

    fn redact_all(&self, text: &str, max: usize, truncated: bool) -> String {
        let Some(text) = self.redact_secrets(text, truncated) else {
            return WITHHELD.to_owned();
        };
        let text: String = text
            .chars()
            .map(|c| if is_control(c) { ' ' } else { c })
            .collect();
        let text = redact_url_parts(&text);
        // Again: without its control characters the text may hold what it did not hold before.
        let Some(text) = self.redact_secrets(text.trim(), false) else {
            return WITHHELD.to_owned();
        };
        if text.chars().count() <= max {
            return text;
        }
        let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
        short.push('…');
        short
    }

    /// `None`: the text is to be withheld.
    fn redact_secrets(&self, text: &str, truncated: bool) -> Option<String> {
        let mut text: Vec<char> = text.chars().collect();
        for secret in self.secrets.iter() {
            let secret: Vec<char> = secret.expose_secret().chars().collect();
            text = redact_one(&text, &secret, truncated)?;
        }
        Some(text.into_iter().collect())
    }
}

fn redact_one(text: &[char], secret: &[char], truncated: bool) -> Option<Vec<char>> {
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(character) = text.get(at) {
        match end_of(text, at, secret, truncated) {
            Some(end) => {
                if secret.len() < SHORT {
                    return None;
                }
                kept.extend(REDACTED.chars());
                at = end;
            }
            None => {
                kept.push(*character);
                at += 1;
            }
        }
    }
    Some(kept)
}

/// Where the secret that begins at `at` ends: at the text's end, if that is truncated within the secret.
fn end_of(text: &[char], at: usize, secret: &[char], truncated: bool) -> Option<usize> {
    // At nearly every place: it costs nothing but this.
    if !begins(text.get(at..).unwrap_or_default(), secret) {
        return None;
    }
    let mut ends = vec![at];
    for (index, character) in secret.iter().enumerate() {
        let mut next = Vec::new();
        for end in ends {
            let rest = text.get(end..).unwrap_or_default();
            if truncated && index >= TRUNCATED && is_truncated(rest) {
                return Some(text.len());
            }
            encodings(rest, *character, |length| {
                if !next.contains(&(end + length)) {
                    next.push(end + length);
                }
            });
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.into_iter().max()
}

/// Whether the text begins with the secret's first character, in any encoding.
fn begins(text: &[char], secret: &[char]) -> bool {
    let mut begins = false;
    if let Some(first) = secret.first() {
        encodings(text, *first, |_| begins = true);
    }
    begins
}

/// Whether nothing is left, or the beginning of an escape.
fn is_truncated(rest: &[char]) -> bool {
    match rest.first() {
        None => true,
        Some('%' | '\\' | '&') => rest.len() < 12,
        Some(_) => false,
    }
}

/// Calls `found` with the length of each way in which the text begins with the character.
fn encodings(text: &[char], character: char, mut found: impl FnMut(usize)) {
    let Some(&first) = text.first() else { return };
    if first == character {
        found(1);
    }
    match first {
        '+' if character == ' ' => found(1),
        '%' => {
            for layers in 0..=2 {
                if let Some(length) = percent_encoded(text, character, layers) {
                    found(length);
                }
            }
        }
        '\\' => json_escaped(text, character, found),
        '&' => {
            if let Some(length) = html_entity(text, character) {
                found(length);
            }
        }
        _ => {}
    }
}

/// `%C3%BC`; with layers, what was encoded again and again: `%25C3%25BC`.
fn percent_encoded(text: &[char], character: char, layers: usize) -> Option<usize> {
    let mut buffer = [0; 4];
    let mut at = 0;
    for byte in character.encode_utf8(&mut buffer).bytes() {
        if text.get(at) != Some(&'%') {
            return None;
        }
        at += 1;
        for _ in 0..layers {
            if text.get(at..at + 2) != Some(&['2', '5']) {
                return None;
            }
            at += 2;
        }
        if hex(text.get(at..at + 2)?)? != u32::from(byte) {
            return None;
        }
        at += 2;
    }
    Some(at)
}

fn json_escaped(text: &[char], character: char, mut found: impl FnMut(usize)) {
    let slashes = text.iter().take_while(|c| **c == '\\').count();
    if character == '\\' {
        (2..=slashes).for_each(&mut found);
    }
    let Some(&letter) = text.get(slashes) else {
        return;
    };
    let meant = match letter {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        '"' | '/' | '\'' => Some(letter),
        _ => None,
    };
    if meant == Some(character) {
        found(slashes + 1);
    }
    if letter == 'u' {
        let mut units = [0; 2];
        let mut at = slashes;
        for (index, unit) in character.encode_utf16(&mut units).iter().enumerate() {
            if index > 0 {
                let more = text
                    .get(at..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|c| **c == '\\')
                    .count();
                if more == 0 {
                    return;
                }
                at += more;
            }
            if text.get(at) != Some(&'u')
                || text.get(at + 1..at + 5).and_then(hex) != Some(u32::from(*unit))
            {
                return;
            }
            at += 5;
        }
        found(at);
    }
}

fn html_entity(text: &[char], character: char) -> Option<usize> {
    let length = text.iter().take(12).position(|c| *c == ';')?;
    let name: String = text.get(1..length)?.iter().collect();
    let meant = match name.as_str() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    };
    (meant == Some(character)).then_some(length + 1)
}

fn hex(digits: &[char]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |sum, digit| Some(sum * 16 + digit.to_digit(16)?))
}

/// Control characters, and those that make a terminal show text in another order.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Of each URL only scheme, host and port stay.
fn redact_url_parts(text: &str) -> String {
    text.split_inclusive([' ', '"', '<', '>', '`'])
        .map(|piece| {
            let word = piece.trim_end_matches([' ', '"', '<', '>', '`']);
            let mut piece_without = redact_parts_of_word(word);
            piece_without.push_str(piece.get(word.len()..).unwrap_or_default());
            piece_without
        })
        .collect()
}

fn redact_parts_of_word(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let encoded = [":\\/\\/", ":\\u002f\\u002f", "%3a%2f%2f", "%3a//"];
    if encoded.iter().any(|marker| lower.contains(marker)) {
        return REDACTED_URL.to_owned();
    }
    let Some((before, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if path.contains('@') {
        // Perhaps the end of a userinfo with a delimiter in it.
        return REDACTED_URL.to_owned();
    }
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let path = match path {
        "" | "/" => path,
        _ => "/…",
    };
    format!("{before}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().map(|secret| SecretString::from(*secret)))
    }

    #[test]
    fn every_spelling_is_cut() {
        let secret = "s3cr\"t/ü &\\😀\n<key>";
        let json = serde_json::to_string(secret).unwrap();
        let json_in_json = serde_json::to_string(&json).unwrap();
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let spellings = [
            secret.to_owned(),
            percent.clone(),
            percent.to_ascii_lowercase(),
            percent.replace("%20", "+"),
            percent.replace('%', "%25"),
            secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            json.trim_matches('"').to_owned(),
            json.trim_matches('"').replace('/', "\\/"),
            json_in_json.clone(),
            secret
                .encode_utf16()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect(),
            "s3cr&quot;t/&#252; &amp;\\&#x1F600;\n&lt;key&gt;".to_owned(),
        ];
        for encoding in spellings {
            let clean = redactor(&[secret]).redact(&format!("key {encoding} is bad"), 1000);
            assert!(
                clean.starts_with("key ") && clean.ends_with(" is bad"),
                "{clean}"
            );
            assert!(clean.contains(REDACTED), "{clean}");
            for left in ["s3cr", "key>", "key&", "😀", "1F600", "F0"] {
                assert!(!clean.contains(left), "{left} in {clean}");
            }
        }
    }

    #[test]
    fn percent_signs_of_a_secret() {
        for (secret, text) in [
            ("100%25off", "100%2525off"),
            ("100%off", "100%25off"),
            ("%%%%", "%25%25%25%25"),
        ] {
            assert_eq!(
                redactor(&[secret]).redact(text, 100),
                REDACTED,
                "{secret} in {text}"
            );
        }
    }

    #[test]
    fn the_longer_secret_goes_first_and_pieces_are_cut() {
        let clean = redactor(&["token", "token-and-more"])
            .redact("a token-and-more, a token, a tokens, tok", 100);
        assert_eq!(clean, "a (redacted), a (redacted), a (redacted)s, tok");
        assert_eq!(
            redactor(&["abcdefgh"]).redact("it ends in abcde", 100),
            "it ends in abcde"
        );
        for end in ["abcde", "abcd%4", "abcd\\u00"] {
            let text = format!("it ends in {end}");
            assert_eq!(
                redactor(&["abcdefgh"]).redact_truncated(&text, 100),
                "it ends in (redacted)"
            );
        }
        assert_eq!(
            redactor(&["abcdefgh"]).redact("abc\u{7}defgh abc", 100),
            "abc defgh abc"
        );
        assert_eq!(redactor(&["abc defgh"]).redact("abc\ndefgh", 100), REDACTED);
    }

    #[test]
    fn a_short_secret_withholds_the_text() {
        assert_eq!(redactor(&["a"]).redact("a bad key", 100), WITHHELD);
        assert_eq!(redactor(&["a"]).redact("ill-formed", 100), "ill-formed");
        assert_eq!(redactor(&[""]).redact("nothing", 100), "nothing");
    }

    #[test]
    fn control_characters_and_length() {
        assert_eq!(
            redactor(&[]).redact("\u{1b}[31mred\r\nnext\u{202e}", 100),
            "[31mred  next"
        );
        assert_eq!(redactor(&[]).redact("abcdefgh", 4), "abc…");
    }

    #[test]
    fn parts_of_urls() {
        for (text, clean) in [
            (
                "url https://u:p@h.example/p?q=1#f is bad",
                "url https://h.example/… is bad",
            ),
            (
                "\"https://h.example/p\",\"https://h.example?a=b\"",
                "\"https://h.example/…\",\"https://h.example/…\"",
            ),
            (
                "{\"url\":\"https:\\/\\/u:p@h\"}",
                "{\"url\":\"(redacted URL)\"}",
            ),
            ("https%3A%2F%2Fu%3Ap%40h", REDACTED_URL),
            ("https://h.example/@user", REDACTED_URL),
            ("https://h.example:8443/", "https://h.example:8443/"),
            ("https://u:p@h.example", "https://h.example"),
            ("https://a.example/https://u:p@b.example", REDACTED_URL),
            ("https://a.example/https://b.example", "https://a.example/…"),
            ("no url: a@b.c?", "no url: a@b.c?"),
        ] {
            assert_eq!(redactor(&[]).redact(text, 1000), clean);
        }
    }

    proptest! {
        #[test]
        fn no_encoding_leaks(
            secret in "[ -~äß😀\\n]{4,40}",
            before in "[a-z ]{0,20}",
            after in "[a-z ]{0,20}",
            encoding in 0..5,
            max in 1_usize..200,
        ) {
            let json = serde_json::to_string(&secret).unwrap();
            let encoded = match encoding {
                0 => secret.clone(),
                1 => utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string(),
                2 => json.get(1..json.len() - 1).unwrap().to_owned(),
                3 => secret.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect(),
                _ => secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            };
            let clean = redactor(&[&secret]).redact(&format!("{before}{encoded}{after}"), max);
            prop_assert!(clean.chars().count() <= max.max(WITHHELD.len()));
            // The placeholders and what stands around may spell a short secret by chance: compare without them.
            let left = clean.replace(REDACTED, "\u{0}").replace(REDACTED_URL, "\u{0}").replace(WITHHELD, "\u{0}");
            let around = format!("{before}\u{0}{after}");
            if !around.contains(&secret) {
                prop_assert!(!left.contains(&secret), "{left}");
                prop_assert!(!left.contains(&encoded), "{left}");
            }
        }

        #[test]
        fn any_text_is_cleaned_without_a_panic(secret in ".{0,20}", text in any::<String>(), max in 0_usize..100) {
            let clean = redactor(&[&secret]).redact(&text, max);
            prop_assert!(!clean.chars().any(is_control));
        }
    }
}
