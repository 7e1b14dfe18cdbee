//! What core keeps of an object between commands, and by which rules it saves an answer.

use crate::value::{Value, ValueExt as _};

/// An object in the state file.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The attributes.
    pub value: Value,
    /// The provider's private data. Empty is none.
    pub private: Vec<u8>,
    /// The identity; null is none.
    pub identity: Value,
    /// The schema version that it was written with.
    pub version: i64,
    /// The identity schema version that it was written with.
    pub identity_version: i64,
    /// Replaced by the next apply.
    pub tainted: bool,
    /// The JSON as it stands in the file, where it is not what the attributes say: a state of an
    /// older schema, or one edited by hand.
    pub raw: Option<String>,
}

impl State {
    /// Whether there is no object.
    pub fn is_gone(&self) -> bool {
        self.value.is_null()
    }

    /// The JSON that `UpgradeResourceState` gets.
    pub fn json(&self) -> String {
        self.raw
            .clone()
            .unwrap_or_else(|| self.value.to_test_json().to_string())
    }
}

/// What an apply was to do, for the rules of saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// Make an object.
    Create,
    /// Change one in place.
    Update,
    /// Remove one.
    Delete,
}

/// What core saves after an apply. `answer` is the new state of the answer, `None` where the answer
/// did not come or could not be decoded; `failed` says that the provider reported an error or that
/// core complained.
pub fn saved(
    leg: Leg,
    prior: Option<&State>,
    answer: Option<State>,
    failed: bool,
) -> Option<State> {
    let kept = || prior.cloned();
    let Some(mut new) = answer else {
        return kept();
    };
    if new.value.is_null() {
        return match (leg, failed) {
            (Leg::Create, _) | (Leg::Delete, false) => None,
            (Leg::Update, _) | (Leg::Delete, true) => kept(),
        };
    }
    new.value = new.value.unknown_as_null();
    if new.identity.contains_unknown() {
        new.identity = Value::Null;
    }
    new.tainted = match leg {
        Leg::Create => failed,
        Leg::Update | Leg::Delete => prior.is_some_and(|p| p.tainted),
    };
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    fn state(url: Value) -> State {
        State {
            value: match url {
                Value::Null => Value::Null,
                url => Object::new([("url", url)]).into(),
            },
            private: Vec::new(),
            identity: Value::Null,
            version: 0,
            identity_version: 0,
            tainted: false,
            raw: None,
        }
    }

    #[test]
    fn a_create_is_saved_tainted_beside_an_error() {
        let made = state(Value::from("a"));
        let good = saved(Leg::Create, None, Some(made.clone()), false).unwrap();
        assert!(!good.tainted);
        assert!(saved(Leg::Create, None, Some(made), true).unwrap().tainted);
        assert_eq!(
            saved(Leg::Create, None, Some(state(Value::Null)), true),
            None
        );
        assert_eq!(saved(Leg::Create, None, None, true), None);
    }

    #[test]
    fn an_unknown_is_saved_as_null() {
        let saved = saved(Leg::Create, None, Some(state(Value::unknown())), true).unwrap();
        assert!(saved.value.attribute("url").is_null());
    }

    #[test]
    fn an_update_keeps_the_prior_state_where_nothing_comes() {
        let prior = state(Value::from("a"));
        let new = state(Value::from("b"));
        assert_eq!(
            saved(Leg::Update, Some(&prior), None, true),
            Some(prior.clone())
        );
        assert_eq!(
            saved(Leg::Update, Some(&prior), Some(state(Value::Null)), true),
            Some(prior.clone())
        );
        // Also a planned state that is returned beside an error.
        assert_eq!(
            saved(Leg::Update, Some(&prior), Some(new.clone()), true),
            Some(new)
        );
    }

    #[test]
    fn a_deletion_keeps_the_object_beside_an_error() {
        let prior = state(Value::from("a"));
        let null = state(Value::Null);
        assert_eq!(
            saved(Leg::Delete, Some(&prior), Some(null.clone()), false),
            None
        );
        assert_eq!(
            saved(Leg::Delete, Some(&prior), Some(null), true),
            Some(prior.clone())
        );
        assert_eq!(saved(Leg::Delete, Some(&prior), None, true), Some(prior));
    }
}
