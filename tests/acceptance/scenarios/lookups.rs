//! The data sources that look things up: webhooks, their deliveries, the user of the token.

use immuta_simulator::{DeliveryRecord, HistoryOrder, Route, StoredWebhook};
use serde_json::json;
use terraform_cli::{Needs, Workspace};

scenarios! {
    Needs::ANY => [
        a_webhook_by_its_id_and_by_its_url,
        a_webhook_that_is_not_there_or_not_alone,
        all_webhooks_and_some_of_them,
        deliveries_newest_first_over_many_pages,
        the_user_of_the_token,
    ],
}

fn a_webhook_by_its_id_and_by_its_url(w: &Workspace) {
    let id = w.api.insert(
        StoredWebhook::new("https://hooks.example.com/one")
            .with_key("k")
            .with_suppressed(true),
    );
    w.config(&format!(
        r#"
data "immuta_webhook" "by_id" {{
  id = "{id}"
}}

data "immuta_webhook" "by_url" {{
  url = "HTTPS://hooks.example.com:443/one"
}}
"#
    ));
    w.apply();
    let by_id = w.values("data.immuta_webhook.by_id");
    assert_eq!(by_id["url"], "https://hooks.example.com/one");
    assert_eq!(
        (
            &by_id["verify_tls"],
            &by_id["signing_key_set"],
            &by_id["suppressed"]
        ),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(w.values("data.immuta_webhook.by_url")["id"], id.as_str());
}

fn a_webhook_that_is_not_there_or_not_alone(w: &Workspace) {
    const NOBODY: &str = "00000000-1111-4222-8333-444444444444";
    w.config(&format!(
        "data \"immuta_webhook\" \"a\" {{\n  id = \"{NOBODY}\"\n}}\n"
    ));
    assert!(w.plan_fails().contains(NOBODY));
    for type_name in ["immuta_webhook_test", "immuta_webhook_deliveries"] {
        w.config(&format!(
            "data \"{type_name}\" \"a\" {{\n  webhook_id = \"{NOBODY}\"\n}}\n"
        ));
        let text = w.plan_fails();
        assert!(
            text.contains("or the id is not one of this tenant"),
            "{text}"
        );
    }
    let ids = [(); 2].map(|()| {
        w.api
            .insert(StoredWebhook::new("https://hooks.example.com/duplicate"))
    });
    w.config(
        "data \"immuta_webhook\" \"a\" {\n  url = \"https://hooks.example.com/duplicate\"\n}\n",
    );
    let text = w.plan_fails();
    assert!(ids.iter().all(|id| text.contains(id)), "{text}");
    for arguments in ["", "id = \"x\"\n  url = \"https://hooks.example.com\""] {
        w.config(&format!(
            "data \"immuta_webhook\" \"a\" {{\n  {arguments}\n}}\n"
        ));
        w.fails(&["validate", "-no-color"]);
    }
}

fn all_webhooks_and_some_of_them(w: &Workspace) {
    for n in 0..3 {
        w.api
            .insert(StoredWebhook::new(format!("https://a.example.com/{n}")));
    }
    w.api
        .insert(StoredWebhook::new("https://b.example.com/").with_suppressed(true));
    w.config(
        r#"
data "immuta_webhooks" "all" {}

data "immuta_webhooks" "of_a" {
  url_prefix = "https://a.example.com/"
}

data "immuta_webhooks" "suppressed" {
  suppressed = true
}
"#,
    );
    w.apply();
    let found = |name: &str| {
        w.values(&format!("data.immuta_webhooks.{name}"))["webhooks"]
            .as_array()
            .map_or(0, Vec::len)
    };
    assert_eq!(
        (found("all"), found("of_a"), found("suppressed")),
        (4, 3, 1)
    );
    w.no_changes();
}

fn deliveries_newest_first_over_many_pages(w: &Workspace) {
    let id = w
        .api
        .insert(StoredWebhook::new("https://hooks.example.com/busy"));
    w.api.add_history(
        &id,
        (0..230).map(|n| DeliveryRecord::now(&id, "SUCCESS", 200, &format!("number {n}"))),
    );
    w.config(&format!(
        r#"
data "immuta_webhook_deliveries" "few" {{
  webhook_id = "{id}"
}}

data "immuta_webhook_deliveries" "many" {{
  webhook_id = "{id}"
  limit      = 210
}}
"#
    ));
    for order in [HistoryOrder::OldestFirst, HistoryOrder::NewestFirst] {
        w.api.behave(|behaviour| behaviour.history_order = order);
        w.apply();
        for (name, count) in [("few", 25), ("many", 210)] {
            let values = w.values(&format!("data.immuta_webhook_deliveries.{name}"));
            let deliveries = values["deliveries"]
                .as_array()
                .expect("a list of deliveries");
            assert_eq!(deliveries.len(), count);
            // Several of one moment may come in any order.
            let times: Vec<_> = deliveries
                .iter()
                .map(|delivery| delivery["created_at"].as_str().unwrap_or_default())
                .collect();
            assert!(
                times.is_sorted_by(|newer, older| newer >= older),
                "{times:?}"
            );
        }
    }
    assert!(w.requests(Route::History) > 0);
}

fn the_user_of_the_token(w: &Workspace) {
    w.config("data \"immuta_current_user\" \"me\" {}\n");
    w.apply();
    let values = w.values("data.immuta_current_user.me");
    assert_eq!(values["username"], "terraform@example.com");
    assert_eq!(values["segment"], "na");
    assert_eq!(values["permissions"], json!(["APPLICATION_ADMIN"]));
    let expires = values["token_expires_at"].as_str().expect("a time");
    assert!(expires.contains('T') && expires.ends_with('Z'), "{expires}");
}
