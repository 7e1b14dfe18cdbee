//! An API in memory for tests of what is above the transport: a store, faults in order, a record of the requests. With
//! tokio's paused time its delays cost nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::immuta::config::{BaseUrl, ClientConfig, Token};
use crate::immuta::error::ErrorKind;
use crate::immuta::models::WebhookSpec;
use crate::immuta::transport::Transport;
use crate::immuta::transport::request::Request;
use crate::immuta::transport::response::{Response, TransportError, Truncation};
use crate::immuta::webhook_id::WebhookId;
use crate::immuta::webhooks::Client;

pub(crate) const TOKEN: &str = "token-that-must-not-leak";
pub(crate) const KEY: &str = "key-that-must-not-leak";

/// What happens to one request instead of what should.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// No connection.
    NoConnection,
    /// The certificate is not accepted.
    Untrusted,
    /// The connection is lost, without or after the effect.
    LostBefore,
    LostAfter,
    /// No effect but this answer.
    Response(u16, &'static str),
    /// 429 with a `RetryPolicy-After`.
    TooMany(&'static str),
    /// The effect, then this answer.
    AnswerAfter(u16, &'static str),
    /// The effect, then only so many bytes of the answer's body.
    CutAfter(usize),
    /// The answer takes so long; the effect comes first.
    Slow(Duration),
    /// The answer takes longer than anyone waits; the effect comes after so long.
    Late(Duration),
    /// Served as it should be: lets later faults of the same method wait their turn.
    None,
}

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) webhooks: Vec<Value>,
    pub(crate) calls: Vec<(Instant, String)>,
    pub(crate) in_flight: usize,
    pub(crate) most_in_flight: usize,
    faults: Vec<(&'static str, VecDeque<Fault>)>,
    made: usize,
}

#[derive(Clone, Default)]
pub(crate) struct TestApi(pub(crate) Arc<Mutex<Store>>);

impl TestApi {
    pub(crate) fn client(&self, change: impl FnOnce(&mut ClientConfig)) -> Client {
        let url = BaseUrl::parse("https://immuta.example/marketplace").unwrap();
        let token = Token::parse(TOKEN.into()).unwrap();
        let mut config = ClientConfig::new(url, token, "test".to_owned());
        change(&mut config);
        Client::with_transport(&config, Box::new(self.clone()))
    }

    /// Faults for the next requests whose `METHOD path` begins so.
    pub(crate) fn faults(&self, call: &'static str, faults: impl IntoIterator<Item = Fault>) {
        let mut store = self.0.lock().unwrap();
        store.faults.push((call, faults.into_iter().collect()));
    }

    pub(crate) fn insert(&self, id: &str, url: &str) {
        self.0
            .lock()
            .unwrap()
            .webhooks
            .push(json!({ "id": id, "url": url }));
    }

    pub(crate) fn remove(&self, id: &str) {
        self.0
            .lock()
            .unwrap()
            .webhooks
            .retain(|webhook| webhook["id"] != id);
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let store = self.0.lock().unwrap();
        store
            .webhooks
            .iter()
            .map(|webhook| webhook["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How often a call was tried whose `METHOD path` begins so.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .calls
            .iter()
            .filter(|(_, made)| made.starts_with(call))
            .count()
    }

    pub(crate) fn times(&self, call: &str) -> Vec<Instant> {
        let store = self.0.lock().unwrap();
        store
            .calls
            .iter()
            .filter(|(_, made)| made.starts_with(call))
            .map(|(time, _)| *time)
            .collect()
    }

    fn serve(&self, request: &Request) -> Response {
        let mut store = self.0.lock().unwrap();
        let store = &mut *store;
        let body: Value = request
            .body
            .as_ref()
            .map(|body| serde_json::from_str(body.bytes.expose_secret()).unwrap())
            .unwrap_or_default();
        let id = request
            .path
            .strip_prefix("/api/notification/webhook/")
            .unwrap_or_default();
        let at = store
            .webhooks
            .iter()
            .position(|webhook| webhook["id"] == id);
        let store_fields = |webhook: &mut Value| {
            for field in ["url", "verifyTls"] {
                webhook[field] = body[field].clone();
            }
            if body.get("signingKey").is_some() {
                webhook["signingKey"] = true.into();
            }
        };
        match (request.method.as_str(), id, at) {
            ("GET", "", _) => response(200, &json!(store.webhooks)),
            ("POST", "", _) => {
                store.made += 1;
                let mut webhook = json!({ "id": format!("made-{}", store.made) });
                store_fields(&mut webhook);
                store.webhooks.push(webhook.clone());
                response(200, &webhook)
            }
            ("POST", "test", _) => response(200, &json!({ "status": 1, "httpStatusCode": 204 })),
            ("GET", _, Some(at)) => response(200, &store.webhooks[at]),
            ("PUT", _, Some(at)) => {
                store_fields(&mut store.webhooks[at]);
                response(200, &store.webhooks[at])
            }
            ("DELETE", _, Some(at)) => {
                store.webhooks.remove(at);
                Response {
                    status: 204,
                    ..Response::default()
                }
            }
            _ => response(
                404,
                &json!({ "message": "no such webhook", "error": "Not Found", "statusCode": 404 }),
            ),
        }
    }

    async fn with_fault(
        &self,
        request: &Request,
        fault: Fault,
    ) -> Result<Response, TransportError> {
        let error = |kind, known_unprocessed| TransportError {
            kind,
            known_unprocessed,
            cause: format!("{TOKEN} {KEY}"),
        };
        match fault {
            Fault::None => Ok(self.serve(request)),
            Fault::NoConnection => Err(error(ErrorKind::Refused, true)),
            Fault::Untrusted => Err(error(ErrorKind::Certificate, true)),
            Fault::LostBefore => Err(error(ErrorKind::ConnectionLost, false)),
            Fault::LostAfter => {
                self.serve(request);
                Err(error(ErrorKind::ConnectionLost, false))
            }
            Fault::Response(status, body) => Ok(Response {
                status,
                body: body.into(),
                ..Response::default()
            }),
            Fault::TooMany(retry_after) => Ok(Response {
                status: 429,
                retry_after: Some(retry_after.to_owned()),
                ..Response::default()
            }),
            Fault::AnswerAfter(status, body) => {
                self.serve(request);
                Ok(Response {
                    status,
                    body: body.into(),
                    ..Response::default()
                })
            }
            Fault::CutAfter(bytes) => {
                let response = self.serve(request);
                Ok(Response {
                    body: response.body.slice(..bytes.min(response.body.len())),
                    truncated: Some(Truncation::ConnectionLost),
                    ..response
                })
            }
            Fault::Slow(time) => {
                let response = self.serve(request);
                sleep(time).await;
                Ok(response)
            }
            Fault::Late(time) => {
                let api = self.clone();
                let late = Request {
                    body: request.body.clone(),
                    ..Request::new(request.method.clone(), request.path.clone(), request.kind)
                };
                tokio::spawn(async move {
                    sleep(time).await;
                    api.serve(&late);
                });
                std::future::pending().await
            }
        }
    }
}

#[async_trait]
impl Transport for TestApi {
    async fn attempt(&self, request: &Request, time: Duration) -> Result<Response, TransportError> {
        let call = format!("{} {}", request.method, request.path);
        let fault = {
            let mut store = self.0.lock().unwrap();
            store.calls.push((Instant::now(), call.clone()));
            let faults = store
                .faults
                .iter_mut()
                .filter(|(start, _)| call.starts_with(start));
            let fault = faults.filter_map(|(_, faults)| faults.pop_front()).next();
            store.in_flight += 1;
            store.most_in_flight = store.most_in_flight.max(store.in_flight);
            fault.unwrap_or(Fault::None)
        };
        let _leaving = Leaving(self);
        tokio::task::yield_now().await;
        match timeout(time, self.with_fault(request, fault)).await {
            Ok(result) => result,
            Err(_) => Err(TransportError {
                kind: ErrorKind::Timeout,
                known_unprocessed: false,
                cause: String::new(),
            }),
        }
    }
}

struct Leaving<'a>(&'a TestApi);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().in_flight -= 1;
    }
}

fn response(status: u16, body: &Value) -> Response {
    Response {
        status,
        body: body.to_string().into(),
        ..Response::default()
    }
}

pub(crate) fn spec(url: &str) -> WebhookSpec {
    WebhookSpec {
        url: url.to_owned(),
        verify_tls: true,
        signing_key: None,
    }
}

pub(crate) fn spec_with_key(url: &str) -> WebhookSpec {
    WebhookSpec {
        signing_key: Some(KEY.into()),
        ..spec(url)
    }
}

pub(crate) fn never() -> CancellationToken {
    CancellationToken::new()
}

/// Fails if the text holds one of the secrets that tests send.
pub(crate) fn assert_no_secret(text: &str) {
    assert!(!text.contains(TOKEN) && !text.contains(KEY), "{text}");
}

/// An id for tests.
pub(crate) fn id(text: &str) -> WebhookId {
    WebhookId::parse(text).unwrap()
}
