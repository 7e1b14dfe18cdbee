//! A request as a plain value.

use std::ops::Range;

use http::Method;
use secrecy::SecretString;
use url::Url;

use super::retry::RequestKind;

/// No response about one webhook is larger, in bytes.
const DEFAULT_RESPONSE_LIMIT: usize = 1024 * 1024;

/// One request.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Below the base URL, percent-encoded, without a query.
    pub(crate) path: String,
    /// Where the webhook's id stands in the path: all else in it is the provider's own text.
    pub(crate) id: Option<Range<usize>>,
    pub(crate) query: String,
    pub(crate) body: Option<Body>,
    pub(crate) kind: RequestKind,
    /// The largest body of a response, in bytes.
    pub(crate) response_limit: usize,
}

/// What is sent, and what the log says of it.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) bytes: SecretString,
    pub(crate) logged: String,
    /// What must not come back in a message: the key, and parts of the url.
    pub(crate) secrets: Vec<SecretString>,
}

impl Request {
    pub(crate) fn new(method: Method, path: String, kind: RequestKind) -> Request {
        Request {
            method,
            path,
            id: None,
            query: String::new(),
            body: None,
            kind,
            response_limit: DEFAULT_RESPONSE_LIMIT,
        }
    }

    /// The path for messages and the log, with `redact` applied to what may hold a secret.
    pub(crate) fn shown_path(&self, redact: impl FnOnce(&str) -> String) -> String {
        let mut shown = self.path.clone();
        if let Some(id) = &self.id {
            let redacted = self.path.get(id.clone()).map(redact).unwrap_or_default();
            shown.replace_range(id.clone(), &redacted);
        }
        shown
    }

    /// Where it is sent.
    pub(crate) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_path(&format!(
            "{}{}",
            base.path().trim_end_matches('/'),
            self.path
        ));
        url.set_query((!self.query.is_empty()).then_some(self.query.as_str()));
        url
    }

    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        self.body
            .as_ref()
            .map(|body| body.secrets.clone())
            .unwrap_or_default()
    }
}
