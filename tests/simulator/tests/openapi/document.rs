//! The facts of an OpenAPI document that the simulator is held against: calls, statuses, schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A call: its method in capitals and its path with placeholders.
pub(crate) type Operation = (String, String);

/// What a document says of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// The body's schema.
    pub(crate) request: Option<Value>,
    /// The schema of each status; `None` where there is no body.
    pub(crate) responses: BTreeMap<u16, Option<Value>>,
    /// The parameters of the query.
    pub(crate) query: BTreeMap<String, Value>,
}

/// A document, read: either the facts in our own words or the published one.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) operations: BTreeMap<Operation, Facts>,
    schemas: Map<String, Value>,
}

impl Document {
    /// The facts in our own words.
    pub(crate) fn own() -> Document {
        let document: Value = serde_json::from_str(include_str!("facts.json")).unwrap();
        let operations = operations(&document, |facts| Facts {
            request: facts.get("request").cloned(),
            responses: statuses(facts, |schema| {
                Some(schema).filter(|s| !s.is_null()).cloned()
            }),
            query: match facts.get("query") {
                Some(query) => serde_json::from_value(query.clone()).unwrap(),
                None => BTreeMap::new(),
            },
        });
        Document {
            operations,
            schemas: object(&document["schemas"]),
        }
    }

    /// The published document, in YAML.
    pub(crate) fn published(yaml: &str) -> Document {
        let document: Value = serde_norway::from_str(yaml).unwrap();
        let schema = |content: &Value| {
            content
                .pointer("/content/application~1json/schema")
                .cloned()
        };
        let operations = operations(&document, |facts| Facts {
            request: facts.get("requestBody").and_then(schema),
            responses: statuses(facts, schema),
            query: facts["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| {
                    let name = parameter["name"].as_str().unwrap().to_owned();
                    (name, parameter["schema"].clone())
                })
                .collect(),
        });
        Document {
            operations,
            schemas: object(&document["components"]["schemas"]),
        }
    }

    /// The schema itself, a reference followed.
    pub(crate) fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap();
                &self.schemas[name]
            }
            None => schema,
        }
    }

    /// What is wrong with `value` by `schema`, each with its place.
    pub(crate) fn check(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        self.check_at("$", schema, value, &mut problems);
        problems
    }

    fn check_at(&self, at: &str, schema: &Value, value: &Value, problems: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        // The published document lists integers in an enum of strings: the enum has the last word.
        if let Some(allowed) = schema["enum"].as_array() {
            let same = |a: &Value| a == value || (a.is_number() && a.as_f64() == value.as_f64());
            if !allowed.iter().any(same) {
                problems.push(format!("{at}: {value} is none of the allowed values"));
            }
            return;
        }
        if let Some(alternatives) = schema["oneOf"].as_array() {
            let fits = |alternative| self.check(alternative, value).is_empty();
            if !alternatives.iter().any(fits) {
                problems.push(format!("{at}: no alternative fits"));
            }
            return;
        }
        match (schema["type"].as_str(), value) {
            (Some("object"), Value::Object(fields)) => {
                for required in schema["required"].as_array().into_iter().flatten() {
                    if !fields.contains_key(required.as_str().unwrap()) {
                        problems.push(format!("{at}: {required} is missing"));
                    }
                }
                for (name, value) in fields {
                    let known = schema["properties"].get(name);
                    let other = schema.get("additionalProperties").filter(|s| s.is_object());
                    if let Some(schema) = known.or(other) {
                        self.check_at(&format!("{at}.{name}"), schema, value, problems);
                    }
                }
            }
            (Some("array"), Value::Array(items)) => {
                for (n, item) in items.iter().enumerate() {
                    self.check_at(&format!("{at}[{n}]"), &schema["items"], item, problems);
                }
            }
            (Some("string"), Value::String(text)) => {
                if !has_format(text, schema["format"].as_str()) {
                    problems.push(format!("{at}: not a {}", schema["format"]));
                }
            }
            (Some("boolean"), Value::Bool(_)) | (Some("number"), Value::Number(_)) | (None, _) => {}
            (Some(wanted), _) => problems.push(format!("{at}: {value} is no {wanted}")),
        }
    }
}

fn has_format(text: &str, format: Option<&str>) -> bool {
    match format {
        Some("uuid") => uuid::Uuid::parse_str(text).is_ok(),
        Some("uri") => reqwest::Url::parse(text).is_ok(),
        Some("iso_format") => {
            text.len() == "2025-01-09T12:34:56.000Z".len()
                && text.parse::<jiff::Timestamp>().is_ok()
        }
        Some("date-time") => text.parse::<jiff::Timestamp>().is_ok(),
        Some("email") => text.contains('@'),
        _ => true,
    }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn operations(document: &Value, facts: impl Fn(&Value) -> Facts) -> BTreeMap<Operation, Facts> {
    let mut found = BTreeMap::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, said) in object(&methods) {
            found.insert((method.to_uppercase(), path.clone()), facts(&said));
        }
    }
    found
}

fn statuses(
    facts: &Value,
    schema: impl Fn(&Value) -> Option<Value>,
) -> BTreeMap<u16, Option<Value>> {
    object(&facts["responses"])
        .iter()
        .map(|(status, said)| (status.parse().unwrap(), schema(said)))
        .collect()
}
