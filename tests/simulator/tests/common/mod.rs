//! A plain client of the API.
// Each test file uses a part of this, and a client that fails fails the test.
#![allow(dead_code, clippy::unwrap_used)]

use immuta_simulator::{BASE_PATH, Simulator};
use reqwest::{Client, Method};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Calls the simulator, blocking, with its token.
pub(crate) struct Api {
    runtime: tokio::runtime::Runtime,
    client: Client,
    origin: String,
    token: Option<String>,
}

pub(crate) const WEBHOOKS: &str = "/api/notification/webhook";

impl Api {
    pub(crate) fn of(simulator: &Simulator) -> Api {
        let mut client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("tests/1");
        if let Some(pem) = simulator.ca_pem() {
            let ca = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
            client = client.tls_certs_only([ca]);
        }
        Api {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            client: client.build().unwrap(),
            origin: simulator.origin(),
            token: Some(simulator.token()),
        }
    }

    pub(crate) fn with_token(mut self, token: Option<&str>) -> Api {
        self.token = token.map(str::to_owned);
        self
    }

    /// A call below the base path.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.try_call(method, path, body).unwrap()
    }

    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        self.at(method, &format!("{BASE_PATH}{path}"), body)
    }

    /// A call of an admin route.
    pub(crate) fn admin(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.at(method, &format!("/_simulator{path}"), body)
            .unwrap()
    }

    pub(crate) fn at(
        &self,
        method: &str,
        target: &str,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{target}", self.origin));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        self.runtime.block_on(async {
            let response = request.send().await?;
            Ok(Answer {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                text: response.text().await?,
            })
        })
    }

    /// Sends a call, and drops it as soon as `enough` says so: a client that gives up.
    pub(crate) fn give_up_when(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        enough: impl Fn() -> bool,
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{BASE_PATH}{path}", self.origin));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        self.runtime.block_on(async {
            let call = tokio::spawn(request.send());
            while !enough() {
                assert!(!call.is_finished(), "answered, though it was not to be");
                tokio::task::yield_now().await;
            }
            call.abort();
            let _ = call.await;
        });
    }

    pub(crate) fn create(&self, body: Value) -> Value {
        let answer = self.call("POST", WEBHOOKS, Some(body));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) fn webhook_path(id: &str) -> String {
        format!("{WEBHOOKS}/{id}")
    }
}
