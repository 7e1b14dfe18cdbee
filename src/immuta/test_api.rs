//! An API in memory for tests of what is above the transport: a store, faults in order, a record of the calls. With
//! tokio's paused time its delays cost nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::error::ErrorKind;
use super::http::{Answer, Cut, Transport, Trouble};
use super::models::WebhookSpec;
use super::request::Request;
use super::settings::Settings;
use super::webhooks::Webhooks;

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
    Answer(u16, &'static str),
    /// 429 with a `Retry-After`.
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
    pub(crate) fn webhooks(&self, change: impl FnOnce(&mut Settings)) -> Webhooks {
        let url = Url::parse("https://immuta.example/marketplace").unwrap();
        let mut settings = Settings::new(url, TOKEN.into(), "test".to_owned());
        change(&mut settings);
        Webhooks::over(&settings, Box::new(self.clone()))
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

    fn serve(&self, request: &Request) -> Answer {
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
        let hold = |webhook: &mut Value| {
            for field in ["url", "verifyTls"] {
                webhook[field] = body[field].clone();
            }
            if body.get("signingKey").is_some() {
                webhook["signingKey"] = true.into();
            }
        };
        match (request.method, id, at) {
            ("GET", "", _) => answer(200, &json!(store.webhooks)),
            ("POST", "", _) => {
                store.made += 1;
                let mut webhook = json!({ "id": format!("made-{}", store.made) });
                hold(&mut webhook);
                store.webhooks.push(webhook.clone());
                answer(200, &webhook)
            }
            ("POST", "test", _) => answer(200, &json!({ "status": 1, "httpStatusCode": 204 })),
            ("GET", _, Some(at)) => answer(200, &store.webhooks[at]),
            ("PUT", _, Some(at)) => {
                hold(&mut store.webhooks[at]);
                answer(200, &store.webhooks[at])
            }
            ("DELETE", _, Some(at)) => {
                store.webhooks.remove(at);
                Answer {
                    status: 204,
                    ..Answer::default()
                }
            }
            _ => answer(
                404,
                &json!({ "message": "no such webhook", "error": "Not Found", "statusCode": 404 }),
            ),
        }
    }

    async fn with_fault(&self, request: &Request, fault: Fault) -> Result<Answer, Trouble> {
        let trouble = |kind, never_connected| Trouble {
            kind,
            never_connected,
            cause: format!("{TOKEN} {KEY}"),
        };
        match fault {
            Fault::None => Ok(self.serve(request)),
            Fault::NoConnection => Err(trouble(ErrorKind::Refused, true)),
            Fault::Untrusted => Err(trouble(ErrorKind::Certificate, true)),
            Fault::LostBefore => Err(trouble(ErrorKind::Lost, false)),
            Fault::LostAfter => {
                self.serve(request);
                Err(trouble(ErrorKind::Lost, false))
            }
            Fault::Answer(status, body) => Ok(Answer {
                status,
                body: body.into(),
                ..Answer::default()
            }),
            Fault::TooMany(retry_after) => Ok(Answer {
                status: 429,
                retry_after: Some(retry_after.to_owned()),
                ..Answer::default()
            }),
            Fault::AnswerAfter(status, body) => {
                self.serve(request);
                Ok(Answer {
                    status,
                    body: body.into(),
                    ..Answer::default()
                })
            }
            Fault::CutAfter(bytes) => {
                let answer = self.serve(request);
                Ok(Answer {
                    body: answer.body.slice(..bytes.min(answer.body.len())),
                    cut: Some(Cut::Lost),
                    ..answer
                })
            }
            Fault::Slow(time) => {
                let answer = self.serve(request);
                sleep(time).await;
                Ok(answer)
            }
            Fault::Late(time) => {
                let api = self.clone();
                let body = request.body.as_ref().map(|body| super::request::Body {
                    bytes: body.bytes.clone(),
                    logged: String::new(),
                    secrets: Vec::new(),
                });
                let late = Request {
                    body,
                    path: request.path.clone(),
                    id: request.id.clone(),
                    query: String::new(),
                    ..*request
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
    async fn exchange(&self, request: &Request, time: Duration) -> Result<Answer, Trouble> {
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
            Err(_) => Err(Trouble {
                kind: ErrorKind::Timeout,
                never_connected: false,
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

fn answer(status: u16, body: &Value) -> Answer {
    Answer {
        status,
        body: body.to_string().into(),
        ..Answer::default()
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
