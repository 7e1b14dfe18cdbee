//! Rules of `PlanResourceChange`.

use std::collections::BTreeMap;

use super::compatible;
use crate::diagnostic::{Violation, path};
use crate::proto;
use crate::schema::{Attribute, Block, Nesting};
use crate::value::render::{self, go};
use crate::value::{Type, Value};

const INVALID_PLAN: &str = "Provider produced invalid plan";

/// Whether the planned object may be planned for this prior state and configuration. A CLI that
/// knows write-only attributes lets them be null where they are configured; an older one does not.
pub fn valid(
    address: &str,
    block: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
    knows_write_only: bool,
) -> Vec<Violation> {
    let mut check = Check {
        knows_write_only,
        problems: Vec::new(),
    };
    check.block(block, prior, config, planned, "");
    check
        .problems
        .into_iter()
        .map(|(path, text)| {
            Violation::core(
                INVALID_PLAN,
                format!("planned an invalid value for {address}{path}: {text}."),
            )
        })
        .collect()
}

/// A plan to destroy must be null.
pub fn destroy(address: &str, planned: &Value) -> Vec<Violation> {
    if planned.is_null() {
        return Vec::new();
    }
    vec![Violation::core(
        INVALID_PLAN,
        format!("planned a non-null destroy value for {address}"),
    )]
}

/// What `requires_replace` comes to: the paths that really changed, which force a replacement, and
/// a complaint for each path that names nothing.
pub fn requires_replace(
    address: &str,
    prior: &Value,
    planned: &Value,
    paths: &[proto::AttributePath],
) -> (Vec<String>, Vec<Violation>) {
    let mut changed = Vec::new();
    let mut violations = Vec::new();
    if prior.is_null() {
        return (changed, violations);
    }
    for steps in paths {
        let before = follow(prior, steps);
        let after = follow(planned, steps);
        if before.is_none() && after.is_none() {
            violations.push(Violation::core(
                INVALID_PLAN,
                format!(
                    "has indicated \"requires replacement\" on {address} for a non-existent attribute path {}",
                    path(steps)
                ),
            ));
            continue;
        }
        let before = before.unwrap_or(&Value::Null);
        let after = after.unwrap_or(&Value::Null);
        if !after.is_wholly_known() || before != after {
            changed.push(path(steps));
        }
    }
    (changed, violations)
}

/// Whether the plan that is made in apply agrees with the one that the user saw.
pub fn second(address: &str, block: &Block, first: &Value, second: &Value) -> Vec<Violation> {
    compatible::objects(block, first, second)
        .into_iter()
        .map(|(path, text)| {
            Violation::core(
                "Provider produced inconsistent final plan",
                format!("invalid new value for {address}{path}: {text}."),
            )
        })
        .collect()
}

fn follow<'a>(value: &'a Value, path: &proto::AttributePath) -> Option<&'a Value> {
    use proto::attribute_path::step::Selector;
    path.steps.iter().try_fold(value, |value, step| {
        match (step.selector.as_ref()?, value) {
            (
                Selector::AttributeName(key) | Selector::ElementKeyString(key),
                Value::Mapping(items),
            ) => items.get(key),
            (Selector::ElementKeyInt(index), Value::Sequence(items)) => {
                items.get(usize::try_from(*index).ok()?)
            }
            _ => None,
        }
    })
}

struct Check {
    knows_write_only: bool,
    problems: Vec<(String, String)>,
}

impl Check {
    fn complain(&mut self, path: &str, text: impl Into<String>) {
        self.problems.push((path.to_owned(), text.into()));
    }

    fn block(&mut self, block: &Block, prior: &Value, config: &Value, planned: &Value, path: &str) {
        if planned.is_null() && !config.is_null() {
            return self.complain(path, "planned for absence but config wants existence");
        }
        if config.is_null() && !planned.is_null() {
            return self.complain(path, "planned for existence but config wants absence");
        }
        if planned.is_null() {
            return;
        }
        self.attributes(&block.attributes, prior, config, planned, path);
        for (name, nested) in &block.blocks {
            let path = format!("{path}.{name}");
            let (prior, config, planned) = (
                prior.attribute(name),
                config.attribute(name),
                planned.attribute(name),
            );
            if planned == config {
                continue;
            }
            if config.is_unknown() {
                self.complain(&path, "planned value for unknown dynamic block");
                continue;
            }
            if planned.is_unknown() {
                self.complain(
                    &path,
                    "attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead",
                );
                continue;
            }
            let each = |check: &mut Check, p: &Value, c: &Value, n: &Value, path: &str| {
                check.block(&nested.block, p, c, n, path);
            };
            self.nested(nested.nesting, prior, config, planned, &path, "block", each);
        }
    }

    fn attributes(
        &mut self,
        schema: &BTreeMap<String, Attribute>,
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &str,
    ) {
        for (name, attribute) in schema {
            self.attribute(
                attribute,
                prior.attribute(name),
                config.attribute(name),
                planned.attribute(name),
                &format!("{path}.{name}"),
            );
        }
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &str,
    ) {
        let ty = &attribute.ty;
        // Core does not ask for refinements back.
        if planned == config || (planned.is_unknown() && config.is_unknown()) {
            return;
        }
        if attribute.write_only && self.knows_write_only {
            // A value is complained about by the rule of write-only attributes.
            return;
        }
        if config.is_null() {
            if !attribute.computed {
                let text = if attribute.sensitive {
                    "sensitive planned value for a non-computed attribute".to_owned()
                } else {
                    format!(
                        "planned value {} for a non-computed attribute",
                        go(planned, ty)
                    )
                };
                self.complain(path, text);
            }
            return;
        }
        if let Some((inner, nesting)) = &attribute.nested
            && !planned.is_null()
            && !planned.is_unknown()
            && !config.is_unknown()
        {
            let each = |check: &mut Check, p: &Value, c: &Value, n: &Value, path: &str| {
                check.attributes(inner, p, c, n, path);
            };
            return self.nested(*nesting, prior, config, planned, path, "attribute", each);
        }
        if !prior.is_null() && planned == prior {
            return;
        }
        let text = match (attribute.sensitive, prior.is_null()) {
            (true, true) => "sensitive planned value does not match config value".to_owned(),
            (true, false) => {
                "sensitive planned value does not match config value or prior value".to_owned()
            }
            (false, true) => format!(
                "planned value {} does not match config value {}",
                go(planned, ty),
                go(config, ty)
            ),
            (false, false) => format!(
                "planned value {} does not match config value {} nor prior value {}",
                go(planned, ty),
                go(config, ty),
                go(prior, ty)
            ),
        };
        self.complain(path, text);
    }

    #[allow(clippy::too_many_arguments)]
    fn nested(
        &mut self,
        nesting: Nesting,
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &str,
        what: &str,
        each: impl Fn(&mut Check, &Value, &Value, &Value, &str),
    ) {
        match (nesting, config, planned) {
            (Nesting::Single | Nesting::Group, _, _) => each(self, prior, config, planned, path),
            (Nesting::List | Nesting::Set, Value::Sequence(c), Value::Sequence(p)) => {
                if c.len() != p.len() {
                    return self.complain(
                        path,
                        format!(
                            "{what} count in plan ({}) disagrees with count in config ({})",
                            p.len(),
                            c.len()
                        ),
                    );
                }
                // The elements of a set are not paired: core looks for an agreeing one.
                if nesting == Nesting::Set {
                    return;
                }
                let before = prior.as_slice().unwrap_or_default();
                for (i, (c, p)) in c.iter().zip(p).enumerate() {
                    let prior = before.get(i).unwrap_or(&Value::Null);
                    each(self, prior, c, p, &format!("{path}[{i}]"));
                }
            }
            (Nesting::Map, Value::Mapping(c), Value::Mapping(p)) => {
                for key in p.keys().filter(|k| !c.contains_key(*k)) {
                    self.complain(
                        path,
                        format!("{what} key {key:?} from plan is not present in config"),
                    );
                }
                for (key, c) in c {
                    match p.get(key) {
                        Some(p) => each(
                            self,
                            prior.attribute(key),
                            c,
                            p,
                            &format!("{path}[{key:?}]"),
                        ),
                        None => self.complain(
                            path,
                            format!("{what} key {key:?} from config is not present in plan"),
                        ),
                    }
                }
            }
            _ => {
                let any = Type::Dynamic;
                self.complain(
                    path,
                    format!(
                        "planned value {} does not match config value {}",
                        render::go(planned, &any),
                        render::go(config, &any)
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::rules::fixtures::webhook;
    use crate::value::{unknown, unknown_prefix};

    fn complaints(prior: Json, config: Json, planned: Json, knows_write_only: bool) -> Vec<String> {
        let block = webhook();
        let object = |json: &Json| block.object(json).unwrap();
        valid(
            "immuta_webhook.a",
            &block,
            &object(&prior),
            &object(&config),
            &object(&planned),
            knows_write_only,
        )
        .into_iter()
        .map(|v| v.text)
        .collect()
    }

    #[test]
    fn a_good_plan_passes() {
        let config = json!({"url": "https://a"});
        let planned = json!({"url": "https://a", "id": unknown(), "verify_tls": true, "suppressed": unknown()});
        assert!(complaints(Json::Null, config, planned, true).is_empty());
    }

    #[test]
    fn a_configured_value_is_planned_as_it_is() {
        let config = json!({"url": "https://a"});
        let planned = json!({"url": "https://b"});
        assert_eq!(
            complaints(Json::Null, config.clone(), planned, true),
            [
                r#"planned an invalid value for immuta_webhook.a.url: planned value cty.StringVal("https://b") does not match config value cty.StringVal("https://a")."#
            ]
        );
        for planned in [json!({"url": null}), json!({"url": unknown()})] {
            assert_eq!(
                complaints(Json::Null, config.clone(), planned, true).len(),
                1
            );
        }
    }

    #[test]
    fn refinements_need_not_be_kept() {
        let config = json!({"url": unknown_prefix("https://")});
        assert!(complaints(Json::Null, config, json!({"url": unknown()}), true).is_empty());
    }

    #[test]
    fn the_prior_value_may_be_planned_for_a_configured_one() {
        let prior = json!({"url": "https://A"});
        let config = json!({"url": "https://a"});
        assert!(complaints(prior.clone(), config.clone(), prior.clone(), true).is_empty());
        let text = complaints(prior, config, json!({"url": "https://c"}), true).join("");
        assert!(
            text.contains(r#"nor prior value cty.StringVal("https://A")"#),
            "{text}"
        );
    }

    #[test]
    fn null_stays_null_unless_computed() {
        let config = json!({"url": "https://a"});
        let planned = json!({"url": "https://a", "signing_key_wo_version": 1});
        assert_eq!(
            complaints(Json::Null, config.clone(), planned, true),
            [
                "planned an invalid value for immuta_webhook.a.signing_key_wo_version: planned value cty.NumberIntVal(1) for a non-computed attribute."
            ]
        );
        let planned = json!({"url": "https://a", "signing_key": "k"});
        let text = complaints(Json::Null, config, planned, true).join("");
        assert!(text.contains("sensitive planned value for a non-computed attribute"));
        assert!(!text.contains("\"k\""));
    }

    #[test]
    fn an_old_cli_wants_write_only_values_planned() {
        let config = json!({"url": "a", "signing_key_wo": "s"});
        let planned = json!({"url": "a"});
        assert!(complaints(Json::Null, config.clone(), planned.clone(), true).is_empty());
        assert_eq!(
            complaints(Json::Null, config, planned, false),
            [
                "planned an invalid value for immuta_webhook.a.signing_key_wo: sensitive planned value does not match config value."
            ]
        );
    }

    #[test]
    fn absence_is_planned_only_for_absence() {
        let text = complaints(Json::Null, json!({"url": "a"}), Json::Null, true).join("");
        assert!(text.contains("planned for absence but config wants existence"));
        let planned = webhook().object(&json!({"url": "a"})).unwrap();
        assert_eq!(destroy("immuta_webhook.a", &planned).len(), 1);
        assert!(destroy("immuta_webhook.a", &Value::Null).is_empty());
    }

    fn named(name: &str) -> proto::AttributePath {
        use proto::attribute_path::{Step, step::Selector};
        proto::AttributePath {
            steps: vec![Step {
                selector: Some(Selector::AttributeName(name.to_owned())),
            }],
        }
    }

    #[test]
    fn requires_replace_names_attributes_that_are_there() {
        let block = webhook();
        let prior = block
            .object(&json!({"url": "a", "signing_key": "k"}))
            .unwrap();
        let planned = block.object(&json!({"url": "a"})).unwrap();
        let paths = [named("signing_key"), named("url"), named("uri")];
        let (changed, violations) = requires_replace("immuta_webhook.a", &prior, &planned, &paths);
        assert_eq!(changed, ["signing_key"]);
        assert_eq!(violations.len(), 1);
        assert!(
            violations[0]
                .text
                .ends_with("non-existent attribute path uri")
        );
        let (changed, violations) = requires_replace("a", &Value::Null, &planned, &paths);
        assert!(changed.is_empty() && violations.is_empty());
    }

    #[test]
    fn the_second_plan_keeps_what_the_first_knew() {
        let block = webhook();
        let first = block
            .object(&json!({"url": "a", "id": unknown(), "verify_tls": true}))
            .unwrap();
        let same = block
            .object(&json!({"url": "a", "id": unknown(), "verify_tls": true}))
            .unwrap();
        assert!(second("immuta_webhook.a", &block, &first, &same).is_empty());
        let other = same.with("verify_tls", Value::Bool(false));
        assert_eq!(
            second("immuta_webhook.a", &block, &first, &other)[0].text,
            "invalid new value for immuta_webhook.a.verify_tls: was cty.True, but now cty.False."
        );
    }
}
