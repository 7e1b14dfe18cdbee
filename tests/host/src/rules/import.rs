//! Rules of `ImportResourceState`.

use super::write_only;
use crate::diagnostic::Violation;
use crate::schema::Block;
use crate::value::Value;

/// One object that an import returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its type name.
    pub type_name: String,
    /// Its state, decoded by the schema of the type that was asked for.
    pub state: Value,
    /// Its private data.
    pub private: Vec<u8>,
    /// Its identity, null where there is none.
    pub identity: Value,
}

/// An import gives exactly one object, of the type that was asked for, not null, and known; with an
/// identity where it was asked for by one.
pub fn objects(
    address: &str,
    type_name: &str,
    block: &Block,
    imported: &[Imported],
    by_identity: bool,
) -> Vec<Violation> {
    let mut found = Vec::new();
    match imported.len() {
        0 => found.push(Violation::core(
            "Import returned no resources",
            format!("While attempting to import {address}, the provider returned no instance states. The command says \"Import successful!\"."),
        )),
        1 => {}
        _ => found.push(Violation::core(
            "Multiple import states not supported",
            format!("While attempting to import {address}, the provider returned multiple resource instance states."),
        )),
    }
    for object in imported {
        if object.type_name != type_name {
            found.push(Violation::core(
                "Provider produced an invalid import",
                format!(
                    "unknown resource type {:?}; {type_name} was asked for",
                    object.type_name
                ),
            ));
        }
        if object.state.is_null() {
            found.push(Violation::core(
                "Import returned null resource",
                format!("While attempting to import {address}, the provider returned an instance with no state."),
            ));
        }
        if let Some(path) = object.state.first_unknown() {
            found.push(Violation::silent(
                "Import returned an unknown",
                format!("{address}{path}"),
            ));
        }
        found.extend(write_only::null(
            address,
            block,
            &object.state,
            "Import returned a non-null value for a write-only attribute",
            "during import",
        ));
        if by_identity && object.identity.is_null() {
            found.push(Violation::core(
                "Provider produced an invalid import",
                format!("import of {address} didn't return an identity"),
            ));
        }
        if object.identity.first_unknown().is_some() {
            found.push(Violation::core(
                "Provider produced invalid identity",
                format!("the identity of {address} has unknown values"),
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

    fn imported(state: serde_json::Value) -> Imported {
        Imported {
            type_name: "immuta_webhook".to_owned(),
            state: webhook().object(&state).unwrap(),
            private: Vec::new(),
            identity: Value::string("there"),
        }
    }

    fn complaints(objects_: &[Imported]) -> Vec<String> {
        objects(
            "immuta_webhook.a",
            "immuta_webhook",
            &webhook(),
            objects_,
            true,
        )
        .into_iter()
        .map(|v| v.summary)
        .collect()
    }

    #[test]
    fn one_whole_object_passes() {
        assert!(complaints(&[imported(json!({"id": "1"}))]).is_empty());
    }

    #[test]
    fn anything_else_is_complained_about() {
        let good = imported(json!({"id": "1"}));
        assert_eq!(complaints(&[]), ["Import returned no resources"]);
        assert_eq!(
            complaints(&[good.clone(), good.clone()]),
            ["Multiple import states not supported"]
        );
        let null = imported(serde_json::Value::Null);
        assert_eq!(complaints(&[null]), ["Import returned null resource"]);
        let mut wrong = good.clone();
        wrong.type_name = String::new();
        wrong.identity = Value::Null;
        assert_eq!(complaints(&[wrong]).len(), 2);
        for state in [json!({"id": unknown()}), json!({"signing_key_wo": "s"})] {
            assert_eq!(complaints(&[imported(state)]).len(), 1);
        }
        let mut unknown_identity = good;
        unknown_identity.identity = Value::unknown();
        assert_eq!(
            complaints(&[unknown_identity]),
            ["Provider produced invalid identity"]
        );
    }
}
