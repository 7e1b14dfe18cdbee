use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Reply, Route};
use serde_json::json;

use crate::rig::{A, KEY, Pace, Scene, config, url};

const NAMES: [&str; 3] = ["immuta_webhook.a", "immuta_webhook.b", "immuta_webhook.c"];

/// One create is reset before its effect, one is answered too late, one goes well, in any order.
pub(super) fn three_of_one_url_never_share_an_id() {
    let late = Duration::from_millis(2200);
    let pace = Pace {
        request: Duration::from_millis(1500),
        ..Pace::default()
    };
    for (reset, answered_late) in [(1, 2), (2, 1), (1, 3), (3, 2)] {
        let mut scene = Scene::new(pace);
        for name in NAMES {
            scene.ws.set(name, config(&url("same"), Some(KEY)));
        }
        let create = |nth| On::from(Route::Create).nth(nth);
        scene
            .api
            .fault(Fault::once(create(reset), FaultKind::ResetBefore));
        scene.api.fault(Fault::once(
            create(answered_late),
            FaultKind::AnsweredLate(late),
        ));
        let output = scene.apply();
        assert!(output.failed);
        assert_eq!(scene.count(Route::Create), 3, "a POST was sent again");
        let states = scene.ws.states();
        assert_eq!(states.len(), 2, "{}", output.text);
        assert!(states.values().all(|s| !s.tainted), "{}", output.text);
        assert_eq!(scene.ids_in_state().len(), 2, "two share an id");
        assert_eq!(scene.ids_in_state(), scene.ids_in_api());
        assert!(
            output.says("Webhook may have been created"),
            "{}",
            output.text
        );
        scene.api.clear_faults();
        scene.apply_ok();
        scene.no_changes();
        assert_eq!(scene.ids_in_state().len(), 3);
        assert_eq!(scene.ids_in_state(), scene.ids_in_api());
        let held = scene.api.webhooks();
        assert!(held.iter().all(|w| w.signing_key.as_deref() == Some(KEY)));
        scene.finish();
    }
}

/// An API that answers a create with a webhook that existed before, whoever made it: no address adopts it.
pub(super) fn an_answer_with_an_id_that_was_there_is_no_webhook_of_ours() {
    let mut scene = Scene::new(Pace::default());
    for name in [NAMES[0], NAMES[1]] {
        scene.ws.set(name, config(&url(name), None));
    }
    let old = immuta_simulator::StoredWebhook::new(url("made"));
    let answer = json!({ "id": old.id, "url": old.url });
    let id = scene.api.insert(old);
    scene.api.fault(Fault::always(
        Route::Create,
        FaultKind::Status(Reply::with_body(200, answer)),
    ));
    let output = scene.apply();
    assert!(output.failed, "{}", output.text);
    assert!(output.text.contains("existed before"), "{}", output.text);
    assert_eq!(scene.ws.states().len(), 0, "a webhook was adopted");
    scene.api.clear_faults();
    scene.apply_ok();
    assert!(!scene.ids_in_state().contains(&id));
    scene.api.remove(&id);
    scene.finish();
}

/// Without a list from before, a new webhook with the url may be anybody's.
pub(super) fn a_create_of_unknown_outcome_adopts_nothing_where_there_is_no_list_before_it() {
    let mut scene = Scene::new(Pace::default());
    scene.webhook(&url("a"), Some(KEY));
    // The list of the plan, and that of the apply.
    scene.api.fault(Fault::times(
        2,
        Route::List,
        FaultKind::Status(Reply::error(403)),
    ));
    scene
        .api
        .fault(Fault::once(Route::Create, FaultKind::ResetAfter));
    let output = scene.apply();
    assert!(
        output.says("Webhook may have been created"),
        "{}",
        output.text
    );
    let orphan = scene.ids_in_api().into_iter().next().expect("it was made");
    let command = format!("terraform import ADDRESS {orphan}");
    assert!(output.text.contains(&command), "{}", output.text);
    assert!(scene.ws.states().is_empty());
    // As the error says.
    let result = scene.ws.import(A, &orphan);
    scene.check(result);
    scene.apply_ok();
    scene.no_changes();
    assert_eq!(scene.ids_in_state(), scene.ids_in_api());
    scene.finish();
}
