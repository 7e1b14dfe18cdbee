use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::immuta::ErrorKind;
use crate::immuta::testing::api::{
    Fault, KEY, TOKEN, TestApi, assert_no_secret, id, never, spec, spec_with_key,
};

const LIST: &str = "GET /api/notification/webhook";
const GET: &str = "GET /api/notification/webhook/";
const NO_ROUTE: Fault = Fault::Response(
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
    let client = api.client(|_| ());
    let stop = never();
    let ids: Vec<_> = (0..25).map(|number| id(&format!("id-{number}"))).collect();
    let reads = futures_util::future::join_all(ids.iter().map(|id| client.read(id, &stop))).await;
    assert!(
        reads
            .iter()
            .all(|reading| matches!(reading, ReadOutcome::Found(_)))
    );
    assert_eq!(api.count(""), 1);
    client.read(&id("ID-7"), &stop).await;
    assert_eq!(api.count(""), 1);

    client.delete(&id("id-7"), &stop).await;
    assert!(matches!(
        client.read(&id("id-7"), &stop).await,
        ReadOutcome::NotFound
    ));
    assert!(matches!(
        client.read(&id("id-8"), &stop).await,
        ReadOutcome::Found(_)
    ));
    assert_eq!((api.count(LIST) - api.count(GET), api.count(GET)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_is_one_that_began_after_the_call() {
    let api = of_ids(1);
    api.faults(LIST, [Fault::Slow(5 * SECOND)]);
    let client = api.client(|_| ());
    let stop = never();
    let later = async {
        tokio::time::sleep(SECOND).await;
        api.insert("new", "https://h.example/");
        client.list(&stop).await.unwrap().len()
    };
    let id = id("id-0");
    let (reading, count) = tokio::join!(client.read(&id, &stop), later);
    assert!(matches!(reading, ReadOutcome::Found(_)));
    assert_eq!(count, 2);
    assert_eq!(api.count(LIST), 2);
}

#[tokio::test(start_paused = true)]
async fn readers_share_a_failure_and_each_is_decided_by_its_id() {
    let api = of_ids(2);
    api.faults(LIST, std::iter::repeat_n(Fault::Response(500, ""), 4));
    let client = api.client(|_| ());
    let stop = never();
    let ids = ["id-0", "id-1", "no"].map(id);
    let readings = tokio::join!(
        client.read(&ids[0], &stop),
        client.read(&ids[1], &stop),
        client.read(&ids[2], &stop)
    );
    assert!(
        matches!(
            readings,
            (
                ReadOutcome::Found(_),
                ReadOutcome::Found(_),
                ReadOutcome::NotFound
            )
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
        [NO_ROUTE, Fault::Response(405, ""), Fault::Response(501, "")],
    );
    let client = api.client(|_| ());
    let first = client.read(&id("id-0"), &never()).await;
    assert!(
        matches!(first, ReadOutcome::Unavailable(_)) && client.warns_of_unavailable_reads(),
        "{first:?}"
    );
    let second = client.read(&id("id-0"), &never()).await;
    assert!(
        matches!(second, ReadOutcome::Unavailable(_)) && !client.warns_of_unavailable_reads(),
        "{second:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_are_never_taken_for_an_absence() {
    for (list, get) in [
        (Fault::Response(401, ""), Fault::Response(401, "")),
        (Fault::Response(403, ""), NO_ROUTE),
        (NO_ROUTE, Fault::Response(403, "")),
        (NO_ROUTE, Fault::Response(200, "<html>")),
        (
            NO_ROUTE,
            Fault::Response(200, r#"{"id":"other","url":"https://h.example"}"#),
        ),
        (Fault::Response(200, "[{}]"), NO_ROUTE),
        (Fault::Response(200, "[]"), Fault::Response(400, "")),
        (Fault::Response(302, ""), Fault::Response(302, "")),
        (NO_ROUTE, Fault::Untrusted),
    ] {
        let api = of_ids(1);
        api.faults(LIST, [list.clone(), get.clone()]);
        let reading = api.client(|_| ()).read(&id("id-0"), &never()).await;
        assert!(
            matches!(reading, ReadOutcome::Failed(_)),
            "{list:?} {get:?}: {reading:?}"
        );
    }
    let api = of_ids(1);
    api.faults(
        LIST,
        [Fault::Response(200, "[]"), Fault::Response(404, "<html>")],
    );
    assert!(matches!(
        api.client(|_| ()).read(&id("id-0"), &never()).await,
        ReadOutcome::NotFound
    ));
}

#[tokio::test(start_paused = true)]
async fn a_429_pauses_every_request_and_retry_after_is_clamped() {
    let api = of_ids(1);
    api.faults(
        "POST /api/notification/webhook/test",
        [Fault::TooMany("86400")],
    );
    let client = api.client(|_| ());
    let stop = never();
    let started = Instant::now();
    let other = async {
        tokio::time::sleep(SECOND).await;
        client.read(&id("id-0"), &stop).await
    };
    let wanted = spec("https://h.example");
    let (result, reading) = tokio::join!(client.test(&wanted, &stop), other);
    assert!(result.is_ok() && matches!(reading, ReadOutcome::Found(_)));
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
async fn a_429_that_is_not_retried_still_pauses_the_others() {
    let api = of_ids(1);
    api.faults(LIST, [Fault::TooMany("7")]);
    let client = api.client(|config| config.retry.max_attempts = 1);
    let started = Instant::now();
    assert_eq!(client.list(&never()).await.unwrap_err().status(), Some(429));
    client.list(&never()).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_in_flight_than_allowed() {
    let api = of_ids(0);
    api.faults("POST", std::iter::repeat_n(Fault::Slow(SECOND), 20));
    let client = api.client(|config| config.max_concurrent_requests = 3.try_into().unwrap());
    let stop = never();
    let specs: Vec<_> = (0..20)
        .map(|number| spec(&format!("https://h{number}.example")))
        .collect();
    let made =
        futures_util::future::join_all(specs.iter().map(|spec| client.create(spec, &stop))).await;
    assert!(
        made.iter()
            .all(|outcome| matches!(outcome, CreateOutcome::Created(_)))
    );
    assert_eq!(api.0.lock().unwrap().most_in_flight, 3);
}

#[tokio::test(start_paused = true)]
async fn one_deadline_bounds_an_operation() {
    let api = of_ids(1);
    api.faults(LIST, std::iter::repeat_n(Fault::Late(1000 * SECOND), 100));
    let client = api.client(|config| {
        config.operation_timeout = 40 * SECOND;
        config.retry.max_attempts = 100;
    });
    let started = Instant::now();
    let error = client.list(&never()).await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 40);
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Timeout | ErrorKind::DeadlineExceeded
        ),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_reads_tests_and_waits_at_once_and_begins_nothing() {
    let api = of_ids(1);
    let client = api.client(|_| ());
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
        let (result, ()) = tokio::join!(client.list(&stop), stopping);
        assert!(result.unwrap_err().is_cancelled(), "{fault:?}");
        assert!(started.elapsed() < SECOND, "{fault:?}");
        assert_eq!(api.count("") - before, sent);
        // The pause of the 429 is over.
        tokio::time::sleep(60 * SECOND).await;

        let before = api.count("");
        assert!(client.list(&stop).await.unwrap_err().is_cancelled());
        assert!(
            client
                .test(&spec("https://h.example"), &stop)
                .await
                .unwrap_err()
                .is_cancelled()
        );
        assert!(
            matches!(client.delete(&id("id-0"), &stop).await, DeleteOutcome::NotDeleted(error) if error.is_cancelled())
        );
        assert!(
            matches!(client.update(&id("id-0"), &spec("https://h.example"), &stop).await, UpdateOutcome::Failed(error) if error.is_cancelled())
        );
        assert!(client.duplicates("https://h.example", &stop).await.is_err());
        assert!(
            client
                .history(&id("id-0"), 1, &stop)
                .await
                .unwrap_err()
                .is_cancelled()
        );
        assert_eq!(api.count(""), before);
    }
    // Another configuration's baseline was cancelled by the stop; this one's operations continue.
    assert!(client.list(&never()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn errors_say_what_happened_and_no_secret() {
    let quote: &str = Box::leak(
        format!(r#"{{"message":"bad {TOKEN} and {KEY} at https://u:p@h.example/?q=p","error":"x","statusCode":400}}"#)
            .into_boxed_str(),
    );
    let api = of_ids(1);
    let client = api.client(|_| ());
    api.faults("PUT", [Fault::Response(400, quote)]);
    let UpdateOutcome::Failed(error) = client
        .update(&id("id-0"), &spec_with_key("https://h.example"), &never())
        .await
    else {
        panic!()
    };
    assert_no_secret(&format!("{error} {error:?}"));
    assert_eq!(
        error.to_string(),
        "PUT /api/notification/webhook/id-0 returned 400 Bad Request: \
         \"bad (redacted) and (redacted) at https://h.example/…\"."
    );
    assert!(error.advice().contains("objects"));

    api.faults(
        "GET",
        std::iter::repeat_n(Fault::Response(503, "<html>busy</html>"), 4),
    );
    let error = client.list(&never()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /api/notification/webhook returned 503 Service Unavailable and an HTML page (after 4 attempts)."
    );

    // A token in the place of an id is sent, since it could be an id, and not shown.
    let error = client.test_by_id(&id(TOKEN), &never()).await.unwrap_err();
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
        Fault::Response(200, Box::leak(text.into_boxed_str()))
    };
    api.faults(
        "GET /api/notification/webhook/id-0/history",
        [page(0..2), page(2..4), page(4..5)],
    );
    let client = api.client(|_| ());
    let deliveries = client.history(&id("id-0"), 3, &never()).await.unwrap();
    let ids: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery.delivery_id.as_str())
        .collect();
    assert_eq!(ids, ["4", "3", "2"]);

    api.faults(
        "GET /api/auth/user",
        [Fault::Response(
            200,
            r#"{"displayName":"Ada","username":"ada","expiration":1,"tenantInfo":{"id":"t"}}"#,
        )],
    );
    assert_eq!(client.current_user(&never()).await.unwrap().username, "ada");
}
