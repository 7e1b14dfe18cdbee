//! Rules of resource identities.

use crate::diagnostic::Violation;
use crate::value::Value;

/// What the identity of an answer must be. `prior` is the identity that core sent, `object` what
/// the answer says of the object.
pub fn returned(address: &str, prior: &Value, identity: &Value, object: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    if identity.first_unknown().is_some() {
        found.push(Violation::core(
            "Provider produced invalid identity",
            format!("returned an identity with unknown values for {address}."),
        ));
        return found;
    }
    if object.is_null() {
        return found;
    }
    if identity.is_null() {
        let how = if prior.is_null() { "no" } else { "dropped the" };
        found.push(Violation::silent(
            "Identity missing",
            format!("{how} identity of {address}: core keeps none."),
        ));
    } else if !prior.is_null() && prior != identity {
        found.push(Violation::silent(
            "Identity changed",
            format!("the identity of {address} is not the one that it had."),
        ));
    }
    found
}

/// A planned identity is the prior one of an update; a create has none yet, or a known one.
pub fn planned(address: &str, prior: &Value, identity: &Value, create: bool) -> Vec<Violation> {
    if identity.first_unknown().is_some() {
        return vec![Violation::core(
            "Provider produced invalid identity",
            format!("planned an identity with unknown values for {address}."),
        )];
    }
    if create && !prior.is_null() && prior == identity {
        return vec![Violation::silent(
            "Identity of the replaced object",
            format!("the plan of the new {address} has the identity of the old one."),
        )];
    }
    if !create && prior != identity && !prior.is_null() {
        return vec![Violation::silent(
            "Identity changed",
            format!("the plan of {address} does not keep its identity."),
        )];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn id(text: &str) -> Value {
        Value::Mapping(BTreeMap::from([("id".to_owned(), Value::string(text))]))
    }

    fn unknown_id() -> Value {
        Value::Mapping(BTreeMap::from([("id".to_owned(), Value::unknown())]))
    }

    #[test]
    fn an_identity_is_there_known_and_the_same() {
        let object = Value::string("there");
        assert!(returned("a", &Value::Null, &id("1"), &object).is_empty());
        assert!(returned("a", &id("1"), &id("1"), &object).is_empty());
        assert!(returned("a", &id("1"), &Value::Null, &Value::Null).is_empty());
        for (prior, identity) in [
            (Value::Null, Value::Null),
            (id("1"), Value::Null),
            (id("1"), id("2")),
            (Value::Null, unknown_id()),
        ] {
            assert_eq!(
                returned("a", &prior, &identity, &object).len(),
                1,
                "{prior:?}"
            );
        }
    }

    #[test]
    fn a_planned_identity_is_not_the_one_of_the_replaced_object() {
        assert!(planned("a", &id("1"), &Value::Null, true).is_empty());
        assert!(planned("a", &id("1"), &id("1"), false).is_empty());
        assert_eq!(planned("a", &id("1"), &id("1"), true).len(), 1);
        assert_eq!(planned("a", &id("1"), &Value::Null, false).len(), 1);
        assert_eq!(planned("a", &Value::Null, &unknown_id(), true).len(), 1);
    }
}
