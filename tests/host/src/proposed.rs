//! The proposed new state, computed as core computes it from the prior state and the configuration.

use std::collections::BTreeMap;

use crate::schema::{Attribute, Block, Nesting};
use crate::value::Value;

/// What core sends as `proposed_new_state`: the configuration, with the prior value where an
/// attribute is computed and not configured. Without a prior state computed attributes stay null.
pub fn new_state(block: &Block, prior: &Value, config: &Value) -> Value {
    let Value::Mapping(configured) = config else {
        return config.clone();
    };
    let mut proposed = attributes(&block.attributes, prior, configured);
    for (name, nested) in &block.blocks {
        let config = configured.get(name).unwrap_or(&Value::Null);
        let prior = prior.attribute(name);
        let value = match nested.nesting {
            Nesting::Single | Nesting::Group => new_state(&nested.block, prior, config),
            Nesting::List => by_index(prior, config, |p, c| new_state(&nested.block, p, c)),
            Nesting::Map => by_key(prior, config, |p, c| new_state(&nested.block, p, c)),
            // Core pairs the elements of sets by what is configured; none is paired here.
            Nesting::Set => config.clone(),
        };
        proposed.insert(name.clone(), value);
    }
    Value::Mapping(proposed)
}

fn attributes(
    schema: &BTreeMap<String, Attribute>,
    prior: &Value,
    configured: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    schema
        .iter()
        .map(|(name, attribute)| {
            let config = configured.get(name).unwrap_or(&Value::Null);
            let prior = prior.attribute(name);
            let value = if attribute.computed && config.is_null() {
                prior.clone()
            } else if let Some((inner, nesting)) = &attribute.nested {
                nested(inner, *nesting, prior, config)
            } else {
                config.clone()
            };
            (name.clone(), value)
        })
        .collect()
}

fn nested(
    schema: &BTreeMap<String, Attribute>,
    nesting: Nesting,
    prior: &Value,
    config: &Value,
) -> Value {
    let object = |prior: &Value, config: &Value| match config {
        Value::Mapping(items) => Value::Mapping(attributes(schema, prior, items)),
        other => other.clone(),
    };
    match nesting {
        Nesting::Single | Nesting::Group => object(prior, config),
        Nesting::List => by_index(prior, config, object),
        Nesting::Map => by_key(prior, config, object),
        Nesting::Set => config.clone(),
    }
}

fn by_index(prior: &Value, config: &Value, each: impl Fn(&Value, &Value) -> Value) -> Value {
    let Value::Sequence(items) = config else {
        return config.clone();
    };
    let before = prior.as_slice().unwrap_or_default();
    let items = items.iter().enumerate();
    Value::Sequence(
        items
            .map(|(i, item)| each(before.get(i).unwrap_or(&Value::Null), item))
            .collect(),
    )
}

fn by_key(prior: &Value, config: &Value, each: impl Fn(&Value, &Value) -> Value) -> Value {
    let Value::Mapping(items) = config else {
        return config.clone();
    };
    Value::Mapping(
        items
            .iter()
            .map(|(k, item)| (k.clone(), each(prior.attribute(k), item)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::fixtures::webhook;

    #[test]
    fn computed_attributes_come_from_the_prior_state() {
        let block = webhook();
        let prior = block
            .object(&json!({"id": "1", "url": "a", "verify_tls": false, "signing_key": "k"}))
            .unwrap();
        let config = block.object(&json!({"url": "b"})).unwrap();
        let proposed = new_state(&block, &prior, &config);
        assert_eq!(
            proposed,
            block
                .object(&json!({"id": "1", "url": "b", "verify_tls": false}))
                .unwrap()
        );
    }

    #[test]
    fn without_a_prior_state_it_is_the_configuration() {
        let block = webhook();
        let config = block
            .object(&json!({"url": "b", "signing_key_wo": "secret"}))
            .unwrap();
        assert_eq!(new_state(&block, &Value::Null, &config), config);
    }
}
