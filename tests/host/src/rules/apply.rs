//! Rules of `ApplyResourceChange`.

use super::{compatible, write_only};
use crate::diagnostic::Violation;
use crate::schema::Block;
use crate::value::Value;

/// Whether the new state may follow from the plan. With an error of the provider's own core looks
/// only at unknowns and write-only values.
pub fn result(
    address: &str,
    block: &Block,
    planned: &Value,
    new: &Value,
    provider_error: bool,
    knows_write_only: bool,
) -> Vec<Violation> {
    let mut found = Vec::new();
    if knows_write_only {
        found.extend(write_only::null(
            address,
            block,
            new,
            "Provider produced invalid object",
            "after apply",
        ));
    }
    if let Some(path) = new.first_unknown() {
        found.push(Violation::core(
            "Provider returned invalid result object after apply",
            format!(
                "After the apply operation, the provider still indicated an unknown value for {address}{path}. All values must be known after apply."
            ),
        ));
    }
    if provider_error {
        return found;
    }
    if planned.is_null() {
        if !new.is_null() {
            found.push(Violation::core(
                "Provider returned invalid result object after apply",
                format!(
                    "After applying a Delete plan, the provider returned a non-null object for {address}."
                ),
            ));
        }
        return found;
    }
    let known = new.unknown_as_null();
    found.extend(
        compatible::objects(block, planned, if new.is_null() { new } else { &known })
            .into_iter()
            .map(|(path, text)| {
                Violation::core(
                    "Provider produced inconsistent result after apply",
                    format!(
                        "When applying changes to {address}, provider produced an unexpected new value: {path}{}{text}.",
                        if path.is_empty() { "" } else { ": " }
                    ),
                )
            }),
    );
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::rules::fixtures::webhook;
    use crate::value::unknown;

    fn texts(planned: Json, new: Json, provider_error: bool) -> Vec<String> {
        let block = webhook();
        let object = |json: &Json| block.object(json).unwrap();
        result(
            "immuta_webhook.a",
            &block,
            &object(&planned),
            &object(&new),
            provider_error,
            true,
        )
        .into_iter()
        .map(|v| v.to_string())
        .collect()
    }

    #[test]
    fn a_good_result_passes() {
        let planned = json!({"url": "a", "id": unknown()});
        assert!(texts(planned, json!({"url": "a", "id": "1"}), false).is_empty());
        assert!(texts(Json::Null, Json::Null, false).is_empty());
    }

    #[test]
    fn a_result_is_known_and_what_was_planned() {
        let planned = json!({"url": "a", "id": unknown()});
        let found = texts(planned.clone(), json!({"url": "a", "id": unknown()}), false);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("still indicated an unknown value for immuta_webhook.a.id"));
        let found = texts(planned.clone(), json!({"url": "b", "id": "1"}), false);
        assert!(found[0].contains(r#".url: was cty.StringVal("a"), but now cty.StringVal("b")"#));
        let found = texts(planned, Json::Null, false);
        assert!(found[0].contains("Root object was present, but now absent"));
    }

    #[test]
    fn nothing_is_left_of_a_deletion() {
        let found = texts(Json::Null, json!({"url": "a"}), false);
        assert!(found[0].contains("After applying a Delete plan"));
        assert!(texts(Json::Null, json!({"url": "a"}), true).is_empty());
    }

    #[test]
    fn beside_an_error_a_state_may_differ_but_not_be_unknown() {
        let planned = json!({"url": "a", "id": unknown()});
        assert!(texts(planned.clone(), json!({"url": "b"}), true).is_empty());
        assert!(texts(planned.clone(), Json::Null, true).is_empty());
        assert_eq!(
            texts(planned, json!({"url": "a", "id": unknown()}), true).len(),
            1
        );
    }

    #[test]
    fn write_only_values_are_not_returned() {
        let planned = json!({"url": "a"});
        let found = texts(planned, json!({"url": "a", "signing_key_wo": "s"}), true);
        assert!(found[0].contains("after apply"));
    }
}
