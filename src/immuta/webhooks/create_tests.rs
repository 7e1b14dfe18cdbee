use std::time::Duration;

use super::*;
use crate::immuta::testing::api::{
    Fault, TestApi, assert_no_secret, id, never, spec, spec_with_key,
};

const URL: &str = "https://hooks.example/immuta";
const POST: &str = "POST /api/notification/webhook";
const LIST: &str = "GET /api/notification/webhook";

fn second() -> Duration {
    Duration::from_secs(1)
}

#[tokio::test(start_paused = true)]
async fn a_create_takes_one_baseline_and_one_post() {
    let api = TestApi::default();
    let client = api.client(|_| ());
    for number in 1..=3 {
        let CreateOutcome::Created(webhook) = client.create(&spec_with_key(URL), &never()).await
        else {
            panic!()
        };
        assert_eq!(webhook.id, id(&format!("made-{number}")));
        assert!(webhook.signing_key_set);
    }
    assert_eq!((api.count(LIST), api.count(POST)), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn what_provably_was_not_processed_is_sent_again() {
    let api = TestApi::default();
    api.faults(
        POST,
        [
            Fault::NoConnection,
            Fault::TooMany("1"),
            Fault::NoConnection,
        ],
    );
    let client = api.client(|_| ());
    assert!(matches!(
        client.create(&spec(URL), &never()).await,
        CreateOutcome::Created(_)
    ));
    assert_eq!((api.count(POST), api.ids().len()), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_processed_is_never_sent_again() {
    for (fault, made) in [
        (Fault::LostBefore, 0),
        (Fault::LostAfter, 1),
        (Fault::Response(500, ""), 0),
        (Fault::AnswerAfter(502, "<html>"), 1),
        (Fault::AnswerAfter(504, ""), 1),
        (Fault::Response(408, ""), 0),
        (Fault::AnswerAfter(303, ""), 1),
        (Fault::AnswerAfter(200, "<html>"), 1),
        (Fault::AnswerAfter(200, ""), 1),
        (Fault::AnswerAfter(200, "{\"id\":5}"), 1),
        (Fault::CutAfter(0), 1),
        (Fault::Late(second()), 1),
        (Fault::Late(90 * second()), 0),
    ] {
        let api = TestApi::default();
        api.insert("old", URL);
        api.faults(POST, [fault.clone()]);
        let client = api.client(|_| ());
        let outcome = client.create(&spec_with_key(URL), &never()).await;
        assert_eq!(api.count(POST), 1, "{fault:?}");
        assert_eq!(api.count(LIST), 2, "{fault:?}");
        assert_no_secret(&format!("{outcome:?}"));
        match outcome {
            CreateOutcome::Reconciled { webhook, .. } => {
                assert_eq!((webhook.id.as_str(), made), ("made-1", 1), "{fault:?}");
                assert_eq!(api.count("PUT"), 1, "{fault:?}");
            }
            CreateOutcome::Ambiguous { candidates, .. } => {
                assert_eq!((candidates.len(), made), (0, 0), "{fault:?}")
            }
            other => panic!("{fault:?}: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_was_not_made() {
    for fault in [
        Fault::Untrusted,
        Fault::Response(
            400,
            r#"{"message":["url must be a URL"],"error":"Bad Request","statusCode":400}"#,
        ),
        Fault::Response(401, ""),
        Fault::Response(403, ""),
        Fault::Response(404, ""),
        Fault::Response(409, ""),
        Fault::Response(422, ""),
        Fault::Response(501, ""),
        Fault::Response(307, ""),
    ] {
        let api = TestApi::default();
        api.faults(POST, [fault.clone()]);
        let client = api.client(|_| ());
        let outcome = client.create(&spec_with_key(URL), &never()).await;
        assert!(
            matches!(outcome, CreateOutcome::Failed(_)),
            "{fault:?}: {outcome:?}"
        );
        assert_eq!((api.count(POST), api.count(LIST)), (1, 1), "{fault:?}");
        assert_no_secret(&format!("{outcome:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_in_a_broken_response_is_confirmed() {
    let api = TestApi::default();
    api.faults(
        POST,
        [
            Fault::CutAfter(20),
            Fault::AnswerAfter(201, r#"{"id":"made-2","url":null}"#),
        ],
    );
    let client = api.client(|_| ());
    for number in 1..=2 {
        let outcome = client.create(&spec(URL), &never()).await;
        let CreateOutcome::Reconciled { webhook, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(webhook.id.as_str(), format!("made-{number}"));
    }
    assert_eq!((api.count(LIST), api.count("PUT")), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_confirmed_is_named() {
    for (post, adopted) in [(Fault::CutAfter(20), false), (Fault::LostAfter, true)] {
        for put in [Fault::Response(400, ""), Fault::Response(503, "")] {
            let api = TestApi::default();
            api.faults(POST, [post.clone()]);
            api.faults("PUT", std::iter::repeat_n(put.clone(), 2));
            let outcome = api
                .client(|_| ())
                .create(&spec_with_key(URL), &never())
                .await;
            let (id, cause) = match outcome {
                CreateOutcome::CreatedIdOnly { id, cause } if !adopted => (id, cause),
                CreateOutcome::Adopted { webhook, cause } if adopted => (webhook.id, cause),
                other => panic!("{post:?} {put:?}: {other:?}"),
            };
            assert_eq!(id.as_str(), "made-1");
            assert!(cause.to_string().contains("PUT /"), "{cause}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_baseline_creates_go_on_and_nothing_is_adopted() {
    let api = TestApi::default();
    api.faults(LIST, [Fault::Response(404, "")]);
    api.faults(POST, [Fault::None, Fault::LostAfter]);
    let client = api.client(|_| ());
    assert!(matches!(
        client.create(&spec(URL), &never()).await,
        CreateOutcome::Created(_)
    ));
    let outcome = client.create(&spec(URL), &never()).await;
    let CreateOutcome::Ambiguous { candidates, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        candidates
            .iter()
            .map(|webhook| webhook.id.as_str())
            .collect::<Vec<_>>(),
        ["made-2"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_baseline_gets_one_attempt_and_the_list_after_a_create_two() {
    let api = TestApi::default();
    let failing = || Fault::Response(503, "");
    api.faults(LIST, [failing(), failing(), Fault::None]);
    api.faults(POST, [Fault::LostAfter]);
    let client = api.client(|_| ());
    let outcome = client.create(&spec(URL), &never()).await;
    assert!(
        matches!(&outcome, CreateOutcome::Ambiguous { candidates, .. } if candidates.len() == 1),
        "{outcome:?}"
    );
    assert_eq!(api.count(LIST), 3);

    let api = TestApi::default();
    api.faults(LIST, [Fault::None, failing(), failing(), failing()]);
    api.faults(POST, [Fault::LostAfter]);
    let outcome = api.client(|_| ()).create(&spec(URL), &never()).await;
    assert!(
        matches!(&outcome, CreateOutcome::Ambiguous { candidates, .. } if candidates.is_empty()),
        "{outcome:?}"
    );
    assert_eq!(api.count(LIST), 3);
}

#[tokio::test(start_paused = true)]
async fn three_of_one_url_never_share_a_webhook() {
    // One is lost before its effect, one is answered too late, one is as it should be: in every order, at once.
    let faults = [Fault::LostBefore, Fault::Late(second()), Fault::None];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let api = TestApi::default();
        api.faults(POST, order.map(|index| faults[index].clone()));
        let client = api.client(|_| ());
        let stop = never();
        let (first, other, third) = (
            spec(URL),
            spec("https://HOOKS.example:443/immuta"),
            spec(URL),
        );
        let outcomes = tokio::join!(
            client.create(&first, &stop),
            client.create(&other, &stop),
            client.create(&third, &stop),
        );
        let mut ids = Vec::new();
        let mut ambiguous = 0;
        for outcome in [outcomes.0, outcomes.1, outcomes.2] {
            match outcome {
                CreateOutcome::Created(webhook) | CreateOutcome::Reconciled { webhook, .. } => {
                    ids.push(webhook.id.to_string())
                }
                CreateOutcome::Ambiguous { .. } => ambiguous += 1,
                other => panic!("{other:?}"),
            }
        }
        ids.sort();
        assert_eq!(
            ids,
            api.ids(),
            "{order:?}: all that there are are someone's"
        );
        assert_eq!((ids.len(), ambiguous), (2, 1), "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn creates_of_one_url_wait_for_each_other_and_others_do_not() {
    let api = TestApi::default();
    api.faults(POST, std::iter::repeat_n(Fault::Slow(5 * second()), 3));
    let client = api.client(|_| ());
    let stop = never();
    let (a, b, c) = (spec(URL), spec(URL), spec("https://other.example"));
    let _ = tokio::join!(
        client.create(&a, &stop),
        client.create(&b, &stop),
        client.create(&c, &stop)
    );
    let times = api.times(POST);
    let waited: Vec<u64> = times
        .iter()
        .map(|time| (*time - times[0]).as_secs())
        .collect();
    assert_eq!(waited, [0, 0, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_response_with_an_id_that_is_known_is_no_webhook_of_its_own() {
    let api = TestApi::default();
    api.faults(
        POST,
        [Fault::Response(
            200,
            r#"{"id":"OLD","url":"https://hooks.example/immuta"}"#,
        )],
    );
    let client = api.client(|_| ());
    client.mark_managed(&id("old"));
    let outcome = client.create(&spec(URL), &never()).await;
    assert!(
        matches!(&outcome, CreateOutcome::Failed(error) if error.kind() == ErrorKind::IdInUse),
        "{outcome:?}"
    );
}

/// An apply reads no webhook that it leaves alone, so only the list tells that this one was there.
#[tokio::test(start_paused = true)]
async fn a_response_with_an_id_that_existed_is_no_webhook_of_its_own() {
    for answer in [
        r#"{"id":"OLD","url":"https://hooks.example/immuta"}"#,
        r#"{"id":"OLD""#,
    ] {
        let api = TestApi::default();
        api.insert("old", URL);
        api.faults(POST, [Fault::Response(200, answer)]);
        let outcome = api.client(|_| ()).create(&spec(URL), &never()).await;
        assert!(
            matches!(&outcome, CreateOutcome::Failed(error) if error.kind() == ErrorKind::IdInUse),
            "{outcome:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_in_a_state_is_never_adopted_and_never_a_duplicate() {
    let api = TestApi::default();
    let client = api.client(|_| ());
    api.insert("old", URL);
    api.insert("seen", URL);
    client.mark_managed(&id("seen"));
    assert_eq!(
        client
            .duplicates("https://HOOKS.example/immuta", &never())
            .await
            .unwrap(),
        [id("old")]
    );
    assert!(
        client
            .duplicates("https://other.example", &never())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(api.count(LIST), 1);
    api.insert("restored", URL);
    client.mark_managed(&id("restored"));
    api.faults(POST, [Fault::LostAfter]);
    let outcome = client.create(&spec(URL), &never()).await;
    assert!(
        matches!(&outcome, CreateOutcome::Reconciled { webhook, .. } if webhook.id == id("made-1")),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn duplicates_say_why_there_is_no_list_and_use_one_that_is_still_good() {
    let api = TestApi::default();
    api.faults(LIST, [Fault::Response(401, "")]);
    let client = api.client(|_| ());
    for _ in 0..2 {
        let error = client.duplicates(URL, &never()).await.unwrap_err();
        assert_eq!(error.status(), Some(401));
    }
    assert_eq!(api.count(LIST), 1);
    assert!(client.warns_of_unchecked_duplicates() && !client.warns_of_unchecked_duplicates());

    let api = TestApi::default();
    api.insert("old", URL);
    let client = api.client(|_| ());
    client.read(&id("old"), &never()).await;
    assert_eq!(client.duplicates(URL, &never()).await.unwrap(), [id("old")]);
    assert_eq!(api.count(LIST), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_its_turn_makes_nothing() {
    let api = TestApi::default();
    let client = api.client(|_| ());
    let stop = never();
    stop.cancel();
    let outcome = client.create(&spec(URL), &stop).await;
    assert!(
        matches!(&outcome, CreateOutcome::Failed(error) if error.is_cancelled()),
        "{outcome:?}"
    );
    assert_eq!(api.count(""), 0);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_sent_finishes_after_a_stop() {
    let api = TestApi::default();
    api.faults(
        POST,
        [Fault::Slow(9 * second()), Fault::Slow(20 * second())],
    );
    for (number, within) in [(1, true), (2, false)] {
        let client = api.client(|_| ());
        let stop = never();
        let wanted = spec(URL);
        let stopping = async {
            while api.count(POST) < number {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            stop.cancel();
        };
        let (outcome, ()) = tokio::join!(client.create(&wanted, &stop), stopping);
        match outcome {
            CreateOutcome::Created(webhook) => assert!(within, "{webhook:?}"),
            CreateOutcome::Ambiguous { cause, .. } => {
                assert!(!within && cause.is_cancelled(), "{cause}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_in_doubt_is_looked_for_within_the_grace_after_a_stop() {
    let api = TestApi::default();
    let client = api.client(|config| config.request_timeout = 3 * second());
    api.faults(POST, [Fault::Late(second())]);
    let stop = never();
    let wanted = spec(URL);
    let stopping = async {
        tokio::time::sleep(2 * second()).await;
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(client.create(&wanted, &stop), stopping);
    assert!(
        matches!(&outcome, CreateOutcome::Reconciled { webhook, .. } if webhook.id == id("made-1")),
        "{outcome:?}"
    );
    let after = client.create(&wanted, &stop).await;
    assert!(
        matches!(&after, CreateOutcome::Failed(error) if error.is_cancelled()),
        "{after:?}"
    );
}
