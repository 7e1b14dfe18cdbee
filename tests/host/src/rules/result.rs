//! Rules of values that end somewhere as they are: states of data sources, results of ephemeral
//! resources and functions.

use crate::diagnostic::Violation;
use crate::schema::Block;
use crate::value::Value;
use crate::value::render::go;

const INVALID: &str = "Provider produced invalid object";

/// The state of a data source, or the result of an ephemeral resource, is an object that is
/// wholly known.
pub fn known_object(address: &str, value: &Value) -> Vec<Violation> {
    if value.is_null() {
        return vec![Violation::core(
            "Provider produced null object",
            format!("produced a null value for {address}."),
        )];
    }
    match value.first_unknown() {
        Some(path) => vec![Violation::core(
            INVALID,
            format!("produced a value for {address}{path} that is not wholly known."),
        )],
        None => Vec::new(),
    }
}

/// What was configured is in the result as it was configured. Core does not look at this for data
/// sources, and the user finds a value in state that is not the one in HCL.
pub fn echoes_config(
    address: &str,
    block: &Block,
    config: &Value,
    value: &Value,
) -> Vec<Violation> {
    if value.is_null() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (name, attribute) in &block.attributes {
        let (configured, given) = (config.attribute(name), value.attribute(name));
        let allowed = configured == given
            || configured.is_unknown()
            || attribute.write_only
            || (configured.is_null() && attribute.computed);
        if !allowed {
            let text = if attribute.sensitive {
                "a sensitive value that differs from the configured one".to_owned()
            } else {
                format!(
                    "{} where {} is configured",
                    go(given, &attribute.ty),
                    go(configured, &attribute.ty)
                )
            };
            found.push(Violation::silent(
                INVALID,
                format!("{address}.{name}: {text}"),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::fixtures::webhook;
    use crate::value::unknown;

    #[test]
    fn a_result_is_known_and_not_null() {
        let block = webhook();
        let good = block.object(&json!({"url": "a"})).unwrap();
        assert!(known_object("data.x.y", &good).is_empty());
        let bad = block.object(&json!({"url": unknown()})).unwrap();
        assert!(
            known_object("data.x.y", &bad)[0]
                .text
                .contains("data.x.y.url that is not wholly known")
        );
        assert_eq!(
            known_object("data.x.y", &Value::Null)[0].summary,
            "Provider produced null object"
        );
    }

    #[test]
    fn a_result_holds_what_was_configured() {
        let block = webhook();
        let config = block
            .object(&json!({"url": "a", "signing_key": "k"}))
            .unwrap();
        let good = block
            .object(&json!({"url": "a", "signing_key": "k", "id": "1"}))
            .unwrap();
        assert!(echoes_config("data.x.y", &block, &config, &good).is_empty());
        let bad = block
            .object(&json!({"url": "b", "signing_key": "l"}))
            .unwrap();
        let texts: Vec<_> = echoes_config("data.x.y", &block, &config, &bad)
            .into_iter()
            .map(|v| v.text)
            .collect();
        assert_eq!(texts.len(), 2);
        assert!(texts.iter().all(|t| !t.contains("\"l\"")));
    }
}
