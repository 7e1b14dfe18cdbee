//! The requests of the API, as its documentation has them.

use http::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::immuta::models::WebhookSpec;
use crate::immuta::transport::request::{Body, Request};
use crate::immuta::transport::retry::RequestKind;
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhook_url;

/// No list and no page of a history is larger, in bytes.
const LIST_LIMIT: usize = 32 * 1024 * 1024;

const WEBHOOKS: &str = "/api/notification/webhook";

/// Entries in a page of a history.
pub(crate) const HISTORY_PAGE: usize = 100;

pub(crate) fn list() -> Request {
    Request {
        response_limit: LIST_LIMIT,
        ..Request::new(Method::GET, WEBHOOKS.to_owned(), RequestKind::Read)
    }
}

pub(crate) fn get(id: &WebhookId) -> Request {
    of_webhook(Method::GET, id, "", RequestKind::Read)
}

pub(crate) fn create(spec: &WebhookSpec) -> Request {
    Request {
        body: Some(body(spec)),
        ..Request::new(Method::POST, WEBHOOKS.to_owned(), RequestKind::Create)
    }
}

pub(crate) fn update(id: &WebhookId, spec: &WebhookSpec) -> Request {
    Request {
        body: Some(body(spec)),
        ..of_webhook(Method::PUT, id, "", RequestKind::Update)
    }
}

pub(crate) fn delete(id: &WebhookId) -> Request {
    of_webhook(Method::DELETE, id, "", RequestKind::Delete)
}

pub(crate) fn test(spec: &WebhookSpec) -> Request {
    let path = format!("{WEBHOOKS}/test");
    Request {
        body: Some(body(spec)),
        ..Request::new(Method::POST, path, RequestKind::TestDelivery)
    }
}

pub(crate) fn test_by_id(id: &WebhookId) -> Request {
    of_webhook(Method::POST, id, "/test", RequestKind::TestDelivery)
}

pub(crate) fn history(id: &WebhookId, offset: usize) -> Request {
    Request {
        query: format!("offset={offset}&limit={HISTORY_PAGE}"),
        response_limit: LIST_LIMIT,
        ..of_webhook(Method::GET, id, "/history", RequestKind::Read)
    }
}

pub(crate) fn current_user() -> Request {
    Request::new(Method::GET, "/api/auth/user".to_owned(), RequestKind::Read)
}

fn of_webhook(method: Method, id: &WebhookId, below: &str, kind: RequestKind) -> Request {
    let mut path = format!("{WEBHOOKS}/{}", id.path_segment());
    let id = WEBHOOKS.len() + 1..path.len();
    path.push_str(below);
    Request {
        id: Some(id),
        ..Request::new(method, path, kind)
    }
}

/// `url` and `verifyTls` always, since the API does not document that leaving one out keeps it; the key whenever there
/// is one.
fn body(spec: &WebhookSpec) -> Body {
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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn urls_are_below_the_base_with_and_without_its_slash() {
        let id = WebhookId::parse("a+bé").unwrap();
        for base in [
            "https://h.example/marketplace",
            "https://h.example/marketplace/",
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(
                history(&id, 200).url(&base).as_str(),
                "https://h.example/marketplace/api/notification/webhook/a%2Bb%C3%A9/history?offset=200&limit=100"
            );
        }
        let base = Url::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(
            list().url(&base).as_str(),
            "http://127.0.0.1:8080/api/notification/webhook"
        );
    }

    #[test]
    fn of_a_path_only_the_id_is_redacted() {
        let shown = |request: Request| request.shown_path(|text| text.replace("hook", "…"));
        assert_eq!(shown(list()), "/api/notification/webhook");
        let id = WebhookId::parse("hook").unwrap();
        assert_eq!(shown(test_by_id(&id)), "/api/notification/webhook/…/test");
    }

    #[test]
    fn the_body_is_whole_and_its_log_is_not() {
        let spec = WebhookSpec {
            url: "https://u:hunter2@h.example/p?t=hunter3".to_owned(),
            verify_tls: false,
            signing_key: Some("k\"ey".into()),
        };
        let body = create(&spec).body.unwrap();
        let sent: Value = serde_json::from_str(body.bytes.expose_secret()).unwrap();
        assert_eq!(
            sent,
            json!({ "url": "https://u:hunter2@h.example/p?t=hunter3", "verifyTls": false, "signingKey": "k\"ey" })
        );
        assert_eq!(
            serde_json::from_str::<Value>(&body.logged).unwrap(),
            json!({ "url": "https://h.example/…", "verifyTls": false, "signingKey": "(redacted)" })
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
        let body = update(&WebhookId::parse("a").unwrap(), &spec).body.unwrap();
        assert!(!body.bytes.expose_secret().contains("signingKey"));
    }
}
