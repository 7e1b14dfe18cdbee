//! Faults that a test switches on: what goes wrong, on which call, how often.

use std::time::Duration;

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, JSON};
use crate::route::Route;

/// A fault: what goes wrong, on which calls, how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The calls it is for.
    #[serde(default)]
    pub on: On,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many calls it strikes; `None` is every one.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// Strikes one call.
    pub fn once(on: impl Into<On>, kind: FaultKind) -> Fault {
        Fault::times(1, on, kind)
    }

    /// Strikes `times` calls.
    pub fn times(times: u32, on: impl Into<On>, kind: FaultKind) -> Fault {
        Fault {
            on: on.into(),
            kind,
            times: Some(times),
        }
    }

    /// Strikes every call.
    pub fn always(on: impl Into<On>, kind: FaultKind) -> Fault {
        Fault {
            on: on.into(),
            kind,
            times: None,
        }
    }
}

/// Which calls a fault is for. Everything given must hold; the default is every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct On {
    /// The HTTP method, in capitals.
    pub method: Option<String>,
    /// The call.
    pub route: Option<Route>,
    /// The id of the webhook in the path.
    pub webhook: Option<String>,
    /// The first of the calls that fit to be struck, counted from 1 and from when the fault was set.
    pub from: u32,
}

impl Default for On {
    fn default() -> On {
        On {
            method: None,
            route: None,
            webhook: None,
            from: 1,
        }
    }
}

impl From<Route> for On {
    fn from(route: Route) -> On {
        On {
            route: Some(route),
            ..On::default()
        }
    }
}

impl On {
    /// Every call.
    pub fn any() -> On {
        On::default()
    }

    /// Calls with this method, in capitals.
    pub fn method(method: &str) -> On {
        On {
            method: Some(method.to_owned()),
            ..On::default()
        }
    }

    /// The same, from the `n`-th call on (counted from 1): with [`Fault::once`], the `n`-th alone.
    #[must_use]
    pub fn nth(mut self, n: u32) -> On {
        self.from = n;
        self
    }

    /// The same, for one webhook.
    #[must_use]
    pub fn webhook(mut self, id: impl Into<String>) -> On {
        self.webhook = Some(id.into());
        self
    }

    fn fits(&self, method: &Method, route: Route, webhook: Option<&str>) -> bool {
        self.method.as_deref().is_none_or(|m| m == method.as_str())
            && self.route.is_none_or(|r| r == route)
            && self.webhook.as_deref().is_none_or(|w| webhook == Some(w))
    }
}

/// What goes wrong. *The effect* is what the call would have done: create, change, delete, deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// The effect and the answer come after this time. The effect comes too when the client has gone meanwhile.
    Latency(#[serde(with = "crate::millis")] Duration),
    /// This answer, without the effect.
    Status(Reply),
    /// The effect, then this answer.
    StatusAfter(Reply),
    /// The connection is reset (TCP RST; on HTTP/2 the stream), nothing is done.
    ResetBefore,
    /// The effect, then the connection is reset.
    ResetAfter,
    /// Nothing is done and nothing is ever answered.
    Hang,
    /// The effect, and nothing is ever answered.
    HangAfter,
    /// The effect at once, the answer after this time.
    AnsweredLate(#[serde(with = "crate::millis")] Duration),
    /// The effect, then a body that is no JSON.
    MalformedJson,
    /// The effect, then half of the body that `Content-Length` promises, and the connection's end.
    TruncatedBody,
    /// An HTML page, as proxies make them, without the effect or after it.
    HtmlPage {
        /// The status.
        status: u16,
        /// Whether the effect comes.
        effect: bool,
    },
    /// The effect, then the answer without any `id`.
    MissingId,
    /// The effect, then an answer whose `id` is right and whose other fields have wrong types.
    UnreadableButId,
    /// The effect, then the answer, still JSON, blown up with spaces to at least this many bytes.
    Oversized(usize),
    /// A redirect, without the effect.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The header `Location`.
        location: String,
    },
    /// An error with this status whose message quotes the token, the signing key (of the request, else of the store)
    /// and the url: plain, percent-encoded and JSON-escaped. Without the effect. With status 200, on the two tests:
    /// the effect, then a failed result whose `errorMessage` quotes them.
    EchoSecrets(u16),
    /// The effect, then no body.
    EmptyBody,
    /// The effect, then the answer as `text/plain`.
    WrongContentType,
    /// The effect, then the answer with numbers such as `200.0`.
    FloatNumbers,
    /// The effect, then the answer with numbers such as `2e2`.
    ExponentNumbers,
    /// The effect, then the answer with a test's `status` as 0, 1 or 2.
    IntegerStatus,
}

impl FaultKind {
    /// Every kind once, with parameters that tests can use as they are: waits of `wait`, bodies of 40 MiB, HTTP 500.
    pub fn samples(wait: Duration) -> Vec<FaultKind> {
        use FaultKind::*;
        vec![
            Latency(wait),
            Status(Reply::error(500)),
            StatusAfter(Reply::error(500)),
            ResetBefore,
            ResetAfter,
            Hang,
            HangAfter,
            AnsweredLate(wait),
            MalformedJson,
            TruncatedBody,
            HtmlPage {
                status: 200,
                effect: false,
            },
            HtmlPage {
                status: 502,
                effect: true,
            },
            MissingId,
            UnreadableButId,
            Oversized(40 << 20),
            Redirect {
                status: 307,
                location: "https://elsewhere.example/marketplace".to_owned(),
            },
            EchoSecrets(400),
            EmptyBody,
            WrongContentType,
            FloatNumbers,
            ExponentNumbers,
            IntegerStatus,
        ]
    }

    /// A name for tables of tests.
    pub fn name(&self) -> String {
        use FaultKind::*;
        match self {
            Latency(_) => "latency".into(),
            Status(reply) => format!("status {}", reply.status),
            StatusAfter(reply) => format!("status {} after the effect", reply.status),
            ResetBefore => "reset before the effect".into(),
            ResetAfter => "reset after the effect".into(),
            Hang => "never answered".into(),
            HangAfter => "never answered, done".into(),
            AnsweredLate(_) => "answered late".into(),
            MalformedJson => "malformed JSON".into(),
            TruncatedBody => "truncated body".into(),
            HtmlPage { status, effect } => {
                let when = if *effect { ", done" } else { "" };
                format!("HTML page {status}{when}")
            }
            MissingId => "no id".into(),
            UnreadableButId => "unreadable but id".into(),
            Oversized(_) => "oversized body".into(),
            Redirect { status, .. } => format!("redirect {status}"),
            EchoSecrets(status) => format!("secrets echoed {status}"),
            EmptyBody => "empty body".into(),
            WrongContentType => "wrong content type".into(),
            FloatNumbers => "numbers as floats".into(),
            ExponentNumbers => "numbers with exponents".into(),
            IntegerStatus => "status as integers".into(),
        }
    }

    /// Whether the call does what it was to do in spite of the fault.
    pub fn takes_effect(&self) -> bool {
        use FaultKind::*;
        match self {
            Status(_) | ResetBefore | Hang | Redirect { .. } => false,
            HtmlPage { effect, .. } => *effect,
            EchoSecrets(status) => *status == 200,
            Latency(_) | StatusAfter(_) | ResetAfter | HangAfter | AnsweredLate(_)
            | MalformedJson | TruncatedBody | MissingId | UnreadableButId | Oversized(_)
            | EmptyBody | WrongContentType | FloatNumbers | ExponentNumbers | IntegerStatus => true,
        }
    }
}

/// An answer made by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body: a string is sent as it is, as text; anything else as JSON. `None` is the API's error shape.
    #[serde(default)]
    pub body: Option<Value>,
    /// Headers, as name and value.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

impl Reply {
    /// The status with a body in the API's error shape.
    pub fn error(status: u16) -> Reply {
        Reply {
            status,
            body: None,
            headers: Vec::new(),
        }
    }

    /// The status with this body: a string is sent as text, anything else as JSON.
    pub fn with_body(status: u16, body: impl Into<Value>) -> Reply {
        Reply {
            body: Some(body.into()),
            ..Reply::error(status)
        }
    }

    /// The status with the API's error shape around `message`.
    pub fn message(status: u16, message: &str) -> Reply {
        let body = json!({ "message": message, "error": "Error", "statusCode": status });
        Reply::with_body(status, body)
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after_seconds(self, seconds: u64) -> Reply {
        self.header("retry-after", &seconds.to_string())
    }

    /// The same with `Retry-After` as the HTTP date that is `wait` from now, cut to whole seconds.
    #[must_use]
    pub fn retry_after_date(self, wait: Duration) -> Reply {
        let now = jiff::Timestamp::now();
        let date = jiff::SignedDuration::try_from(wait)
            .ok()
            .and_then(|wait| now.checked_add(wait).ok())
            .unwrap_or(now);
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        self.header("retry-after", &date)
    }

    pub(crate) fn answer(&self) -> Answer {
        let answer = match &self.body {
            None => Answer::error(self.status, "Simulated fault"),
            Some(Value::String(text)) => Answer::bytes(
                self.status,
                "text/plain; charset=utf-8",
                text.clone().into_bytes(),
            ),
            Some(json) => Answer::bytes(self.status, JSON, json.to_string().into_bytes()),
        };
        self.headers.iter().fold(answer, |answer, (name, value)| {
            answer.with_header(name, value)
        })
    }
}

/// Names a fault that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FaultId(pub u64);

/// A fault that is set, and what it has done so far.
#[derive(Debug)]
struct Armed {
    id: FaultId,
    fault: Fault,
    fitted: u32,
    struck: u32,
}

/// The faults that are set, in the order in which they were.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    next: u64,
}

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) -> FaultId {
        let id = FaultId(self.next);
        self.next += 1;
        self.armed.push(Armed {
            id,
            fault,
            fitted: 0,
            struck: 0,
        });
        id
    }

    /// Takes one back; false when it was not set.
    pub(crate) fn clear(&mut self, id: FaultId) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != id);
        self.armed.len() < before
    }

    pub(crate) fn clear_all(&mut self) {
        self.armed.clear();
    }

    /// How many calls the fault has struck.
    pub(crate) fn struck(&self, id: FaultId) -> u32 {
        let armed = self.armed.iter().find(|armed| armed.id == id);
        armed.map_or(0, |armed| armed.struck)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (FaultId, &Fault, u32)> {
        self.armed.iter().map(|a| (a.id, &a.fault, a.struck))
    }

    /// The first fault that strikes this call. Every fault counts the calls that fit it, struck or not.
    pub(crate) fn strike(
        &mut self,
        method: &Method,
        route: Route,
        webhook: Option<&str>,
    ) -> Option<(FaultId, FaultKind)> {
        let mut strikes = None;
        for armed in &mut self.armed {
            if !armed.fault.on.fits(method, route, webhook) {
                continue;
            }
            armed.fitted = armed.fitted.saturating_add(1);
            let due = armed.fitted >= armed.fault.on.from
                && armed.fault.times.is_none_or(|times| armed.struck < times);
            if due && strikes.is_none() {
                armed.struck = armed.struck.saturating_add(1);
                strikes = Some((armed.id, armed.fault.kind.clone()));
            }
        }
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(faults: &mut Faults, method: Method, route: Route, id: Option<&str>) -> bool {
        faults.strike(&method, route, id).is_some()
    }

    #[test]
    fn the_nth_call_alone_is_struck() {
        let mut faults = Faults::default();
        let id = faults.set(Fault::once(
            On::from(Route::Create).nth(2),
            FaultKind::ResetAfter,
        ));
        let calls: Vec<bool> = (0..4)
            .map(|_| strikes(&mut faults, Method::POST, Route::Create, None))
            .collect();
        assert_eq!(calls, [false, true, false, false]);
        assert_eq!(faults.struck(id), 1);
        assert!(!strikes(&mut faults, Method::GET, Route::List, None));
    }

    #[test]
    fn one_fault_a_call_and_each_counts_for_itself() {
        let mut faults = Faults::default();
        faults.set(Fault::once(Route::Create, FaultKind::ResetBefore));
        faults.set(Fault::once(
            On::from(Route::Create).nth(3),
            FaultKind::ResetAfter,
        ));
        let kinds: Vec<_> = (0..4)
            .map(|_| faults.strike(&Method::POST, Route::Create, None))
            .map(|struck| struck.map(|(_, kind)| kind))
            .collect();
        let expected = [
            Some(FaultKind::ResetBefore),
            None,
            Some(FaultKind::ResetAfter),
            None,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn method_and_webhook_narrow_a_fault() {
        let mut faults = Faults::default();
        faults.set(Fault::always(
            On::method("PUT").webhook("a"),
            FaultKind::Hang,
        ));
        assert!(strikes(&mut faults, Method::PUT, Route::Update, Some("a")));
        assert!(!strikes(&mut faults, Method::PUT, Route::Update, Some("b")));
        assert!(!strikes(&mut faults, Method::GET, Route::Get, Some("a")));
        assert!(strikes(&mut faults, Method::PUT, Route::Update, Some("a")));
    }

    #[test]
    fn a_fault_can_be_written_in_json() {
        let text = r#"{"on":{"route":"update","from":2},"kind":{"status":{"status":429,
            "headers":[["retry-after","1"]]}},"times":3}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        let reply = Reply::error(429).retry_after_seconds(1);
        let on = On::from(Route::Update).nth(2);
        assert_eq!(fault, Fault::times(3, on, FaultKind::Status(reply)));
        let latency: Fault = serde_json::from_str(r#"{"kind":{"latency":250}}"#).unwrap();
        let wait = Duration::from_millis(250);
        assert_eq!(latency, Fault::always(On::any(), FaultKind::Latency(wait)));
    }

    #[test]
    fn retry_after_as_a_date_is_an_http_date() {
        let reply = Reply::error(503).retry_after_date(Duration::from_secs(90));
        let date = &reply.headers[0].1;
        assert_eq!(date.len(), "Sun, 06 Nov 1994 08:49:37 GMT".len(), "{date}");
        assert!(date.ends_with(" GMT"), "{date}");
    }
}
