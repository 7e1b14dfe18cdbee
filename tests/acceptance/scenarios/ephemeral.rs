//! `ephemeral "immuta_webhook_test"`: a test delivery with a key that nothing keeps.

use immuta_simulator::Receiver;
use terraform_cli::{EPHEMERAL_VARIABLE, KEY, Kind, Workspace};

use super::EPHEMERAL;

scenarios! {
    EPHEMERAL => [an_ephemeral_test_is_signed_and_not_kept, an_ephemeral_test_that_fails_is_a_result],
}

fn test(w: &Workspace, receiver: &Receiver) {
    w.ephemeral_key(KEY);
    w.config(&format!(
        "{EPHEMERAL_VARIABLE}\nephemeral \"immuta_webhook_test\" \"a\" {{\n  url         = \"{}\"\n  signing_key = var.key\n}}\n",
        receiver.url(),
    ));
}

fn an_ephemeral_test_is_signed_and_not_kept(w: &Workspace) {
    let receiver = Receiver::builder()
        .signing_key(KEY)
        .start()
        .expect("a receiver starts");
    test(w, &receiver);
    w.ok(&["plan", "-no-color", "-input=false", "-out=tfplan"]);
    assert_eq!(receiver.deliveries().len(), 1, "every plan sends one");
    w.ok(&["apply", "-no-color", "-input=false", "tfplan"]);
    let deliveries = receiver.deliveries();
    // OpenTofu does not open in apply what nothing uses there.
    let in_apply = usize::from(w.cli().kind == Kind::Terraform);
    assert_eq!(deliveries.len(), 1 + in_apply, "every apply sends one");
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.verified == Some(true))
    );
    assert!(w.state().is_empty());
}

fn an_ephemeral_test_that_fails_is_a_result(w: &Workspace) {
    let receiver = Receiver::start_http();
    receiver.answer_with(500);
    test(w, &receiver);
    w.apply();
    assert!(!receiver.deliveries().is_empty());
}
