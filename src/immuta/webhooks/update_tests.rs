use super::*;
use crate::immuta::ErrorKind;
use crate::immuta::testing::api::{
    Fault, TestApi, assert_no_secret, id, never, spec, spec_with_key,
};

const OLD: &str = "https://old.example/";
const NEW: &str = "https://new.example/";
const PUT: &str = "PUT /api/notification/webhook/a";
const LIST: &str = "GET /api/notification/webhook";
const NO_ROUTE: Fault = Fault::Response(
    404,
    r#"{"message":"Cannot PUT /x","error":"Not Found","statusCode":404}"#,
);

fn api() -> TestApi {
    let api = TestApi::default();
    api.insert("a", OLD);
    api
}

#[tokio::test(start_paused = true)]
async fn an_update_is_repeated_until_it_is_answered() {
    let api = api();
    api.faults(
        PUT,
        [
            Fault::LostBefore,
            Fault::Response(503, ""),
            Fault::CutAfter(3),
        ],
    );
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec_with_key(NEW), &never())
        .await;
    assert!(
        matches!(&update, UpdateOutcome::Updated(webhook) if webhook.url == NEW && webhook.signing_key_set),
        "{update:?}"
    );
    assert_eq!((api.count(PUT), api.count(LIST)), (4, 0));
}

/// What meets a later attempt says nothing of an earlier one that may have been carried out.
#[tokio::test(start_paused = true)]
async fn a_doubt_stays_when_the_next_attempt_finds_no_route() {
    for late in [NO_ROUTE, Fault::Response(405, "")] {
        let api = api();
        api.faults(PUT, [Fault::LostAfter, late]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec(NEW), &never())
            .await;
        assert!(
            matches!(&update, UpdateOutcome::Unconfirmed { webhook, .. } if webhook.url == NEW),
            "{update:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_api_holds_decides_a_doubt() {
    let lost = || std::iter::repeat_n(Fault::LostAfter, 4);
    let unchanged = || std::iter::repeat_n(Fault::LostBefore, 4);

    let api = self::api();
    api.faults(PUT, lost());
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(
        matches!(&update, UpdateOutcome::Unconfirmed { webhook, .. } if webhook.url == NEW),
        "{update:?}"
    );

    let api = self::api();
    api.faults(PUT, unchanged());
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(
        matches!(&update, UpdateOutcome::Ambiguous(error) if error.kind() == ErrorKind::ConnectionLost),
        "{update:?}"
    );

    // Which key is set cannot be read.
    let api = self::api();
    api.faults(PUT, lost());
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec_with_key(NEW), &never())
        .await;
    assert!(matches!(update, UpdateOutcome::Ambiguous(_)), "{update:?}");
    assert_no_secret(&format!("{update:?}"));

    let api = self::api();
    api.faults(PUT, unchanged());
    let client = api.client(|_| ());
    api.remove("a");
    let update = client.update(&id("a"), &spec(NEW), &never()).await;
    assert!(matches!(update, UpdateOutcome::NotFound(_)), "{update:?}");
}

#[tokio::test(start_paused = true)]
async fn a_success_that_cannot_be_read_is_read_again() {
    for body in ["", "{", "{\"ok\":true}", "[]"] {
        let api = self::api();
        api.faults(PUT, [Fault::AnswerAfter(200, body)]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec_with_key(NEW), &never())
            .await;
        assert!(
            matches!(&update, UpdateOutcome::Updated(webhook) if webhook.url == NEW),
            "{body}: {update:?}"
        );
    }

    let api = self::api();
    api.faults(
        PUT,
        [Fault::AnswerAfter(
            200,
            r#"{"id":"b","url":"https://new.example/"}"#,
        )],
    );
    api.faults(LIST, std::iter::repeat_n(Fault::Response(500, ""), 4));
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec_with_key(NEW), &never())
        .await;
    assert!(
        matches!(&update, UpdateOutcome::Ambiguous(error) if error.to_string().contains("accepted the update")),
        "{update:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_404_is_gone_in_the_apis_words_or_by_a_list_that_answers() {
    let api = TestApi::default();
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(matches!(update, UpdateOutcome::NotFound(_)), "{update:?}");
    assert_eq!(api.count(LIST), 0);

    let api = TestApi::default();
    api.faults(PUT, [NO_ROUTE]);
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(matches!(update, UpdateOutcome::NotFound(_)), "{update:?}");

    let api = self::api();
    api.faults(PUT, [NO_ROUTE]);
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(matches!(update, UpdateOutcome::Failed(_)), "{update:?}");

    let api = TestApi::default();
    api.faults(PUT, [NO_ROUTE]);
    api.faults(LIST, [Fault::Response(403, "")]);
    let update = api
        .client(|_| ())
        .update(&id("a"), &spec(NEW), &never())
        .await;
    assert!(matches!(update, UpdateOutcome::Failed(_)), "{update:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_repeated() {
    for status in [400, 401, 403, 409, 413, 422, 501] {
        let api = self::api();
        api.faults(PUT, [Fault::Response(status, "")]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec(NEW), &never())
            .await;
        assert!(
            matches!(&update, UpdateOutcome::Failed(error) if error.status() == Some(status)),
            "{update:?}"
        );
        assert_eq!(api.count(PUT), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_not_the_apis_own_confirms_nothing() {
    for page in ["<html>Please sign in</html>", "OK", "\u{feff}<p>"] {
        // It was not made: what is there says so.
        let api = self::api();
        api.faults(PUT, [Fault::Response(200, page)]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec(NEW), &never())
            .await;
        assert!(
            matches!(update, UpdateOutcome::Ambiguous(_)),
            "{page}: {update:?}"
        );

        // It was made, and what is there says so; but of a key nothing does.
        let api = self::api();
        api.faults(PUT, [Fault::AnswerAfter(200, page)]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec(NEW), &never())
            .await;
        assert!(
            matches!(&update, UpdateOutcome::Unconfirmed { webhook, .. } if webhook.url == NEW),
            "{page}: {update:?}"
        );
        let api = self::api();
        api.faults(PUT, [Fault::AnswerAfter(200, page)]);
        let update = api
            .client(|_| ())
            .update(&id("a"), &spec_with_key(NEW), &never())
            .await;
        assert!(
            matches!(update, UpdateOutcome::Ambiguous(_)),
            "{page}: {update:?}"
        );
    }
}
