use super::super::test_api::{Fault, TestApi, never};
use super::*;

const DELETE: &str = "DELETE /api/notification/webhook/a";
const LIST: &str = "GET /api/notification/webhook";
const NO_ROUTE: Fault = Fault::Answer(
    404,
    r#"{"message":"Cannot DELETE /x","error":"Not Found","statusCode":404}"#,
);

fn api() -> TestApi {
    let api = TestApi::default();
    api.insert("a", "https://h.example/");
    api
}

async fn delete(api: &TestApi) -> Deletion {
    api.webhooks(|_| ()).delete("a", &never()).await
}

#[tokio::test(start_paused = true)]
async fn deleted_by_this_or_an_earlier_attempt_or_before() {
    for faults in [
        vec![],
        vec![Fault::LostAfter],
        vec![
            Fault::LostBefore,
            Fault::Answer(503, ""),
            Fault::TooMany("0"),
        ],
    ] {
        let api = self::api();
        api.faults(DELETE, faults);
        assert!(matches!(delete(&api).await, Deletion::Gone));
        assert!(api.ids().is_empty());
        assert_eq!(api.count(LIST), 0);
    }
    assert!(matches!(delete(&TestApi::default()).await, Deletion::Gone));
}

#[tokio::test(start_paused = true)]
async fn another_404_is_gone_only_by_a_list_that_answers_and_lacks_it() {
    let api = TestApi::default();
    api.faults(DELETE, [NO_ROUTE]);
    assert!(matches!(delete(&api).await, Deletion::Gone));

    let api = self::api();
    api.faults(DELETE, [NO_ROUTE]);
    assert!(matches!(delete(&api).await, Deletion::StillThere(_)));

    let api = TestApi::default();
    api.faults(DELETE, [NO_ROUTE]);
    api.faults(LIST, [Fault::Answer(404, "")]);
    assert!(matches!(delete(&api).await, Deletion::StillThere(_)));
}

#[tokio::test(start_paused = true)]
async fn a_doubt_is_settled_by_a_look() {
    let api = self::api();
    api.faults(DELETE, std::iter::repeat_n(Fault::Answer(502, ""), 4));
    let deletion = delete(&api).await;
    assert!(
        matches!(&deletion, Deletion::StillThere(error) if error.status() == Some(502)),
        "{deletion:?}"
    );

    let api = self::api();
    api.faults(DELETE, [Fault::LostAfter]);
    let webhooks = api.webhooks(|settings| settings.retry.max_attempts = 1);
    assert!(matches!(
        webhooks.delete("a", &never()).await,
        Deletion::Gone
    ));
}

#[tokio::test(start_paused = true)]
async fn a_foreign_success_confirms_nothing() {
    for (fault, gone) in [
        (Fault::Answer(200, "<html>"), false),
        (Fault::Answer(200, "ok"), false),
        (Fault::AnswerAfter(200, "<html>"), true),
        (Fault::AnswerAfter(200, ""), true),
        (Fault::AnswerAfter(200, "{}"), true),
        (Fault::AnswerAfter(202, "null"), true),
    ] {
        let api = self::api();
        api.faults(DELETE, [fault.clone()]);
        let deletion = delete(&api).await;
        assert_eq!(
            matches!(deletion, Deletion::Gone),
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
        api.faults(DELETE, [Fault::Answer(status, "")]);
        let deletion = delete(&api).await;
        assert!(
            matches!(&deletion, Deletion::StillThere(error) if error.status() == Some(status)),
            "{deletion:?}"
        );
        assert_eq!((api.count(DELETE), api.count(LIST)), (1, 0));
    }
}
