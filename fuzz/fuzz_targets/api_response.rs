//! The decoders of the API's responses: no bytes may panic them, and an id that one of them finds is
//! the one that is recovered where the rest of the response cannot be parsed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use terraform_provider_immuta::immuta::{fuzzing, models};

fuzz_target!(|data: &[u8]| {
    let Some((decoder, body)) = data.split_first() else {
        return;
    };
    match decoder % 5 {
        0 => {
            let recovered = fuzzing::recover_id(body);
            if let (Ok(webhook), Some(id)) = (models::decode_webhook(body), recovered) {
                assert!(webhook.id == id, "another id was recovered");
            }
        }
        1 => {
            if let Ok(webhooks) = models::decode_webhooks(body) {
                assert!(webhooks.len() <= body.len());
            }
        }
        2 => {
            if let Ok(result) = models::decode_test_result(body) {
                assert!(["SUCCESS", "FAILED", "UNSPECIFIED"].contains(&result.status.as_str()));
            }
        }
        3 => {
            if let Ok(page) = models::decode_history_page(body) {
                assert!(page.data.len() <= body.len());
            }
        }
        _ => {
            let _ = models::decode_user(body);
        }
    }
});
