//! The id of a webhook as a path segment that cannot lead anywhere else.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A uuid has 36 characters.
const MAX_LENGTH: usize = 128;

/// An id that can stand in a path. Ids are uuids, but one that a user imports may be anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WebhookId(String);

/// Why a text is no id; a clause. The text is not quoted: it may be a secret in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdProblem {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {MAX_LENGTH} characters")]
    Long,
    #[error("it holds a slash, a backslash, a \"?\", a \"#\" or a \"%\"")]
    Delimiter,
    #[error("it holds a blank or a control character")]
    Blank,
    #[error("it is \".\" or \"..\"")]
    Dots,
}

/// Checks an id that a user gives.
///
/// # Errors
///
/// Why it can be none, as a clause that does not quote it.
pub fn check_webhook_id(text: &str) -> Result<(), String> {
    match WebhookId::parse(text) {
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    }
}

impl WebhookId {
    pub(crate) fn parse(text: &str) -> Result<WebhookId, IdProblem> {
        if text.is_empty() {
            Err(IdProblem::Empty)
        } else if text.chars().count() > MAX_LENGTH {
            Err(IdProblem::Long)
        } else if text.contains(['/', '\\', '?', '#', '%']) {
            Err(IdProblem::Delimiter)
        } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Err(IdProblem::Blank)
        } else if text == "." || text == ".." {
            Err(IdProblem::Dots)
        } else {
            Ok(WebhookId(text.to_owned()))
        }
    }

    /// As it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the same id: uuids are compared without regard to case.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

/// As a path segment, percent-encoded.
impl fmt::Display for WebhookId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(&self.0, SEGMENT).fmt(formatter)
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
            ("", IdProblem::Empty),
            (".", IdProblem::Dots),
            ("..", IdProblem::Dots),
            ("a/b", IdProblem::Delimiter),
            ("../auth/user", IdProblem::Delimiter),
            ("a\\b", IdProblem::Delimiter),
            ("a?b=c", IdProblem::Delimiter),
            ("a#b", IdProblem::Delimiter),
            ("%2e%2e", IdProblem::Delimiter),
            ("a b", IdProblem::Blank),
            ("a\n", IdProblem::Blank),
            ("a\u{0}", IdProblem::Blank),
        ] {
            assert_eq!(WebhookId::parse(text), Err(problem), "{text:?}");
        }
        assert_eq!(WebhookId::parse(&"a".repeat(129)), Err(IdProblem::Long));
        assert!(WebhookId::parse("3f0c9a52-6d0e-4b57-9d0c-0f4c1c7b2a11").is_ok());
    }

    proptest! {
        #[test]
        fn an_id_stays_one_segment(text in any::<String>()) {
            if let Ok(id) = WebhookId::parse(&text) {
                let url = Url::parse(&format!("https://h.example/marketplace/webhook/{id}/test")).unwrap();
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
