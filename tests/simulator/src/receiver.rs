//! A receiver of webhooks on loopback.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::{Bytes, Incoming};
use serde_json::Value;

use crate::answer::Answer;
use crate::delivery::{SIGNATURE_HEADER, verify};
use crate::server::{Hangup, Server};
use crate::tls::Identity;
use crate::watched::Watched;

/// The largest body of a delivery.
const MAX_BODY: usize = 8 << 20;

/// How long [`Receiver::wait_for`] waits: far longer than anything in a test takes.
const BOUND: Duration = Duration::from_secs(60);

/// A delivery as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedDelivery {
    /// The path with the query.
    pub target: String,
    /// Names in lowercase, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Whether the signature is that of the receiver's key; `None` where the receiver has no key.
    pub verified: Option<bool>,
}

impl ReceivedDelivery {
    /// The value of a header, its name in lowercase.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The signature that came along.
    pub fn signature(&self) -> Option<&str> {
        self.header(SIGNATURE_HEADER)
    }

    /// Whether the signature is that of the body under `key`.
    pub fn is_signed_with(&self, key: &str) -> bool {
        self.signature()
            .is_some_and(|signature| verify(&self.body, key, signature))
    }

    /// The body as JSON; `None` when it is not.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// What a receiver has got, and how it answers.
#[derive(Debug)]
pub(crate) struct Inbox {
    state: Watched<State>,
}

#[derive(Debug)]
struct State {
    deliveries: Vec<ReceivedDelivery>,
    status: u16,
    delay: Duration,
}

impl Inbox {
    pub(crate) fn deliveries(&self) -> Vec<ReceivedDelivery> {
        self.state.peek(|state| state.deliveries.clone())
    }
}

/// A receiver of webhooks on loopback, on a thread of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    server: Server,
    inbox: Arc<Inbox>,
    ca_pem: Option<String>,
}

/// How a receiver is to be.
#[derive(Default)]
pub struct ReceiverBuilder {
    port: u16,
    https: bool,
    signing_key: Option<String>,
    notify: Option<Notify>,
}

type Notify = Arc<dyn Fn(&ReceivedDelivery) + Send + Sync>;

impl std::fmt::Debug for ReceiverBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiverBuilder")
            .field("port", &self.port)
            .field("https", &self.https)
            .finish_non_exhaustive()
    }
}

impl ReceiverBuilder {
    /// Listens on this port; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> ReceiverBuilder {
        self.port = port;
        self
    }

    /// Speaks TLS, with a certificate under a CA of its own ([`Receiver::ca_pem`]).
    #[must_use]
    pub fn https(mut self) -> ReceiverBuilder {
        self.https = true;
        self
    }

    /// Verifies each delivery with this key ([`ReceivedDelivery::verified`]).
    #[must_use]
    pub fn signing_key(mut self, key: impl Into<String>) -> ReceiverBuilder {
        self.signing_key = Some(key.into());
        self
    }

    /// Calls `notify` with each delivery, on the receiver's thread, before it is answered.
    #[must_use]
    pub fn on_delivery(
        mut self,
        notify: impl Fn(&ReceivedDelivery) + Send + Sync + 'static,
    ) -> ReceiverBuilder {
        self.notify = Some(Arc::new(notify));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The port is taken, or the thread or the certificate cannot be made.
    pub fn start(self) -> io::Result<Receiver> {
        let identity = if self.https {
            Some(Identity::generate("Webhook receiver CA")?)
        } else {
            None
        };
        let inbox = Arc::new(Inbox {
            state: Watched::new(State {
                deliveries: Vec::new(),
                status: 200,
                delay: Duration::ZERO,
            }),
        });
        let handler = {
            let inbox = Arc::clone(&inbox);
            let key: Option<Arc<str>> = self.signing_key.map(Arc::from);
            let notify = self.notify;
            move |request| receive(Arc::clone(&inbox), key.clone(), notify.clone(), request)
        };
        let tls = identity
            .as_ref()
            .map(|identity| Arc::clone(&identity.config));
        Ok(Receiver {
            server: Server::start("webhook-receiver", self.port, tls, handler)?,
            inbox,
            ca_pem: identity.map(|identity| identity.ca_pem),
        })
    }
}

impl Receiver {
    /// Says how a receiver is to be.
    pub fn builder() -> ReceiverBuilder {
        ReceiverBuilder::default()
    }

    /// A receiver that speaks HTTP.
    ///
    /// # Panics
    /// When it cannot be started: the machine has no loopback or no free port.
    pub fn start_http() -> Receiver {
        started(Receiver::builder())
    }

    /// A receiver that speaks HTTPS, with a certificate under a CA of its own ([`Receiver::ca_pem`]).
    ///
    /// # Panics
    /// When it cannot be started: the machine has no loopback or no free port.
    pub fn start_https() -> Receiver {
        started(Receiver::builder().https())
    }

    /// Where it listens, with the path `/`.
    pub fn url(&self) -> String {
        self.url_at("/")
    }

    /// Where it listens, with this path, which begins with a slash.
    pub fn url_at(&self, path: &str) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}{path}", self.server.address())
    }

    /// The CA to trust, for HTTPS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// What came so far, in order.
    pub fn deliveries(&self) -> Vec<ReceivedDelivery> {
        self.inbox.deliveries()
    }

    /// Forgets what came.
    pub fn clear(&self) {
        self.inbox.state.with(|state| state.deliveries.clear());
    }

    /// Answers with this status from now on; at first it is 200.
    pub fn answer_with(&self, status: u16) {
        self.inbox.state.with(|state| state.status = status);
    }

    /// Answers after this time from now on; at first it is at once.
    pub fn answer_after(&self, delay: Duration) {
        self.inbox.state.with(|state| state.delay = delay);
    }

    /// Waits until this many deliveries have come; false when they have not within a minute.
    #[must_use]
    pub fn wait_for(&self, count: usize) -> bool {
        self.inbox.state.wait(BOUND, || {
            self.inbox.state.peek(|state| state.deliveries.len()) >= count
        })
    }

    pub(crate) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }
}

fn started(builder: ReceiverBuilder) -> Receiver {
    match builder.start() {
        Ok(receiver) => receiver,
        Err(error) => panic!("the receiver did not start: {error}"),
    }
}

async fn receive(
    inbox: Arc<Inbox>,
    key: Option<Arc<str>>,
    notify: Option<Notify>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), MAX_BODY).await else {
        return Err(Hangup);
    };
    let mut delivery = ReceivedDelivery {
        target: parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        body,
        verified: None,
    };
    delivery.verified = key.map(|key| delivery.is_signed_with(&key));
    if let Some(notify) = notify {
        notify(&delivery);
    }
    let (status, delay) = inbox.state.with(|state| {
        state.deliveries.push(delivery);
        (state.status, state.delay)
    });
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(Answer::bytes(status, "text/plain; charset=utf-8", Vec::new()).into_response())
}
