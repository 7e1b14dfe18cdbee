//! Deliveries: signed, sent, judged.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::redirect::Policy;
use serde_json::json;

use crate::store::StoredWebhook;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-immuta-webhook-signature-sha256";

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The signature of `body` under `key`: HMAC-SHA256, lowercase hex.
pub fn signature(body: &[u8], key: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hex::encode(hmac::sign(&key, body))
}

/// Whether `signature` is that of `body` under `key`; compared in constant time.
pub fn verify(body: &[u8], key: &str, signature: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hex::decode(signature).is_ok_and(|tag| hmac::verify(&key, body, &tag).is_ok())
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What the receiver answered; 0 when it did not.
    pub(crate) status: u16,
    /// What went wrong.
    pub(crate) problem: Option<String>,
}

impl Outcome {
    pub(crate) fn word(&self) -> &'static str {
        match self.problem {
            None => "SUCCESS",
            Some(_) => "FAILED",
        }
    }
}

/// Sends deliveries. Its clients are made at the first one: reading the platform's roots takes a while.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    roots: Vec<reqwest::Certificate>,
    proxy: Option<reqwest::Proxy>,
    verifying: Option<reqwest::Client>,
    trusting: Option<reqwest::Client>,
}

impl Courier {
    /// Trusts the certificates in `pem` besides the platform's, from the next delivery on.
    pub(crate) fn trust(&self, pem: &str) -> Result<(), reqwest::Error> {
        let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes())?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.roots.extend(roots);
        state.verifying = None;
        Ok(())
    }

    /// Delivers through this HTTP proxy, from the next delivery on.
    pub(crate) fn through(&self, proxy: &str) -> Result<(), reqwest::Error> {
        let proxy = reqwest::Proxy::all(proxy)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.proxy = Some(proxy);
        state.verifying = None;
        state.trusting = None;
        Ok(())
    }

    fn client(&self, verify_tls: bool) -> Result<reqwest::Client, reqwest::Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State {
            roots,
            proxy,
            verifying,
            trusting,
        } = &mut *state;
        let slot = if verify_tls { verifying } else { trusting };
        if let Some(client) = slot {
            return Ok(client.clone());
        }
        let plain = || {
            let builder = reqwest::Client::builder();
            let builder = match &*proxy {
                Some(proxy) => builder.proxy(proxy.clone()),
                None => builder.no_proxy(),
            };
            builder
                .redirect(Policy::none())
                .timeout(TIMEOUT)
                .user_agent(concat!("immuta-simulator/", env!("CARGO_PKG_VERSION")))
        };
        let client = if verify_tls {
            // A machine without roots of its own still trusts those that were given.
            plain()
                .tls_certs_merge(roots.clone())
                .build()
                .or_else(|_| plain().tls_certs_only(roots.clone()).build())?
        } else {
            plain().tls_danger_accept_invalid_certs(true).build()?
        };
        Ok(slot.insert(client).clone())
    }

    /// Delivers a test event to `webhook` and waits for the receiver's answer.
    pub(crate) async fn deliver(&self, webhook: &StoredWebhook, delivery_id: &str) -> Outcome {
        let body = json!({
            "id": delivery_id,
            "type": "marketplace.webhook.test",
            "webhookId": webhook.id,
            "createdAt": format!("{:.3}", jiff::Timestamp::now()),
            "data": { "message": "A test of this webhook." },
        })
        .to_string();
        match self.send(webhook, body).await {
            Ok(status) if (200..300).contains(&status) => Outcome {
                status,
                problem: None,
            },
            Ok(status) => Outcome {
                status,
                problem: Some(format!("Request failed with status code {status}")),
            },
            Err(error) => Outcome {
                status: 0,
                problem: Some(reason(&error.without_url())),
            },
        }
    }

    async fn send(&self, webhook: &StoredWebhook, body: String) -> Result<u16, reqwest::Error> {
        let mut request = self
            .client(webhook.verify_tls)?
            .post(&webhook.url)
            .header("content-type", "application/json");
        if let Some(key) = &webhook.signing_key {
            request = request.header(SIGNATURE_HEADER, signature(body.as_bytes(), key));
        }
        Ok(request.body(body).send().await?.status().as_u16())
    }
}

/// The error with its causes, innermost last.
fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_hmac_sha256_in_hex() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = b"what do ya want for nothing?";
        assert_eq!(signature(body, "Jefe"), expected);
        assert!(verify(body, "Jefe", expected));
        assert!(!verify(body, "jefe", expected));
        assert!(!verify(b"else", "Jefe", expected));
        assert!(!verify(body, "Jefe", "not hex"));
        assert!(!verify(body, "Jefe", ""));
    }
}
