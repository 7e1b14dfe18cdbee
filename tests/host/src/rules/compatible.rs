//! Whether a later value agrees with what an earlier plan knew of it.

use crate::schema::{Block, Nesting};
use crate::value::render::{attribute, element, go};
use crate::value::{Refinements, Type, Value};

/// Where `actual` contradicts `planned`: path and text. The values of sensitive attributes are not
/// printed.
pub fn objects(block: &Block, planned: &Value, actual: &Value) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    compare_objects(block, planned, actual, "", &mut problems);
    problems
}

fn compare_objects(
    block: &Block,
    planned: &Value,
    actual: &Value,
    path: &str,
    problems: &mut Vec<(String, String)>,
) {
    let mut complain = |text: &str| {
        let root = if path.is_empty() { "Root object " } else { "" };
        problems.push((path.to_owned(), format!("{root}{text}")));
    };
    if planned.is_null() && !actual.is_null() {
        return complain("was absent, but now present");
    }
    if actual.is_null() && !planned.is_null() {
        return complain("was present, but now absent");
    }
    if planned.is_null() {
        return;
    }
    for (name, schema) in &block.attributes {
        let path = format!("{path}.{name}");
        let mut found = Vec::new();
        compare(
            planned.attribute(name),
            actual.attribute(name),
            &schema.ty,
            &path,
            &mut found,
        );
        if schema.sensitive && !found.is_empty() {
            problems.push((
                path,
                "inconsistent values for sensitive attribute".to_owned(),
            ));
        } else {
            problems.append(&mut found);
        }
    }
    for (name, nested) in &block.blocks {
        let path = format!("{path}.{name}");
        let (planned, actual) = (planned.attribute(name), actual.attribute(name));
        match (nested.nesting, planned, actual) {
            (Nesting::Single | Nesting::Group, _, _) => {
                compare_objects(&nested.block, planned, actual, &path, problems);
            }
            (Nesting::List | Nesting::Set, Value::Sequence(p), Value::Sequence(a)) => {
                if p.len() != a.len() {
                    problems.push((
                        path,
                        format!("block count changed from {} to {}", p.len(), a.len()),
                    ));
                } else if nested.nesting == Nesting::List {
                    for (i, (p, a)) in p.iter().zip(a).enumerate() {
                        compare_objects(&nested.block, p, a, &format!("{path}[{i}]"), problems);
                    }
                }
            }
            (Nesting::Map, Value::Mapping(p), Value::Mapping(a)) => {
                for (key, p) in p {
                    let path = format!("{path}[{key:?}]");
                    match a.get(key) {
                        Some(a) => compare_objects(&nested.block, p, a, &path, problems),
                        None => problems.push((path, "block has vanished".to_owned())),
                    }
                }
            }
            _ => compare(planned, actual, &Type::Dynamic, &path, problems),
        }
    }
}

fn compare(
    planned: &Value,
    actual: &Value,
    ty: &Type,
    path: &str,
    problems: &mut Vec<(String, String)>,
) {
    let mut complain = |text: String| problems.push((path.to_owned(), text));
    match (planned, actual) {
        (Value::Unknown(refinements), _) => {
            if !includes(refinements, actual) {
                complain(format!(
                    "final value {} does not conform to planning placeholder {}",
                    go(actual, ty),
                    go(planned, ty)
                ));
            }
        }
        (Value::Null, Value::Null) => {}
        (_, Value::Null) => complain(format!("was {}, but now null", go(planned, ty))),
        (Value::Null, _) => complain(format!("was null, but now {}", go(actual, ty))),
        (_, Value::Unknown(_)) => complain("was known, but now unknown".to_owned()),
        (Value::Sequence(p), Value::Sequence(a)) => {
            if matches!(ty, Type::Set(_)) {
                if p.len() != a.len() && planned.is_wholly_known() {
                    complain(format!("length changed from {} to {}", p.len(), a.len()));
                }
                for item in p.iter().filter(|item| item.is_wholly_known()) {
                    if !a.contains(item) {
                        problems.push((
                            path.to_owned(),
                            format!(
                                "planned set element {} does not correlate with any element in actual",
                                go(item, element(ty, 0))
                            ),
                        ));
                    }
                }
                return;
            }
            for (i, p) in p.iter().enumerate() {
                match a.get(i) {
                    Some(a) => compare(p, a, element(ty, i), &format!("{path}[{i}]"), problems),
                    None => problems.push((path.to_owned(), format!("element {i} has vanished"))),
                }
            }
            for i in p.len()..a.len() {
                problems.push((path.to_owned(), format!("new element {i} has appeared")));
            }
        }
        (Value::Mapping(p), Value::Mapping(a)) => {
            for (key, p) in p {
                match a.get(key) {
                    Some(a) => {
                        compare(p, a, attribute(ty, key), &format!("{path}.{key}"), problems)
                    }
                    None => {
                        problems.push((path.to_owned(), format!("element {key:?} has vanished")));
                    }
                }
            }
            for key in a.keys().filter(|k| !p.contains_key(*k)) {
                problems.push((path.to_owned(), format!("new element {key:?} has appeared")));
            }
        }
        (Value::Dynamic(p), Value::Dynamic(a)) => {
            if p.0 == a.0 {
                compare(&p.1, &a.1, &p.0, path, problems);
            } else {
                complain(format!(
                    "wrong final value type: {} is required",
                    p.0.friendly()
                ));
            }
        }
        _ if planned == actual => {}
        _ => complain(format!(
            "was {}, but now {}",
            go(planned, ty),
            go(actual, ty)
        )),
    }
}

fn includes(refinements: &Refinements, actual: &Value) -> bool {
    if refinements.not_null && actual.is_null() {
        return false;
    }
    match (&refinements.prefix, actual) {
        (Some(prefix), Value::String(text)) => text.starts_with(prefix),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::rules::fixtures::{attribute, webhook};
    use crate::value::{unknown, unknown_prefix};

    fn texts(planned: Json, actual: Json) -> Vec<String> {
        let block = webhook();
        let object = |json: &Json| block.object(json).unwrap();
        objects(&block, &object(&planned), &object(&actual))
            .into_iter()
            .map(|(path, text)| format!("{path}: {text}"))
            .collect()
    }

    #[test]
    fn an_unknown_may_become_anything_that_its_refinements_allow() {
        assert!(texts(json!({"id": unknown()}), json!({"id": "1"})).is_empty());
        assert!(texts(json!({"id": unknown()}), json!({"id": null})).is_empty());
        assert!(texts(json!({"id": unknown_prefix("p-")}), json!({"id": "p-1"})).is_empty());
        assert_eq!(
            texts(json!({"id": unknown_prefix("p-")}), json!({"id": "q"})).len(),
            1
        );
        assert_eq!(
            texts(json!({"id": unknown_prefix("p-")}), json!({"id": null})).len(),
            1
        );
    }

    #[test]
    fn what_was_known_stays() {
        assert_eq!(
            texts(json!({"url": "a"}), json!({"url": "b"})),
            [r#".url: was cty.StringVal("a"), but now cty.StringVal("b")"#]
        );
        assert_eq!(
            texts(json!({"url": "a"}), json!({"url": null})),
            [r#".url: was cty.StringVal("a"), but now null"#]
        );
        assert_eq!(
            texts(json!({"url": null}), json!({"url": "a"})),
            [r#".url: was null, but now cty.StringVal("a")"#]
        );
        assert_eq!(
            texts(json!({"url": "a"}), json!({"url": unknown()})),
            [".url: was known, but now unknown"]
        );
        assert_eq!(
            texts(json!({"url": "a"}), Json::Null),
            [": Root object was present, but now absent"]
        );
    }

    #[test]
    fn sensitive_values_are_not_printed() {
        assert_eq!(
            texts(json!({"signing_key": "k"}), json!({"signing_key": "j"})),
            [".signing_key: inconsistent values for sensitive attribute"]
        );
    }

    #[test]
    fn collections_are_compared_by_element() {
        let mut block = Block::default();
        let list = Type::List(Box::new(Type::String));
        let set = Type::Set(Box::new(Type::String));
        let map = Type::Map(Box::new(Type::String));
        for (name, ty) in [("l", list), ("s", set), ("m", map)] {
            block.attributes.insert(name.to_owned(), attribute(ty));
        }
        let object = |json: Json| block.object(&json).unwrap();
        let planned = object(json!({"l": ["a", unknown()], "s": ["a"], "m": {"k": "v"}}));
        let good = object(json!({"l": ["a", "b"], "s": ["a"], "m": {"k": "v"}}));
        assert!(objects(&block, &planned, &good).is_empty());
        let bad = object(json!({"l": ["a"], "s": ["b"], "m": {"j": "v"}}));
        let texts: Vec<_> = objects(&block, &planned, &bad)
            .into_iter()
            .map(|p| p.1)
            .collect();
        assert_eq!(
            texts,
            [
                "element 1 has vanished",
                "element \"k\" has vanished",
                "new element \"j\" has appeared",
                "planned set element cty.StringVal(\"a\") does not correlate with any element in actual",
            ]
        );
    }
}
