//! Every call of the API, as it is when nothing goes wrong and when the request is at fault.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Api, WEBHOOKS};
use immuta_simulator::{Receiver, Route, Simulator, StoredWebhook};
use serde_json::{Value, json};

fn id_of(webhook: &Value) -> String {
    webhook["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_webhook_lives_and_dies() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let made = api.create(json!({ "url": "https://h.example/a", "signingKey": "k1" }));
    let id = id_of(&made);
    let expected = json!({
        "id": id, "url": "https://h.example/a", "verifyTls": true, "signingKey": true, "suppressed": false,
    });
    assert_eq!(made, expected);
    assert!(uuid::Uuid::parse_str(&id).is_ok());
    let stored = simulator.webhook(&id).unwrap();
    assert_eq!(stored.signing_key.as_deref(), Some("k1"));

    let path = Api::webhook_path(&id);
    assert_eq!(api.call("GET", &path, None).json(), expected);
    assert_eq!(api.call("GET", WEBHOOKS, None).json(), json!([expected]));

    let changed = api.call(
        "PUT",
        &path,
        Some(json!({ "url": "https://h.example/b", "verifyTls": false })),
    );
    assert_eq!(changed.status, 200);
    assert_eq!(
        changed.json(),
        json!({
            "id": id, "url": "https://h.example/b", "verifyTls": false, "signingKey": true, "suppressed": false,
        })
    );

    let deleted = api.call("DELETE", &path, None);
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(api.call("DELETE", &path, None).status, 404);
    assert!(simulator.webhooks().is_empty());
}

#[test]
fn out_of_band_edits_show() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let id = simulator.insert(StoredWebhook::new("https://h.example/a").with_key("k"));
    assert!(simulator.edit(&id, |webhook| {
        webhook.suppressed = true;
        webhook.signing_key = None;
    }));
    let shown = api.call("GET", &Api::webhook_path(&id), None).json();
    assert_eq!(shown["suppressed"], true);
    assert_eq!(shown["signingKey"], false);
    assert!(simulator.remove(&id));
    assert!(!simulator.remove(&id));
    assert!(!simulator.edit(&id, |_| {}));
    assert_eq!(api.call("GET", WEBHOOKS, None).json(), json!([]));
}

#[test]
fn the_token_is_checked() {
    let simulator = Simulator::start();
    for token in [None, Some("wrong"), Some("")] {
        let api = Api::of(&simulator).with_token(token);
        for (method, path) in [
            ("GET", WEBHOOKS),
            ("POST", WEBHOOKS),
            ("GET", "/api/auth/user"),
        ] {
            let answer = api.call(method, path, None);
            assert_eq!(answer.status, 401, "{method} {path}");
            let body =
                r#"{"error":"Unauthorized","message":"Not authenticated.","statusCode":401}"#;
            assert_eq!(answer.text, body);
        }
        assert_eq!(api.call("GET", "/health/ready", None).status, 200);
    }
    simulator.set_token("another");
    let api = Api::of(&simulator);
    assert_eq!(api.call("GET", WEBHOOKS, None).status, 200);
    let authorized: Vec<bool> = simulator
        .requests()
        .iter()
        .filter(|request| request.route == Route::List)
        .map(|request| request.authorized)
        .collect();
    assert_eq!(authorized, [false, false, false, true]);
}

#[test]
fn the_two_404s_differ() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let missing = Api::webhook_path("6f1c0a4e-6f5f-4d5a-9b1e-111111111111");
    for (method, path) in [
        ("GET", missing.clone()),
        ("PUT", missing.clone()),
        ("DELETE", missing.clone()),
        ("POST", format!("{missing}/test")),
        ("GET", format!("{missing}/history")),
    ] {
        let answer = api.call(method, &path, Some(json!({})));
        let expected =
            json!({ "message": "Webhook not found", "error": "Not Found", "statusCode": 404 });
        assert_eq!(
            (answer.status, answer.json()),
            (404, expected),
            "{method} {path}"
        );
    }
    let answer = api.call("GET", "/api/elsewhere?x=1", None);
    let expected = json!({
        "message": "Cannot GET /marketplace/api/elsewhere?x=1", "error": "Not Found", "statusCode": 404,
    });
    assert_eq!((answer.status, answer.json()), (404, expected));
}

#[test]
fn bad_bodies_are_refused() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let id = simulator.insert(StoredWebhook::new("https://h.example/a"));
    let calls = [
        ("POST", WEBHOOKS.to_owned()),
        ("POST", format!("{WEBHOOKS}/test")),
        ("PUT", Api::webhook_path(&id)),
    ];
    for (method, path) in calls {
        let answer = api.call(
            method,
            &path,
            Some(json!({ "url": "not a url", "verifyTls": 1 })),
        );
        let expected = json!({
            "message": ["url must be a URL address", "verifyTls must be a boolean value"],
            "error": "Bad Request",
            "statusCode": 400,
        });
        assert_eq!(
            (answer.status, answer.json()),
            (400, expected),
            "{method} {path}"
        );
    }
    assert_eq!(simulator.count(), 1);
}

#[test]
fn a_test_by_id_is_delivered_signed_and_remembered() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let id = simulator.insert(StoredWebhook::new(receiver.url_at("/hook?a=1")).with_key("k1"));
    let test = format!("{WEBHOOKS}/{id}/test");
    let result = api.call("POST", &test, None);
    let expected = json!({ "status": "SUCCESS", "httpStatusCode": 200 });
    assert_eq!((result.status, result.json()), (200, expected));

    receiver.answer_with(503);
    let result = api.call("POST", &test, None).json();
    let expected = json!({
        "status": "FAILED", "httpStatusCode": 503, "errorMessage": "Request failed with status code 503",
    });
    assert_eq!(result, expected);

    assert!(receiver.wait_for(2));
    let deliveries = receiver.deliveries();
    assert_eq!(deliveries.len(), 2);
    assert_eq!(deliveries[0].target, "/hook?a=1");
    assert!(deliveries[0].is_signed_with("k1"));
    assert!(!deliveries[0].is_signed_with("k2"));
    assert_eq!(deliveries[0].json().unwrap()["webhookId"], id.as_str());

    let history = api
        .call("GET", &format!("{WEBHOOKS}/{id}/history"), None)
        .json();
    assert_eq!(history["meta"]["totalCount"], 2);
    let codes: Vec<_> = history["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["httpStatusCode"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [200, 503]);
    assert_eq!(
        history["data"][0]["deliveryId"],
        deliveries[0].json().unwrap()["id"]
    );
}

#[test]
fn a_test_by_configuration_goes_to_its_own_url() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    simulator.insert(StoredWebhook::new(receiver.url_at("/stored")).with_key("stored"));
    simulator.insert(StoredWebhook::new(receiver.url_at("/held")).with_suppressed(true));
    let test = |path: &str| {
        let body = json!({ "url": receiver.url_at(path), "signingKey": "sent" });
        let answer = api.call("POST", &format!("{WEBHOOKS}/test"), Some(body));
        assert_eq!(answer.json()["status"], "SUCCESS");
    };
    test("/one");
    simulator.behave(|b| b.test_all = true);
    test("/two");
    let deliveries = receiver.deliveries();
    let targets: Vec<_> = deliveries.iter().map(|d| d.target.as_str()).collect();
    assert_eq!(targets, ["/one", "/two", "/stored"]);
    assert!(deliveries[0].is_signed_with("sent"));
    assert!(deliveries[2].is_signed_with("stored"));
    assert_eq!(simulator.count(), 2, "a test makes no webhook");
}

#[test]
fn a_delivery_without_a_key_is_not_signed_and_one_to_nowhere_fails() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let test = format!("{WEBHOOKS}/test");
    api.call("POST", &test, Some(json!({ "url": receiver.url() })));
    assert_eq!(receiver.deliveries()[0].signature(), None);

    let gone = receiver.url();
    drop(receiver);
    let result = api.call("POST", &test, Some(json!({ "url": gone }))).json();
    assert_eq!(result["status"], "FAILED");
    assert_eq!(result["httpStatusCode"], 0);
    let message = result["errorMessage"].as_str().unwrap();
    assert!(message.contains("Connection refused"), "{message}");
}

#[test]
fn verify_tls_is_honoured() {
    let receiver = Receiver::start_https();
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let test = |verify_tls: bool| {
        let body = json!({ "url": receiver.url(), "verifyTls": verify_tls, "signingKey": "k" });
        api.call("POST", &format!("{WEBHOOKS}/test"), Some(body))
            .json()
    };
    let refused = test(true);
    assert_eq!(refused["status"], "FAILED");
    let message = refused["errorMessage"].as_str().unwrap();
    assert!(message.contains("certificate"), "{message}");
    assert!(receiver.deliveries().is_empty());

    assert_eq!(test(false)["status"], "SUCCESS");
    simulator.trust(receiver.ca_pem().unwrap());
    assert_eq!(test(true)["status"], "SUCCESS");
    assert_eq!(receiver.deliveries().len(), 2);
    assert!(receiver.deliveries()[1].is_signed_with("k"));
}

#[test]
fn a_suppressed_webhook_is_not_delivered_to() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let id = simulator.insert(StoredWebhook::new(receiver.url()).with_suppressed(true));
    let result = api
        .call("POST", &format!("{WEBHOOKS}/{id}/test"), None)
        .json();
    assert_eq!(result["status"], "UNSPECIFIED");
    assert!(receiver.deliveries().is_empty());
}

#[test]
fn the_user_can_be_edited() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    assert_eq!(
        api.call("GET", "/api/auth/user", None).json()["tenantInfo"]["globalSegment"],
        "na"
    );
    simulator.edit_user(|user| user["tenantInfo"]["globalSegment"] = json!("eu"));
    assert_eq!(
        api.call("GET", "/api/auth/user", None).json()["tenantInfo"]["globalSegment"],
        "eu"
    );
}

#[test]
fn requests_are_recorded() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let id = id_of(&api.create(json!({ "url": "https://h.example/a", "signingKey": "k" })));
    api.call("GET", &format!("{WEBHOOKS}/{id}/history?limit=3"), None);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].route, Route::Create);
    assert_eq!(requests[0].status, Some(200));
    assert_eq!(requests[0].user_agent.as_deref(), Some("tests/1"));
    assert_eq!(requests[0].json().unwrap()["signingKey"], "k");
    assert_eq!(requests[1].route, Route::History);
    assert_eq!(requests[1].webhook.as_deref(), Some(id.as_str()));
    assert_eq!(requests[1].query.as_deref(), Some("limit=3"));
    assert_eq!(
        requests[1].path,
        format!("/marketplace{WEBHOOKS}/{id}/history")
    );
    assert!(simulator.wait_for(|s| s.in_flight() == 0));
    assert!(
        simulator
            .requests()
            .iter()
            .all(|request| request.ended.is_some())
    );
    simulator.clear_requests();
    assert!(simulator.requests().is_empty());
}

#[test]
fn https_is_served_with_a_ca_of_its_own() {
    let simulator = Simulator::builder().https().start().unwrap();
    assert!(simulator.base_url().starts_with("https://"));
    let api = Api::of(&simulator);
    api.create(json!({ "url": "https://h.example/a" }));
    assert_eq!(simulator.count(), 1);
}

#[test]
fn a_simulator_can_come_back_on_its_port_and_with_its_token() {
    let first = Simulator::builder().webhooks(3).start().unwrap();
    let (port, token, webhooks) = (first.port(), first.token(), first.webhooks());
    let api = Api::of(&first);
    assert_eq!(
        api.call("GET", WEBHOOKS, None)
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    drop(first);
    assert!(api.try_call("GET", WEBHOOKS, None).is_err());
    let second = Simulator::builder()
        .port(port)
        .token(token)
        .start()
        .unwrap();
    for webhook in webhooks {
        second.insert(webhook);
    }
    assert_eq!(
        api.call("GET", WEBHOOKS, None)
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn neither_token_nor_key_shows_in_debug_output() {
    let builder = Simulator::builder().token("t0ken-of-tests");
    let mut shown = format!("{builder:?}");
    let simulator = builder.start().unwrap();
    Api::of(&simulator)
        .create(json!({ "url": "https://h.example/", "signingKey": "k3y-of-tests" }));
    shown += &format!(
        "{simulator:?} {:?} {:?}",
        simulator.webhooks(),
        simulator.requests()
    );
    assert!(shown.contains("h.example"), "{shown}");
    assert!(!shown.contains("of-tests"));
}

#[test]
fn it_starts_and_ends_inside_a_runtime_too() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let simulator = Simulator::start();
        let url = format!("{}/health/ready", simulator.base_url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    });
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let first = Simulator::start();
    let second = Simulator::builder().port(first.port()).start();
    assert_eq!(second.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}
