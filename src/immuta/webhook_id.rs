//! The id of a webhook as a path segment that cannot lead anywhere else.

use std::fmt;
use std::hash::{Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Everything but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A uuid has 36 characters.
const MAX_LENGTH: usize = 128;

/// The id of a webhook, which can stand in a path. Ids are uuids, but one that a user imports may be anything. Two ids
/// that differ in the case of letters only are the same.
#[derive(Clone, Debug)]
pub struct WebhookId(String);

/// Why a text is no id; a clause that does not quote it: it may be a secret in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWebhookId {
    /// It is the empty string.
    #[error("it is empty")]
    Empty,
    /// It is longer than any id.
    #[error("it is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// It would not be one segment of a path.
    #[error("it contains a slash, a backslash, a \"?\", a \"#\" or a \"%\"")]
    Delimiter,
    /// It holds something that cannot be seen.
    #[error("it contains whitespace or a control character")]
    Whitespace,
    /// It would lead to another path.
    #[error("it is \".\" or \"..\"")]
    Dots,
}

impl WebhookId {
    /// Parses an id.
    ///
    /// # Errors
    ///
    /// Why it cannot be one.
    pub fn parse(text: &str) -> Result<WebhookId, InvalidWebhookId> {
        if text.is_empty() {
            Err(InvalidWebhookId::Empty)
        } else if text.chars().count() > MAX_LENGTH {
            Err(InvalidWebhookId::TooLong)
        } else if text.contains(['/', '\\', '?', '#', '%']) {
            Err(InvalidWebhookId::Delimiter)
        } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Err(InvalidWebhookId::Whitespace)
        } else if text == "." || text == ".." {
            Err(InvalidWebhookId::Dots)
        } else {
            Ok(WebhookId(text.to_owned()))
        }
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a segment of a path, percent-encoded.
    pub(super) fn path_segment(&self) -> impl fmt::Display {
        utf8_percent_encode(&self.0, SEGMENT)
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl PartialEq for WebhookId {
    fn eq(&self, other: &WebhookId) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for WebhookId {}

impl Hash for WebhookId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|byte| state.write_u8(byte));
    }
}

impl Ord for WebhookId {
    fn cmp(&self, other: &WebhookId) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for WebhookId {
    fn partial_cmp(&self, other: &WebhookId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<'de> Deserialize<'de> for WebhookId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WebhookId, D::Error> {
        let text = String::deserialize(deserializer)?;
        WebhookId::parse(&text)
            .map_err(|problem| D::Error::custom(format!("invalid id: {problem}")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn ids_that_are_refused() {
        for (text, problem) in [
            ("", InvalidWebhookId::Empty),
            (".", InvalidWebhookId::Dots),
            ("..", InvalidWebhookId::Dots),
            ("a/b", InvalidWebhookId::Delimiter),
            ("../auth/user", InvalidWebhookId::Delimiter),
            ("a\\b", InvalidWebhookId::Delimiter),
            ("a?b=c", InvalidWebhookId::Delimiter),
            ("a#b", InvalidWebhookId::Delimiter),
            ("%2e%2e", InvalidWebhookId::Delimiter),
            ("a b", InvalidWebhookId::Whitespace),
            ("a\n", InvalidWebhookId::Whitespace),
            ("a\u{0}", InvalidWebhookId::Whitespace),
        ] {
            assert_eq!(WebhookId::parse(text), Err(problem), "{text:?}");
        }
        assert_eq!(
            WebhookId::parse(&"a".repeat(129)),
            Err(InvalidWebhookId::TooLong)
        );
        let id = WebhookId::parse("3F0c9a52-6d0e-4b57-9d0c-0f4c1c7b2a11").unwrap();
        assert_eq!(
            WebhookId::parse("3f0C9a52-6d0e-4b57-9d0c-0f4c1c7b2a11"),
            Ok(id)
        );
    }

    proptest! {
        #[test]
        fn an_id_stays_one_segment(text in any::<String>()) {
            if let Ok(id) = WebhookId::parse(&text) {
                let url = Url::parse(&format!("https://h.example/marketplace/webhook/{}/test", id.path_segment())).unwrap();
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(segments.len(), 4);
                let segment = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap();
                prop_assert_eq!(segment.as_ref(), text.as_str());
                prop_assert_eq!(url.query(), None);
                prop_assert_eq!(url.fragment(), None);
            }
        }
    }
}
