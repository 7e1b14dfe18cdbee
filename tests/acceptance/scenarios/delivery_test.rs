//! `data "immuta_webhook_test"`: real deliveries, signed, to a receiver that checks them.

use immuta_simulator::{Receiver, Route};
use terraform_cli::{KEY, KEY_VARIABLE, Needs, Workspace};

use super::BLOCKS;

scenarios! {
    Needs::ANY => [
        test_of_a_configuration,
        test_of_a_webhook,
        a_failed_delivery_is_a_result,
        the_certificate_of_the_receiver,
    ],
    BLOCKS => [
        a_check_that_holds,
        a_check_that_does_not_hold_is_a_warning,
        a_check_whose_test_cannot_run_is_a_warning,
    ],
}

/// A receiver that knows the key.
fn verifying() -> Receiver {
    Receiver::builder()
        .signing_key(KEY)
        .start()
        .expect("a receiver starts")
}

fn test_of_a_configuration(w: &Workspace) {
    let receiver = verifying();
    w.key(KEY);
    w.config(&format!(
        "{KEY_VARIABLE}data \"immuta_webhook_test\" \"a\" {{\n  url         = \"{}\"\n  signing_key = var.signing_key\n}}\n",
        receiver.url(),
    ));
    w.apply();
    let values = w.values("data.immuta_webhook_test.a");
    assert_eq!(values["status"], "SUCCESS", "{values}");
    assert_eq!(values["success"], true);
    assert_eq!(values["http_status_code"], 200);
    assert_eq!(values["error_message"], serde_json::Value::Null);
    assert_eq!(receiver.deliveries()[0].verified, Some(true));
    assert_eq!(w.api.webhooks().len(), 0, "a test registers nothing");

    let before = receiver.deliveries().len();
    w.ok(&["plan", "-no-color", "-detailed-exitcode"]);
    assert_eq!(
        receiver.deliveries().len(),
        before + 1,
        "every plan sends one"
    );
}

fn test_of_a_webhook(w: &Workspace) {
    let receiver = verifying();
    w.key(KEY);
    w.config(&format!(
        "{KEY_VARIABLE}resource \"immuta_webhook\" \"a\" {{\n  url         = \"{}\"\n  signing_key = var.signing_key\n}}\ndata \"immuta_webhook_test\" \"a\" {{\n  webhook_id = immuta_webhook.a.id\n}}\noutput \"success\" {{\n  value = data.immuta_webhook_test.a.success\n}}\n",
        receiver.url(),
    ));
    w.plan();
    assert_eq!(
        receiver.deliveries().len(),
        0,
        "what does not exist yet is not tested in a plan"
    );
    w.apply();
    let values = w.values("data.immuta_webhook_test.a");
    assert_eq!(values["success"], true, "{values}");
    assert_eq!(values["webhook_id"], w.only().id.as_str());
    assert_eq!(receiver.deliveries().len(), 1);
    assert_eq!(receiver.deliveries()[0].verified, Some(true));
    w.no_changes();
}

fn a_failed_delivery_is_a_result(w: &Workspace) {
    let receiver = Receiver::start_http();
    receiver.answer_with(503);
    let closed = unused_address();
    w.config(&format!(
        "data \"immuta_webhook_test\" \"refused\" {{\n  url = \"{}\"\n}}\ndata \"immuta_webhook_test\" \"closed\" {{\n  url = \"http://{closed}/\"\n}}\n",
        receiver.url(),
    ));
    w.apply();
    let refused = w.values("data.immuta_webhook_test.refused");
    assert_eq!(
        (&refused["status"], &refused["success"]),
        (&"FAILED".into(), &false.into()),
        "{refused}"
    );
    assert_eq!(refused["http_status_code"], 503);
    let closed = w.values("data.immuta_webhook_test.closed");
    assert_eq!(closed["success"], false, "{closed}");
    assert!(
        closed["error_message"]
            .as_str()
            .is_some_and(|message| !message.is_empty()),
        "{closed}"
    );
}

/// An address at which nobody listens.
fn unused_address() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address")
}

fn the_certificate_of_the_receiver(w: &Workspace) {
    let receiver = Receiver::start_https();
    let test = |name: &str, verify: bool| {
        format!(
            "data \"immuta_webhook_test\" \"{name}\" {{\n  url        = \"{}\"\n  verify_tls = {verify}\n}}\n",
            receiver.url()
        )
    };
    w.config(&format!(
        "{}{}",
        test("verified", true),
        test("trusted", false)
    ));
    w.apply();
    let verified = w.values("data.immuta_webhook_test.verified");
    assert_eq!(verified["success"], false, "{verified}");
    let trusted = w.values("data.immuta_webhook_test.trusted");
    assert_eq!(trusted["success"], true, "{trusted}");
    assert_eq!(receiver.deliveries().len(), 1);
}

fn check(w: &Workspace, url: &str) {
    w.config(&format!(
        r#"
resource "immuta_webhook" "a" {{
  url = "{url}"
}}

check "delivers" {{
  data "immuta_webhook_test" "a" {{
    webhook_id = immuta_webhook.a.id
  }}

  assert {{
    condition     = data.immuta_webhook_test.a.success
    error_message = "The receiver answered ${{data.immuta_webhook_test.a.http_status_code}}."
  }}
}}
"#
    ));
}

fn a_check_that_holds(w: &Workspace) {
    let receiver = Receiver::start_http();
    check(w, &receiver.url());
    let applied = w.apply();
    assert!(
        !applied.text.contains("Check block assertion failed"),
        "{}",
        applied.text
    );
    assert_eq!(receiver.deliveries().len(), 1);
    // Core reads the data source of a check again in every apply, so such a plan is never empty.
    let plan = w.plan();
    assert_eq!(plan.action("immuta_webhook.a"), "no-op");
    assert!(
        plan.text.contains("0 to add, 0 to change, 0 to destroy"),
        "{}",
        plan.text
    );
}

fn a_check_that_does_not_hold_is_a_warning(w: &Workspace) {
    let receiver = Receiver::start_http();
    receiver.answer_with(500);
    check(w, &receiver.url());
    let applied = w.apply();
    assert!(
        applied.text.contains("Check block assertion failed"),
        "{}",
        applied.text
    );
    assert!(
        applied.text.contains("The receiver answered 500."),
        "{}",
        applied.text
    );
    assert_eq!(
        w.state()
            .keys()
            .filter(|address| *address == "immuta_webhook.a")
            .count(),
        1
    );
}

fn a_check_whose_test_cannot_run_is_a_warning(w: &Workspace) {
    w.without(&[Route::TestConfig, Route::TestById]);
    check(w, "https://hooks.example.com/immuta");
    let applied = w.apply();
    assert!(applied.text.contains("Warning:"), "{}", applied.text);
    assert_eq!(w.api.webhooks().len(), 1);
}
