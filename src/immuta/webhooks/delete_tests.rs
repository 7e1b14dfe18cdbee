use super::*;
use crate::immuta::testing::api::{Fault, TestApi, id, never};

const DELETE: &str = "DELETE /api/notification/webhook/a";
const LIST: &str = "GET /api/notification/webhook";
const NO_ROUTE: Fault = Fault::Response(
    404,
    r#"{"message":"Cannot DELETE /x","error":"Not Found","statusCode":404}"#,
);

fn api() -> TestApi {
    let api = TestApi::default();
    api.insert("a", "https://h.example/");
    api
}

async fn delete(api: &TestApi) -> DeleteOutcome {
    api.client(|_| ()).delete(&id("a"), &never()).await
}

#[tokio::test(start_paused = true)]
async fn deleted_by_this_or_an_earlier_attempt_or_before() {
    for faults in [
        vec![],
        vec![Fault::LostAfter],
        vec![
            Fault::LostBefore,
            Fault::Response(503, ""),
            Fault::TooMany("0"),
        ],
    ] {
        let api = self::api();
        api.faults(DELETE, faults);
        assert!(matches!(delete(&api).await, DeleteOutcome::Deleted));
        assert!(api.ids().is_empty());
        assert_eq!(api.count(LIST), 0);
    }
    assert!(matches!(
        delete(&TestApi::default()).await,
        DeleteOutcome::Deleted
    ));
}

#[tokio::test(start_paused = true)]
async fn another_404_is_gone_only_by_a_list_that_answers_and_lacks_it() {
    let api = TestApi::default();
    api.faults(DELETE, [NO_ROUTE]);
    assert!(matches!(delete(&api).await, DeleteOutcome::Deleted));

    let api = self::api();
    api.faults(DELETE, [NO_ROUTE]);
    assert!(matches!(delete(&api).await, DeleteOutcome::NotDeleted(_)));

    let api = TestApi::default();
    api.faults(DELETE, [NO_ROUTE]);
    api.faults(LIST, [Fault::Response(404, "")]);
    assert!(matches!(delete(&api).await, DeleteOutcome::NotDeleted(_)));
}

#[tokio::test(start_paused = true)]
async fn a_doubt_is_settled_by_a_look() {
    let api = self::api();
    api.faults(DELETE, std::iter::repeat_n(Fault::Response(502, ""), 4));
    let deletion = delete(&api).await;
    assert!(
        matches!(&deletion, DeleteOutcome::NotDeleted(error) if error.status() == Some(502)),
        "{deletion:?}"
    );

    let api = self::api();
    api.faults(DELETE, [Fault::LostAfter]);
    let client = api.client(|config| config.retry.max_attempts = 1);
    assert!(matches!(
        client.delete(&id("a"), &never()).await,
        DeleteOutcome::Deleted
    ));
}

#[tokio::test(start_paused = true)]
async fn a_foreign_success_confirms_nothing() {
    for (fault, gone) in [
        (Fault::Response(200, "<html>"), false),
        (Fault::Response(200, "ok"), false),
        (Fault::AnswerAfter(200, "<html>"), true),
        (Fault::AnswerAfter(200, ""), true),
        (Fault::AnswerAfter(200, "{}"), true),
        (Fault::AnswerAfter(202, "null"), true),
    ] {
        let api = self::api();
        api.faults(DELETE, [fault.clone()]);
        let deletion = delete(&api).await;
        assert_eq!(
            matches!(deletion, DeleteOutcome::Deleted),
            gone,
            "{fault:?}: {deletion:?}"
        );
        assert_eq!(api.ids().is_empty(), gone, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_keep_it() {
    for status in [400, 401, 403, 405, 409, 501] {
        let api = self::api();
        api.faults(DELETE, [Fault::Response(status, "")]);
        let deletion = delete(&api).await;
        assert!(
            matches!(&deletion, DeleteOutcome::NotDeleted(error) if error.status() == Some(status)),
            "{deletion:?}"
        );
        assert_eq!((api.count(DELETE), api.count(LIST)), (1, 0));
    }
}
