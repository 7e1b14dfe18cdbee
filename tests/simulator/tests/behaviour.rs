//! Each switch of the behaviour.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{Api, WEBHOOKS};
use immuta_simulator::{
    Behaviour, DeliveryRecord, HistoryOrder, PutStyle, RateLimit, Route, Simulator, StoredWebhook,
};
use serde_json::{Value, json};

fn behaving(change: impl FnOnce(&mut Behaviour)) -> (Simulator, Api) {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    let simulator = Simulator::builder().behaviour(behaviour).start().unwrap();
    let api = Api::of(&simulator);
    (simulator, api)
}

#[test]
fn calls_can_be_without_a_route() {
    let (simulator, api) = behaving(|b| b.absent = vec![Route::List, Route::Get]);
    let id = simulator.insert(StoredWebhook::new("https://h.example/"));
    let one = Api::webhook_path(&id);
    for (status, message) in [
        (404, format!("Cannot GET /marketplace{one}")),
        (405, "Method Not Allowed".to_owned()),
        (501, "Not Implemented".to_owned()),
    ] {
        simulator.behave(|b| b.absent_status = status);
        let answer = api.call("GET", &one, None);
        assert_eq!(
            (answer.status, answer.json()["message"].as_str()),
            (status, Some(message.as_str()))
        );
        assert_eq!(api.call("GET", WEBHOOKS, None).status, status);
    }
    assert_eq!(api.call("PUT", &one, Some(json!({}))).status, 200);
    assert_eq!(api.call("DELETE", &one, None).status, 204);
}

#[test]
fn put_is_partial_or_full() {
    let (simulator, api) = behaving(|_| {});
    let hook = StoredWebhook::new("https://h.example/")
        .with_key("k")
        .with_verify_tls(false);
    let id = simulator.insert(hook);
    let put = |body: Value| {
        let answer = api.call("PUT", &Api::webhook_path(&id), Some(body)).json();
        (
            answer["verifyTls"].as_bool().unwrap(),
            answer["signingKey"].as_bool().unwrap(),
        )
    };
    assert_eq!(put(json!({ "url": "https://h.example/2" })), (false, true));
    simulator.behave(|b| b.put = PutStyle::Full);
    assert_eq!(
        put(json!({ "verifyTls": false, "signingKey": "k2" })),
        (false, true)
    );
    assert_eq!(
        simulator.webhook(&id).unwrap().signing_key.as_deref(),
        Some("k2")
    );
    assert_eq!(put(json!({ "url": "https://h.example/3" })), (true, false));
    assert_eq!(simulator.webhook(&id).unwrap().url, "https://h.example/3");
}

#[test]
fn keys_can_be_dropped() {
    let (simulator, api) = behaving(|b| b.drop_key_on_create = true);
    let body = json!({ "url": "https://h.example/", "signingKey": "k" });
    assert_eq!(api.create(body.clone())["signingKey"], false);
    let id = simulator.insert(StoredWebhook::new("https://h.example/2").with_key("k"));
    simulator.behave(|b| b.drop_key_on_update = true);
    let answer = api.call("PUT", &Api::webhook_path(&id), Some(body));
    assert_eq!(answer.json()["signingKey"], false);
    assert!(
        simulator
            .webhooks()
            .iter()
            .all(|hook| hook.signing_key.is_none())
    );
}

#[test]
fn verify_tls_can_be_ignored() {
    let (simulator, api) = behaving(|b| b.ignore_verify_tls = true);
    let made = api.create(json!({ "url": "https://h.example/", "verifyTls": false }));
    assert_eq!(made["verifyTls"], true);
    let id = simulator.insert(StoredWebhook::new("https://h.example/2").with_verify_tls(false));
    let answer = api.call(
        "PUT",
        &Api::webhook_path(&id),
        Some(json!({ "verifyTls": true })),
    );
    assert_eq!(answer.json()["verifyTls"], false);
}

#[test]
fn urls_can_be_normalized() {
    let (simulator, api) = behaving(|b| b.normalize_url = true);
    let made = api.create(json!({ "url": "https://h.example/a?q=1" }));
    assert_eq!(made["url"], "https://h.example/a/?q=1");
    assert_eq!(
        api.call("GET", WEBHOOKS, None).json()[0]["url"],
        made["url"]
    );
    assert_eq!(simulator.webhooks()[0].url, "https://h.example/a?q=1");
}

#[test]
fn duplicates_are_allowed_or_not() {
    let (simulator, api) = behaving(|_| {});
    let body = json!({ "url": "https://h.example/" });
    api.create(body.clone());
    api.create(body.clone());
    assert_eq!(simulator.count(), 2);
    simulator.behave(|b| b.forbid_duplicates = true);
    assert_eq!(api.call("POST", WEBHOOKS, Some(body.clone())).status, 409);
    let id = simulator.insert(StoredWebhook::new("https://h.example/other"));
    assert_eq!(
        api.call("PUT", &Api::webhook_path(&id), Some(body)).status,
        409
    );
    let same = json!({ "url": "https://h.example/other" });
    assert_eq!(
        api.call("PUT", &Api::webhook_path(&id), Some(same)).status,
        200
    );
}

#[test]
fn defaults_can_be_omitted_and_unknown_fields_added() {
    let (simulator, api) = behaving(|b| b.omit_defaults = true);
    let made = api.create(json!({ "url": "https://h.example/" }));
    assert_eq!(
        made,
        json!({ "id": made["id"], "url": "https://h.example/" })
    );
    let other =
        api.create(json!({ "url": "https://h.example/", "verifyTls": false, "signingKey": "k" }));
    assert_eq!(
        (&other["verifyTls"], &other["signingKey"]),
        (&json!(false), &json!(true))
    );
    simulator.behave(|b| b.extra_fields = true);
    assert!(api.call("GET", WEBHOOKS, None).json()[0]["futureField"].is_array());
}

#[test]
fn more_calls_than_the_limit_are_refused() {
    let (simulator, api) = behaving(|b| {
        b.rate_limit = Some(RateLimit {
            calls: 2,
            window: Duration::from_secs(3600),
            retry_after: true,
        });
    });
    let answers: Vec<_> = (0..3).map(|_| api.call("GET", WEBHOOKS, None)).collect();
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let seconds: u64 = answers[2].header("retry-after").unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    simulator.behave(|b| b.rate_limit = None);
    assert_eq!(api.call("GET", WEBHOOKS, None).status, 200);
}

#[test]
fn every_call_can_be_slow() {
    let wait = Duration::from_millis(30);
    let (_simulator, api) = behaving(|b| b.latency = Some(wait));
    let began = Instant::now();
    assert_eq!(api.call("GET", WEBHOOKS, None).status, 200);
    assert!(began.elapsed() >= wait);
}

#[test]
fn the_history_has_an_order_and_pages() {
    let (simulator, api) = behaving(|_| {});
    let id = simulator.insert(StoredWebhook::new("https://h.example/"));
    let records = (0..25).map(|n| DeliveryRecord::now(&id, "SUCCESS", 200, &n.to_string()));
    assert!(simulator.add_history(&id, records));
    assert!(!simulator.add_history("none", []));
    assert_eq!(simulator.history(&id).len(), 25);
    let page = |query: &str| -> (Vec<String>, Value) {
        let answer = api
            .call("GET", &format!("{WEBHOOKS}/{id}/history{query}"), None)
            .json();
        let data = answer["data"].as_array().unwrap();
        let messages = data
            .iter()
            .map(|d| d["message"].as_str().unwrap().to_owned());
        (messages.collect(), answer["meta"].clone())
    };
    let (data, meta) = page("?offset=10&limit=10");
    assert_eq!((data.len(), data[0].as_str()), (10, "10"));
    let expected = json!({
        "offset": 10, "limit": 10, "totalCount": 25, "pageCount": 10, "currentPage": 2, "totalPages": 3,
    });
    assert_eq!(meta, expected);
    assert_eq!(page("").0.len(), 10);
    assert_eq!(page("?offset=20").0.len(), 5);
    simulator.behave(|b| {
        b.history_order = HistoryOrder::NewestFirst;
        b.history_page_cap = Some(3);
    });
    assert_eq!(page("?limit=100").0, ["24", "23", "22"]);
    let refused = api.call("GET", &format!("{WEBHOOKS}/{id}/history?limit=0"), None);
    assert_eq!(refused.status, 400);
}

#[test]
fn recording_can_be_off() {
    let (simulator, api) = behaving(|b| b.record_requests = false);
    api.call("GET", WEBHOOKS, None);
    assert!(simulator.requests().is_empty());
    simulator.behave(|b| b.record_requests = true);
    api.call("GET", WEBHOOKS, None);
    assert_eq!(simulator.requests()[0].status, Some(200));
    assert_eq!(simulator.requests()[0].number, 1);
}

#[test]
fn waiting_ends_when_what_is_awaited_is_there_or_never_comes() {
    let (simulator, api) = behaving(|_| {});
    std::thread::scope(|scope| {
        let waiting = scope
            .spawn(|| simulator.wait_for(|s| s.requests().iter().any(|r| r.status == Some(200))));
        api.call("GET", WEBHOOKS, None);
        assert!(waiting.join().unwrap());
    });
    assert!(!simulator.wait_for_at_most(Duration::from_millis(1), |s| s.count() > 0));
    assert!(simulator.peak_in_flight() >= 1);
}
