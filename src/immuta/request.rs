//! The calls of the API as plain values: method, path, body, and what may be repeated.

use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::models::WebhookSpec;
use super::retry::Class;
use super::webhook_id::WebhookId;
use super::webhook_url;

/// No answer about one webhook is larger.
const SMALL: usize = 1024 * 1024;
/// No list and no page of a history is larger.
const LARGE: usize = 32 * 1024 * 1024;

const WEBHOOKS: &str = "/api/notification/webhook";

/// Entries in a page of a history.
pub(crate) const HISTORY_PAGE: usize = 100;

/// One call.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Below the base URL, percent-encoded, without a query.
    pub(crate) path: String,
    /// Where the webhook's id stands in the path: all else in it is the provider's own text.
    pub(super) id: Option<Range<usize>>,
    pub(crate) query: String,
    pub(crate) body: Option<Body>,
    pub(crate) class: Class,
    /// The largest body of an answer, in bytes.
    pub(crate) body_limit: usize,
}

/// What is sent, and what the log says of it.
pub(crate) struct Body {
    pub(crate) bytes: SecretString,
    pub(crate) logged: String,
    /// What must not come back in a message: the key, and parts of the url.
    pub(crate) secrets: Vec<SecretString>,
}

impl Request {
    pub(crate) fn list() -> Request {
        Request {
            body_limit: LARGE,
            ..Request::new("GET", WEBHOOKS.to_owned(), Class::Read)
        }
    }

    pub(crate) fn get(id: &WebhookId) -> Request {
        Request::about("GET", id, "", Class::Read)
    }

    pub(crate) fn create(spec: &WebhookSpec) -> Request {
        Request {
            body: Some(Body::of(spec)),
            ..Request::new("POST", WEBHOOKS.to_owned(), Class::Create)
        }
    }

    pub(crate) fn update(id: &WebhookId, spec: &WebhookSpec) -> Request {
        Request {
            body: Some(Body::of(spec)),
            ..Request::about("PUT", id, "", Class::Replace)
        }
    }

    pub(crate) fn delete(id: &WebhookId) -> Request {
        Request::about("DELETE", id, "", Class::Remove)
    }

    pub(crate) fn test(spec: &WebhookSpec) -> Request {
        Request {
            body: Some(Body::of(spec)),
            ..Request::new("POST", format!("{WEBHOOKS}/test"), Class::Deliver)
        }
    }

    pub(crate) fn test_by_id(id: &WebhookId) -> Request {
        Request::about("POST", id, "/test", Class::Deliver)
    }

    pub(crate) fn history(id: &WebhookId, offset: usize) -> Request {
        Request {
            query: format!("offset={offset}&limit={HISTORY_PAGE}"),
            body_limit: LARGE,
            ..Request::about("GET", id, "/history", Class::Read)
        }
    }

    pub(crate) fn current_user() -> Request {
        Request::new("GET", "/api/auth/user".to_owned(), Class::Read)
    }

    /// A call about one webhook.
    fn about(method: &'static str, id: &WebhookId, below: &str, class: Class) -> Request {
        let mut path = format!("{WEBHOOKS}/{id}");
        let id = WEBHOOKS.len() + 1..path.len();
        path.push_str(below);
        Request {
            id: Some(id),
            ..Request::new(method, path, class)
        }
    }

    /// The path for messages and the log, with `clean` applied to what may hold a secret.
    pub(crate) fn shown_path(&self, clean: impl FnOnce(&str) -> String) -> String {
        let mut shown = self.path.clone();
        if let Some(id) = &self.id {
            let cleaned = self.path.get(id.clone()).map(clean).unwrap_or_default();
            shown.replace_range(id.clone(), &cleaned);
        }
        shown
    }

    fn new(method: &'static str, path: String, class: Class) -> Request {
        Request {
            method,
            path,
            id: None,
            query: String::new(),
            body: None,
            class,
            body_limit: SMALL,
        }
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

impl Body {
    /// `url` and `verifyTls` always, since the API does not say that leaving one out keeps it; the key whenever there
    /// is one.
    fn of(spec: &WebhookSpec) -> Body {
        let mut sent = json!({ "url": spec.url, "verifyTls": spec.verify_tls });
        let mut logged =
            json!({ "url": webhook_url::redacted(&spec.url), "verifyTls": spec.verify_tls });
        let mut secrets = webhook_url::secret_parts(&spec.url);
        if let (Some(key), Value::Object(sent), Value::Object(logged)) =
            (&spec.signing_key, &mut sent, &mut logged)
        {
            sent.insert("signingKey".to_owned(), key.expose_secret().into());
            logged.insert("signingKey".to_owned(), "(redacted)".into());
            secrets.push(key.clone());
        }
        Body {
            bytes: sent.to_string().into(),
            logged: logged.to_string(),
            secrets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_below_the_base_with_and_without_its_slash() {
        let id = WebhookId::parse("a+b c".replace(' ', "é").as_str()).unwrap();
        for base in [
            "https://h.example/marketplace",
            "https://h.example/marketplace/",
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(
                Request::history(&id, 200).url(&base).as_str(),
                "https://h.example/marketplace/api/notification/webhook/a%2Bb%C3%A9c/history?offset=200&limit=100"
            );
        }
        let base = Url::parse("http://127.0.0.1:8080").unwrap();
        let url = Request::list().url(&base);
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:8080/api/notification/webhook"
        );
    }

    #[test]
    fn of_a_path_only_the_id_is_cleaned() {
        let shown = |request: Request| request.shown_path(|text| text.replace("hook", "…"));
        assert_eq!(shown(Request::list()), "/api/notification/webhook");
        let id = WebhookId::parse("hook").unwrap();
        assert_eq!(
            shown(Request::test_by_id(&id)),
            "/api/notification/webhook/…/test"
        );
    }

    #[test]
    fn the_body_is_whole_and_its_log_is_not() {
        let spec = WebhookSpec {
            url: "https://u:hunter2@h.example/p?t=hunter3".to_owned(),
            verify_tls: false,
            signing_key: Some("k\"ey".into()),
        };
        let body = Request::create(&spec).body.unwrap();
        let sent: Value = serde_json::from_str(body.bytes.expose_secret()).unwrap();
        assert_eq!(
            sent,
            json!({ "url": "https://u:hunter2@h.example/p?t=hunter3", "verifyTls": false, "signingKey": "k\"ey" })
        );
        assert_eq!(
            serde_json::from_str::<Value>(&body.logged).unwrap(),
            json!({ "url": "https://…@h.example/p?…", "verifyTls": false, "signingKey": "(redacted)" })
        );
        let secrets: Vec<&str> = body
            .secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            .collect();
        for secret in ["u:hunter2", "hunter2", "t=hunter3", "hunter3", "k\"ey"] {
            assert!(secrets.contains(&secret), "{secret}");
        }
    }

    #[test]
    fn without_a_key_none_is_sent() {
        let spec = WebhookSpec {
            url: "https://h.example".to_owned(),
            verify_tls: true,
            signing_key: None,
        };
        let body = Request::update(&WebhookId::parse("a").unwrap(), &spec)
            .body
            .unwrap();
        assert!(!body.bytes.expose_secret().contains("signingKey"));
    }
}
