//! The proposed new state, computed as core computes it from the prior state and the configuration.

use crate::schema::Block;
use crate::value::{Object, Value, ValueExt as _};

/// What core sends as `proposed_new_state`: the configuration, with the prior value where an
/// attribute is computed and not configured. Without a prior state computed attributes stay null.
pub(crate) fn new_state(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.as_object().is_none() {
        return config.clone();
    }
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let configured = config.attribute(name);
        let value = match attribute.computed && configured.is_null() {
            true => prior.attribute(name),
            false => configured,
        };
        (name.as_str(), value.clone())
    });
    Object::new(attributes).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::fixtures::webhook;

    #[test]
    fn computed_attributes_come_from_the_prior_state() {
        let block = webhook();
        let object = |json| block.object(&json).unwrap();
        let prior = object(json!({"id": "1", "url": "a", "verify_tls": false, "signing_key": "k"}));
        let config = object(json!({"url": "b"}));
        assert_eq!(
            new_state(&block, &prior, &config),
            object(json!({"id": "1", "url": "b", "verify_tls": false}))
        );
        let config = object(json!({"url": "b", "signing_key_wo": "secret"}));
        assert_eq!(new_state(&block, &Value::Null, &config), config);
    }
}
