use std::time::Duration;

use tokio::time::Instant;

use super::super::test_api::{
    Fault, KEY, TOKEN, TestApi, assert_no_secret, never, spec, spec_with_key,
};
use super::*;

const LIST: &str = "GET /api/notification/webhook";
const GET: &str = "GET /api/notification/webhook/";
const NO_ROUTE: Fault = Fault::Answer(
    404,
    r#"{"message":"Cannot GET /x","error":"Not Found","statusCode":404}"#,
);
const SECOND: Duration = Duration::from_secs(1);

fn of_ids(count: usize) -> TestApi {
    let api = TestApi::default();
    for number in 0..count {
        api.insert(&format!("id-{number}"), "https://h.example/");
    }
    api
}

#[tokio::test(start_paused = true)]
async fn a_refresh_costs_one_list_call_until_a_write() {
    let api = of_ids(25);
    let webhooks = api.webhooks(|_| ());
    let stop = never();
    let ids: Vec<String> = (0..25).map(|number| format!("id-{number}")).collect();
    let reads = futures_util::future::join_all(ids.iter().map(|id| webhooks.read(id, &stop))).await;
    assert!(
        reads
            .iter()
            .all(|reading| matches!(reading, Reading::Found(_)))
    );
    assert_eq!(api.count(""), 1);
    webhooks.read("ID-7", &stop).await;
    assert_eq!(api.count(""), 1);

    webhooks.delete("id-7", &stop).await;
    assert!(matches!(webhooks.read("id-7", &stop).await, Reading::Gone));
    assert!(matches!(
        webhooks.read("id-8", &stop).await,
        Reading::Found(_)
    ));
    assert_eq!((api.count(LIST) - api.count(GET), api.count(GET)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_is_one_that_began_after_the_call() {
    let api = of_ids(1);
    api.faults(LIST, [Fault::Slow(5 * SECOND)]);
    let webhooks = api.webhooks(|_| ());
    let stop = never();
    let later = async {
        tokio::time::sleep(SECOND).await;
        api.insert("new", "https://h.example/");
        webhooks.list(&stop).await.unwrap().len()
    };
    let (reading, count) = tokio::join!(webhooks.read("id-0", &stop), later);
    assert!(matches!(reading, Reading::Found(_)));
    assert_eq!(count, 2);
    assert_eq!(api.count(LIST), 2);
}

#[tokio::test(start_paused = true)]
async fn readers_share_a_failure_and_each_is_decided_by_its_id() {
    let api = of_ids(2);
    api.faults(LIST, std::iter::repeat_n(Fault::Answer(500, ""), 4));
    let webhooks = api.webhooks(|_| ());
    let stop = never();
    let readings = tokio::join!(
        webhooks.read("id-0", &stop),
        webhooks.read("id-1", &stop),
        webhooks.read("no", &stop)
    );
    assert!(
        matches!(
            readings,
            (Reading::Found(_), Reading::Found(_), Reading::Gone)
        ),
        "{readings:?}"
    );
    assert_eq!((api.count(GET), api.count(LIST) - api.count(GET)), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_read_the_first_says_so() {
    let api = of_ids(1);
    api.faults(
        LIST,
        [NO_ROUTE, Fault::Answer(405, ""), Fault::Answer(501, "")],
    );
    let webhooks = api.webhooks(|_| ());
    let first = webhooks.read("id-0", &never()).await;
    assert!(
        matches!(first, Reading::Unreadable { first: true, .. }),
        "{first:?}"
    );
    let second = webhooks.read("id-0", &never()).await;
    assert!(
        matches!(second, Reading::Unreadable { first: false, .. }),
        "{second:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_are_never_taken_for_an_absence() {
    for (list, get) in [
        (Fault::Answer(401, ""), Fault::Answer(401, "")),
        (Fault::Answer(403, ""), NO_ROUTE),
        (NO_ROUTE, Fault::Answer(403, "")),
        (NO_ROUTE, Fault::Answer(200, "<html>")),
        (
            NO_ROUTE,
            Fault::Answer(200, r#"{"id":"other","url":"https://h.example"}"#),
        ),
        (Fault::Answer(200, "[{}]"), NO_ROUTE),
        (Fault::Answer(200, "[]"), Fault::Answer(400, "")),
        (Fault::Answer(302, ""), Fault::Answer(302, "")),
        (NO_ROUTE, Fault::Untrusted),
    ] {
        let api = of_ids(1);
        api.faults(LIST, [list.clone(), get.clone()]);
        let reading = api.webhooks(|_| ()).read("id-0", &never()).await;
        assert!(
            matches!(reading, Reading::Failed(_)),
            "{list:?} {get:?}: {reading:?}"
        );
    }
    let api = of_ids(1);
    api.faults(
        LIST,
        [Fault::Answer(200, "[]"), Fault::Answer(404, "<html>")],
    );
    assert!(matches!(
        api.webhooks(|_| ()).read("id-0", &never()).await,
        Reading::Gone
    ));
}

#[tokio::test(start_paused = true)]
async fn ids_that_could_lead_elsewhere_are_never_sent() {
    let api = TestApi::default();
    let webhooks = api.webhooks(|_| ());
    let stop = never();
    for id in ["", "..", "a/../b", "a?b", "a b"] {
        assert!(matches!(webhooks.read(id, &stop).await, Reading::Failed(_)));
        assert!(matches!(
            webhooks.delete(id, &stop).await,
            Deletion::StillThere(_)
        ));
        assert!(matches!(
            webhooks.update(id, &spec("https://h.example"), &stop).await,
            Update::NotMade(_)
        ));
        assert_eq!(
            webhooks.test_by_id(id, &stop).await.unwrap_err().kind(),
            ErrorKind::WebhookId
        );
        assert_eq!(
            webhooks.history(id, 1, &stop).await.unwrap_err().kind(),
            ErrorKind::WebhookId
        );
    }
    assert_eq!(api.count(""), 0);
}

#[tokio::test(start_paused = true)]
async fn a_429_holds_every_request_and_retry_after_is_clamped() {
    let api = of_ids(1);
    api.faults(
        "POST /api/notification/webhook/test",
        [Fault::TooMany("86400")],
    );
    let webhooks = api.webhooks(|_| ());
    let stop = never();
    let started = Instant::now();
    let other = async {
        tokio::time::sleep(SECOND).await;
        webhooks.read("id-0", &stop).await
    };
    let wanted = spec("https://h.example");
    let (result, reading) = tokio::join!(webhooks.test(&wanted, &stop), other);
    assert!(result.is_ok() && matches!(reading, Reading::Found(_)));
    let seconds = |call| -> Vec<u64> {
        api.times(call)
            .iter()
            .map(|time| (*time - started).as_secs())
            .collect()
    };
    assert_eq!(seconds("POST"), [0, 30]);
    assert_eq!(seconds(LIST), [30]);
}

#[tokio::test(start_paused = true)]
async fn a_429_that_is_given_up_still_holds_the_others() {
    let api = of_ids(1);
    api.faults(LIST, [Fault::TooMany("7")]);
    let webhooks = api.webhooks(|settings| settings.retry.max_attempts = 1);
    let started = Instant::now();
    assert_eq!(
        webhooks.list(&never()).await.unwrap_err().status(),
        Some(429)
    );
    webhooks.list(&never()).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_in_flight_than_allowed() {
    let api = of_ids(0);
    api.faults("POST", std::iter::repeat_n(Fault::Slow(SECOND), 20));
    let webhooks = api.webhooks(|settings| settings.max_concurrent_requests = 3);
    let stop = never();
    let specs: Vec<_> = (0..20)
        .map(|number| spec(&format!("https://h{number}.example")))
        .collect();
    let made =
        futures_util::future::join_all(specs.iter().map(|spec| webhooks.create(spec, &stop))).await;
    assert!(
        made.iter()
            .all(|creation| matches!(creation, Creation::Made(_)))
    );
    assert_eq!(api.0.lock().unwrap().most_in_flight, 3);
}

#[tokio::test(start_paused = true)]
async fn one_deadline_bounds_an_operation() {
    let api = of_ids(1);
    api.faults(LIST, std::iter::repeat_n(Fault::Late(1000 * SECOND), 100));
    let webhooks = api.webhooks(|settings| {
        settings.operation_timeout = 40 * SECOND;
        settings.retry.max_attempts = 100;
    });
    let started = Instant::now();
    let error = webhooks.list(&never()).await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 40);
    assert!(
        matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Deadline),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_reads_tests_and_waits_at_once_and_begins_nothing() {
    let api = of_ids(1);
    let webhooks = api.webhooks(|_| ());
    for (fault, sent) in [
        (Fault::Slow(20 * SECOND), 1),
        (Fault::TooMany("20"), 1),
        (Fault::Late(SECOND), 1),
    ] {
        let before = api.count("");
        api.faults("", [fault.clone()]);
        let stop = never();
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.cancel();
        };
        let started = Instant::now();
        let (result, ()) = tokio::join!(webhooks.list(&stop), stopping);
        assert!(result.unwrap_err().is_stop(), "{fault:?}");
        assert!(started.elapsed() < SECOND, "{fault:?}");
        assert_eq!(api.count("") - before, sent);
        // The hold of the 429 is over.
        tokio::time::sleep(60 * SECOND).await;

        let before = api.count("");
        assert!(webhooks.list(&stop).await.unwrap_err().is_stop());
        assert!(
            webhooks
                .test(&spec("https://h.example"), &stop)
                .await
                .unwrap_err()
                .is_stop()
        );
        assert!(
            matches!(webhooks.delete("id-0", &stop).await, Deletion::StillThere(error) if error.is_stop())
        );
        assert!(
            matches!(webhooks.update("id-0", &spec("https://h.example"), &stop).await, Update::NotMade(error) if error.is_stop())
        );
        assert!(webhooks.twins("https://h.example", &stop).await.is_empty());
        assert!(
            webhooks
                .history("id-0", 1, &stop)
                .await
                .unwrap_err()
                .is_stop()
        );
        assert_eq!(api.count(""), before);
    }
    // Another configuration's baseline was spoilt by the stop; this one's operations go on.
    assert!(webhooks.list(&never()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn errors_say_what_happened_and_no_secret() {
    let quote: &str = Box::leak(
        format!(r#"{{"message":"bad {TOKEN} and {KEY} at https://u:p@h.example/?q=p","error":"x","statusCode":400}}"#)
            .into_boxed_str(),
    );
    let api = of_ids(1);
    let webhooks = api.webhooks(|_| ());
    api.faults("PUT", [Fault::Answer(400, quote)]);
    let Update::NotMade(error) = webhooks
        .update("id-0", &spec_with_key("https://h.example"), &never())
        .await
    else {
        panic!()
    };
    assert_no_secret(&format!("{error} {error:?}"));
    assert_eq!(
        error.to_string(),
        "PUT /api/notification/webhook/id-0 was answered with 400 Bad Request: \
         \"bad (redacted) and (redacted) at https://…@h.example/?…\"."
    );
    assert_eq!(
        (error.method(), error.path()),
        ("PUT", "/api/notification/webhook/id-0")
    );
    assert!(error.advice().contains("objects"));

    api.faults(
        "GET",
        std::iter::repeat_n(Fault::Answer(503, "<html>busy</html>"), 4),
    );
    let error = webhooks.list(&never()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /api/notification/webhook was answered with 503 Service Unavailable and an HTML page (after 4 attempts)."
    );

    // A token in the place of an id is sent, since it could be an id, and not shown.
    let error = webhooks.test_by_id(TOKEN, &never()).await.unwrap_err();
    assert_no_secret(&error.to_string());
}

#[tokio::test(start_paused = true)]
async fn the_history_is_paged_and_the_user_read() {
    let api = of_ids(1);
    let page = |ids: std::ops::Range<usize>| -> Fault {
        let data: Vec<String> = ids
            .map(|id| {
                format!(
                    r#"{{"webhookId":"id-0","deliveryId":"{id}","status":"SUCCESS","httpStatusCode":200,
                       "createdAt":"2025-01-09T12:{id:02}:00.000Z","message":"ok"}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"data":[{}],"meta":{{"totalCount":5}}}}"#,
            data.join(",")
        );
        Fault::Answer(200, Box::leak(text.into_boxed_str()))
    };
    api.faults(
        "GET /api/notification/webhook/id-0/history",
        [page(0..2), page(2..4), page(4..5)],
    );
    let webhooks = api.webhooks(|_| ());
    let deliveries = webhooks.history("id-0", 3, &never()).await.unwrap();
    let ids: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery.delivery_id.as_str())
        .collect();
    assert_eq!(ids, ["4", "3", "2"]);

    api.faults(
        "GET /api/auth/user",
        [Fault::Answer(
            200,
            r#"{"displayName":"Ada","username":"ada","expiration":1,"tenantInfo":{"id":"t"}}"#,
        )],
    );
    assert_eq!(
        webhooks.current_user(&never()).await.unwrap().username,
        "ada"
    );
}

#[test]
fn settings_that_allow_nothing_are_refused() {
    let with = |change: fn(&mut Settings)| {
        let mut settings = Settings::new(
            super::super::Segment::Na.base_url(),
            TOKEN.into(),
            "test".to_owned(),
        );
        change(&mut settings);
        Webhooks::new(settings)
    };
    assert!(with(|_| ()).is_ok());
    let changes: [fn(&mut Settings); 8] = [
        |settings| settings.retry.max_attempts = 0,
        |settings| settings.max_concurrent_requests = 0,
        |settings| settings.request_timeout = Duration::ZERO,
        |settings| settings.token = "".into(),
        |settings| settings.token = "to ken\n".into(),
        |settings| settings.token = "tökenhunter2".into(),
        |settings| settings.user_agent = "a\nb".to_owned(),
        |settings| settings.ca_cert_pem = Some("nonsense".to_owned()),
    ];
    for change in changes {
        let error = with(change).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
