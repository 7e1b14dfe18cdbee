//! Rules of `ReadResource` and `UpgradeResourceState`.

use super::write_only;
use crate::diagnostic::Violation;
use crate::schema::Block;
use crate::value::Value;

/// A state that was read is known and holds no write-only value.
pub fn state(address: &str, block: &Block, new: &Value, knows_write_only: bool) -> Vec<Violation> {
    let mut found = Vec::new();
    if knows_write_only {
        found.extend(write_only::null(
            address,
            block,
            new,
            "Provider produced invalid object",
            "during refresh",
        ));
    }
    if new.first_unknown().is_some() {
        found.push(Violation::core(
            "Provider produced invalid object",
            format!(
                "planned an invalid value for {address} during refresh: The returned state contains unknown values."
            ),
        ));
    }
    found
}

/// An upgraded state is known and holds no write-only value.
pub fn upgraded(
    address: &str,
    block: &Block,
    new: &Value,
    knows_write_only: bool,
) -> Vec<Violation> {
    const SUMMARY: &str = "Invalid resource state upgrade";
    let mut found = Vec::new();
    if knows_write_only {
        found.extend(write_only::null(
            address,
            block,
            new,
            SUMMARY,
            "during upgrade",
        ));
    }
    if new.first_unknown().is_some() {
        found.push(Violation::core(
            SUMMARY,
            format!("The upgraded state of {address} contains unknown values."),
        ));
    }
    if new.is_null() {
        found.push(Violation::silent(
            SUMMARY,
            format!("nothing was returned for {address}; core then reads a null state."),
        ));
    }
    found
}

/// Private data must be echoed: core forgets what an answer leaves out.
pub fn private(address: &str, before: &[u8], after: &[u8], new: &Value) -> Vec<Violation> {
    if before.is_empty() || !after.is_empty() || new.is_null() {
        return Vec::new();
    }
    vec![Violation::silent(
        "Private data dropped",
        format!("the read of {address} returned none, so that core forgets what it held."),
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::fixtures::webhook;
    use crate::value::unknown;

    #[test]
    fn a_state_is_known_and_without_write_only_values() {
        let block = webhook();
        let good = block.object(&json!({"url": "a"})).unwrap();
        assert!(state("a", &block, &good, true).is_empty());
        assert!(state("a", &block, &Value::Null, true).is_empty());
        assert!(upgraded("a", &block, &good, true).is_empty());
        for bad in [json!({"url": unknown()}), json!({"signing_key_wo": "s"})] {
            let bad = block.object(&bad).unwrap();
            assert_eq!(state("a", &block, &bad, true).len(), 1);
            assert_eq!(upgraded("a", &block, &bad, true).len(), 1);
        }
        assert_eq!(upgraded("a", &block, &Value::Null, true).len(), 1);
    }

    #[test]
    fn private_data_is_echoed() {
        let object = Value::string("there");
        assert_eq!(private("a", b"{}", b"", &object).len(), 1);
        assert!(private("a", b"{}", b"{}", &object).is_empty());
        assert!(private("a", b"", b"", &object).is_empty());
        assert!(private("a", b"{}", b"", &Value::Null).is_empty());
    }
}
