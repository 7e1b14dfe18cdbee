//! Every fault on every call: what the client sees, and whether the effect came.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{Answer, Api, WEBHOOKS};
use immuta_simulator::{Fault, FaultKind, On, Receiver, Reply, Route, Simulator, StoredWebhook};
use serde_json::{Value, json};

const TOKEN: &str = "tok/en\"é";
const KEY: &str = "ke y\"/é";

/// A simulator with one webhook, its receiver, and a client.
struct Scene {
    simulator: Simulator,
    receiver: Receiver,
    id: String,
}

impl Scene {
    fn new() -> Scene {
        let receiver = Receiver::start_http();
        let simulator = Simulator::start();
        let id = simulator.insert(StoredWebhook::new(receiver.url_at("/stored")).with_key(KEY));
        Scene {
            simulator,
            receiver,
            id,
        }
    }

    fn request(&self, route: Route) -> (&'static str, String, Option<Value>) {
        let one = Api::webhook_path(&self.id);
        let body = json!({ "url": self.receiver.url_at("/sent"), "signingKey": KEY });
        match route {
            Route::Create => ("POST", WEBHOOKS.into(), Some(body)),
            Route::List => ("GET", WEBHOOKS.into(), None),
            Route::Get => ("GET", one, None),
            Route::Update => (
                "PUT",
                one,
                Some(json!({ "url": "https://changed.example/" })),
            ),
            Route::Delete => ("DELETE", one, None),
            Route::TestConfig => ("POST", format!("{WEBHOOKS}/test"), Some(body)),
            Route::TestById => ("POST", format!("{one}/test"), None),
            Route::History => ("GET", format!("{one}/history"), None),
            Route::User => ("GET", "/api/auth/user".into(), None),
            Route::Health => ("GET", "/health/ready".into(), None),
            Route::Unknown => ("GET", "/nowhere".into(), None),
        }
    }

    fn call(&self, api: &Api, route: Route) -> Result<Answer, reqwest::Error> {
        let (method, path, body) = self.request(route);
        api.try_call(method, &path, body)
    }

    /// Whether what the call does has been done; `None` for a call that only reads.
    fn is_done(&self, route: Route) -> Option<bool> {
        match route {
            Route::Create => Some(self.simulator.count() == 2),
            Route::Update => {
                let url = self.simulator.webhook(&self.id).map(|webhook| webhook.url);
                Some(url.as_deref() == Some("https://changed.example/"))
            }
            Route::Delete => Some(self.simulator.count() == 0),
            Route::TestConfig | Route::TestById => Some(!self.receiver.deliveries().is_empty()),
            _ => None,
        }
    }
}

/// What a fault looks like from outside.
fn check_answer(kind: &FaultKind, route: Route, answer: &Result<Answer, reqwest::Error>) {
    let at = format!("{} on {route:?}: {answer:?}", kind.name());
    let delete = route == Route::Delete;
    let ok = || {
        let answer = answer
            .as_ref()
            .unwrap_or_else(|error| panic!("{at}: {error}"));
        assert!([200, 204].contains(&answer.status), "{at}");
        answer
    };
    match kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => {
            let error = answer.as_ref().unwrap_err();
            assert!(error.is_request() && !error.is_connect(), "{at}");
        }
        FaultKind::TruncatedBody => {
            let error = answer.as_ref().unwrap_err();
            assert!(error.is_body() || error.is_decode(), "{at}");
        }
        FaultKind::Status(reply) | FaultKind::StatusAfter(reply) => {
            assert_eq!(answer.as_ref().unwrap().status, reply.status, "{at}");
        }
        FaultKind::HtmlPage { status, .. } => {
            let answer = answer.as_ref().unwrap();
            assert_eq!(answer.status, *status, "{at}");
            assert_eq!(
                answer.header("content-type"),
                Some("text/html; charset=utf-8")
            );
            assert!(answer.text.contains("<html>"), "{at}");
        }
        FaultKind::Redirect { status, location } => {
            let answer = answer.as_ref().unwrap();
            assert_eq!(answer.status, *status, "{at}");
            assert_eq!(answer.header("location"), Some(location.as_str()), "{at}");
        }
        FaultKind::EchoSecrets(status) => {
            assert_eq!(answer.as_ref().unwrap().status, *status, "{at}");
        }
        FaultKind::MalformedJson => {
            assert!(serde_json::from_str::<Value>(&ok().text).is_err(), "{at}");
        }
        FaultKind::EmptyBody => assert_eq!(ok().text, "", "{at}"),
        FaultKind::Oversized(size) => {
            assert!(ok().text.len() >= *size, "{} is too short", ok().text.len());
            ok().json();
        }
        FaultKind::WrongContentType => {
            assert_eq!(
                ok().header("content-type"),
                Some("text/plain; charset=utf-8"),
                "{at}"
            );
        }
        FaultKind::MissingId => {
            for item in items(&ok().json()) {
                assert_eq!(item.get("id"), None, "{at}");
            }
        }
        FaultKind::UnreadableButId => {
            if matches!(
                route,
                Route::Create | Route::Get | Route::List | Route::Update
            ) {
                for item in items(&ok().json()) {
                    assert!(item["id"].is_string() && item["url"].is_number(), "{at}");
                }
            }
        }
        FaultKind::FloatNumbers if matches!(route, Route::TestById | Route::TestConfig) => {
            assert!(ok().text.contains(r#""httpStatusCode":200.0"#), "{at}");
        }
        FaultKind::ExponentNumbers if matches!(route, Route::TestById | Route::TestConfig) => {
            assert!(ok().text.contains(r#""httpStatusCode":2e2"#), "{at}");
        }
        FaultKind::IntegerStatus if matches!(route, Route::TestById | Route::TestConfig) => {
            assert_eq!(ok().json()["status"], 1, "{at}");
        }
        FaultKind::Latency(_)
        | FaultKind::AnsweredLate(_)
        | FaultKind::FloatNumbers
        | FaultKind::ExponentNumbers
        | FaultKind::IntegerStatus => {
            if !delete {
                ok().json();
            }
        }
        FaultKind::Hang | FaultKind::HangAfter => unreachable!("has a test of its own"),
    }
}

fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

#[test]
fn every_fault_on_every_call() {
    let mut combinations = 0;
    let mut kinds = FaultKind::samples(Duration::from_millis(1));
    kinds.retain(|kind| !matches!(kind, FaultKind::Hang | FaultKind::HangAfter));
    for kind in &mut kinds {
        if let FaultKind::Oversized(size) = kind {
            *size = 2 << 20;
        }
    }
    kinds.push(FaultKind::EchoSecrets(500));
    for kind in &kinds {
        for route in Route::ALL {
            let scene = Scene::new();
            let fault = scene.simulator.fault(Fault::once(route, kind.clone()));
            let api = Api::of(&scene.simulator);
            let answer = scene.call(&api, route);
            check_answer(kind, route, &answer);
            assert_eq!(scene.simulator.struck(fault), 1);
            if let Some(done) = scene.is_done(route) {
                assert_eq!(done, kind.takes_effect(), "{} on {route:?}", kind.name());
            }
            let requests = scene.simulator.requests();
            assert_eq!(requests.len(), 1, "{} on {route:?}", kind.name());
            assert_eq!(requests[0].fault, Some(fault));
            let expected = match &answer {
                Ok(answer) => Some(answer.status),
                Err(_) if matches!(kind, FaultKind::TruncatedBody) => Some(200),
                Err(_) => None,
            };
            assert_eq!(requests[0].status, expected, "{} on {route:?}", kind.name());
            combinations += 1;
        }
    }
    println!("{combinations} combinations of fault and call");
}

#[test]
fn a_call_that_is_never_answered_has_its_effect_or_not() {
    for (kind, effect) in [(FaultKind::Hang, false), (FaultKind::HangAfter, true)] {
        for route in [Route::Create, Route::Update, Route::Delete, Route::TestById] {
            let scene = Scene::new();
            let fault = scene.simulator.fault(Fault::once(route, kind.clone()));
            let api = Api::of(&scene.simulator);
            let (method, path, body) = scene.request(route);
            api.give_up_when(method, &path, body, || {
                let struck = scene.simulator.struck(fault) == 1;
                struck && (!effect || scene.is_done(route) == Some(true))
            });
            // The server notices that the client has gone.
            assert!(
                scene
                    .simulator
                    .wait_for(|simulator| simulator.in_flight() == 0)
            );
            assert_eq!(
                scene.is_done(route),
                Some(effect),
                "{} on {route:?}",
                kind.name()
            );
            assert_eq!(scene.simulator.requests()[0].status, None);
        }
    }
}

#[test]
fn a_latency_goes_on_when_the_client_has_gone() {
    let scene = Scene::new();
    let wait = Duration::from_millis(50);
    let fault = scene
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::Latency(wait)));
    let api = Api::of(&scene.simulator);
    let (method, path, body) = scene.request(Route::Create);
    api.give_up_when(method, &path, body, || scene.simulator.struck(fault) == 1);
    assert!(scene.simulator.wait_for(|simulator| simulator.count() == 2));
}

#[test]
fn an_answer_that_comes_late_comes_after_its_effect() {
    let scene = Scene::new();
    let wait = Duration::from_secs(3600);
    scene
        .simulator
        .fault(Fault::once(Route::Create, FaultKind::AnsweredLate(wait)));
    let api = Api::of(&scene.simulator);
    let (method, path, body) = scene.request(Route::Create);
    api.give_up_when(method, &path, body, || scene.simulator.count() == 2);
}

#[test]
fn a_fault_strikes_as_often_as_it_is_told_and_can_be_taken_back() {
    let scene = Scene::new();
    let api = Api::of(&scene.simulator);
    let statuses = |count: usize| -> Vec<u16> {
        (0..count)
            .map(|_| api.call("GET", WEBHOOKS, None).status)
            .collect()
    };
    let busy = FaultKind::Status(Reply::error(503));
    scene
        .simulator
        .fault(Fault::times(2, On::from(Route::List).nth(2), busy.clone()));
    assert_eq!(statuses(4), [200, 503, 503, 200]);
    let always = scene
        .simulator
        .fault(Fault::always(On::method("GET"), busy.clone()));
    assert_eq!(statuses(2), [503, 503]);
    assert!(scene.simulator.clear_fault(always));
    assert!(!scene.simulator.clear_fault(always));
    assert_eq!(statuses(1), [200]);
    scene
        .simulator
        .fault(Fault::always(On::any().webhook(&scene.id), busy));
    assert_eq!(statuses(1), [200]);
    assert_eq!(
        api.call("GET", &Api::webhook_path(&scene.id), None).status,
        503
    );
    scene.simulator.clear_faults();
    assert_eq!(
        api.call("GET", &Api::webhook_path(&scene.id), None).status,
        200
    );
}

#[test]
fn three_creates_of_one_url_each_with_a_fate_of_its_own() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    simulator.fault(Fault::once(Route::Create, FaultKind::ResetBefore));
    simulator.fault(Fault::once(
        On::from(Route::Create).nth(2),
        FaultKind::ResetAfter,
    ));
    let body = json!({ "url": "https://h.example/" });
    assert!(api.try_call("POST", WEBHOOKS, Some(body.clone())).is_err());
    assert_eq!(simulator.count(), 0);
    assert!(api.try_call("POST", WEBHOOKS, Some(body.clone())).is_err());
    assert_eq!(simulator.count(), 1);
    api.create(body);
    assert_eq!(simulator.count(), 2);
}

#[test]
fn replies_are_sent_as_they_are_written() {
    let scene = Scene::new();
    let api = Api::of(&scene.simulator);
    let replies = [
        Reply::error(429).retry_after_seconds(7),
        Reply::error(503).retry_after_date(Duration::from_secs(60)),
        Reply::with_body(404, json!({ "message": ["a", "b"] })),
        Reply::with_body(502, "<bad gateway>"),
        Reply::message(404, "Cannot GET /x"),
    ];
    for reply in &replies {
        scene
            .simulator
            .fault(Fault::once(Route::List, FaultKind::Status(reply.clone())));
    }
    let answers: Vec<Answer> = replies
        .iter()
        .map(|_| api.call("GET", WEBHOOKS, None))
        .collect();
    assert_eq!(answers[0].header("retry-after"), Some("7"));
    let body =
        json!({ "message": "Simulated fault", "error": "Too Many Requests", "statusCode": 429 });
    assert_eq!((answers[0].status, answers[0].json()), (429, body));
    assert!(answers[1].header("retry-after").unwrap().ends_with(" GMT"));
    assert_eq!(answers[2].text, r#"{"message":["a","b"]}"#);
    assert_eq!(
        (answers[3].status, answers[3].text.as_str()),
        (502, "<bad gateway>")
    );
    assert_eq!(answers[4].json()["message"], "Cannot GET /x");
}

#[test]
fn secrets_are_echoed_in_every_form() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::builder().token(TOKEN).start().unwrap();
    // A header cannot carry this token; what is echoed is the simulator's own.
    let api = Api::of(&simulator).with_token(None);
    simulator.fault(Fault::always(On::any(), FaultKind::EchoSecrets(400)));
    let url = "https://user:pass@h.example/?q=secret";
    let body = json!({ "url": url, "signingKey": KEY });
    let answer = api.call("POST", WEBHOOKS, Some(body));
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    for form in [
        TOKEN,
        "tok%2Fen%22%C3%A9",
        "tok%2fen%22%c3%a9",
        r#"tok/en\"é"#,
        r#"tok/en\"\u00e9"#,
        KEY,
        "ke%20y%22%2F%C3%A9",
        url,
    ] {
        assert!(message.contains(form), "{form} in {message}");
    }

    simulator.clear_faults();
    simulator.set_token("plain-token");
    let api = Api::of(&simulator);
    let id = simulator.insert(StoredWebhook::new(receiver.url()).with_key(KEY));
    simulator.fault(Fault::once(Route::TestById, FaultKind::EchoSecrets(200)));
    let result = api
        .call("POST", &format!("{WEBHOOKS}/{id}/test"), None)
        .json();
    assert_eq!(result["status"], "FAILED");
    assert!(result["errorMessage"].as_str().unwrap().contains(KEY));
    assert_eq!(receiver.deliveries().len(), 1);
}

#[test]
fn faults_strike_over_http2_too() {
    let simulator = Simulator::builder().https().start().unwrap();
    let api = Api::of(&simulator);
    simulator.fault(Fault::once(Route::Create, FaultKind::ResetAfter));
    simulator.fault(Fault::once(Route::List, FaultKind::TruncatedBody));
    let body = json!({ "url": "https://h.example/" });
    assert!(api.try_call("POST", WEBHOOKS, Some(body)).is_err());
    assert_eq!(simulator.count(), 1);
    assert!(api.try_call("GET", WEBHOOKS, None).is_err());
    assert_eq!(api.call("GET", WEBHOOKS, None).status, 200);
}
