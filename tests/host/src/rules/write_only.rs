//! Rules of write-only attributes: null in every answer.

use std::collections::BTreeMap;

use crate::diagnostic::Violation;
use crate::schema::{Attribute, Block};
use crate::value::Value;

/// Complains about each write-only attribute that has a value. `summary` and `when` are what core
/// prints at that call, as in "during planning".
pub fn null(
    address: &str,
    block: &Block,
    value: &Value,
    summary: &str,
    when: &str,
) -> Vec<Violation> {
    let mut paths = Vec::new();
    collect(block, value, "", &mut paths);
    paths
        .into_iter()
        .map(|path| {
            Violation::core(
                summary,
                format!(
                    "returned a value for the write-only attribute \"{address}{path}\" {when}. Write-only attributes cannot be read back from the provider."
                ),
            )
        })
        .collect()
}

/// The same object with every write-only attribute null.
pub fn without(block: &Block, value: &Value) -> Value {
    let Value::Mapping(items) = value else {
        return value.clone();
    };
    let mut items = items.clone();
    for (name, attribute) in &block.attributes {
        if attribute.write_only {
            items.insert(name.clone(), Value::Null);
        }
    }
    Value::Mapping(items)
}

fn collect(block: &Block, value: &Value, path: &str, paths: &mut Vec<String>) {
    attributes(&block.attributes, value, path, paths);
    for (name, nested) in &block.blocks {
        each(
            value.attribute(name),
            &format!("{path}.{name}"),
            &mut |item, path| {
                collect(&nested.block, item, path, paths);
            },
        );
    }
}

fn attributes(
    schema: &BTreeMap<String, Attribute>,
    value: &Value,
    path: &str,
    paths: &mut Vec<String>,
) {
    for (name, attribute) in schema {
        let path = format!("{path}.{name}");
        let value = value.attribute(name);
        if attribute.write_only && !value.is_null() {
            paths.push(path);
        } else if let Some((inner, _)) = &attribute.nested {
            each(value, &path, &mut |item, path| {
                attributes(inner, item, path, paths);
            });
        }
    }
}

fn each(value: &Value, path: &str, f: &mut dyn FnMut(&Value, &str)) {
    match value {
        Value::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                f(item, &format!("{path}[{i}]"));
            }
        }
        Value::Mapping(_) => f(value, path),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::fixtures::webhook;
    use crate::value::unknown;

    #[test]
    fn a_value_or_an_unknown_is_complained_about() {
        let block = webhook();
        for json in [
            json!({"signing_key_wo": "s"}),
            json!({"signing_key_wo": unknown()}),
        ] {
            let value = block.object(&json).unwrap();
            let found = null(
                "immuta_webhook.a",
                &block,
                &value,
                "Provider produced invalid plan",
                "during planning",
            );
            assert_eq!(found.len(), 1);
            assert!(found[0].text.starts_with(
                "returned a value for the write-only attribute \"immuta_webhook.a.signing_key_wo\" during planning"
            ));
            assert!(null("a", &block, &without(&block, &value), "", "").is_empty());
        }
    }
}
