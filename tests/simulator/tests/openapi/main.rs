//! The simulator's answers, held against the published OpenAPI document: its facts in our own words always, the document
//! itself where it is at hand (the file that IMMUTA_OPENAPI names, else the one in the shared folder).
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod document;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::{Api, WEBHOOKS};
use document::{Document, Operation};
use immuta_simulator::{Fault, FaultKind, On, Receiver, Simulator};
use serde_json::{Value, json};

/// A call that was made, and its answer.
struct Exchange {
    operation: Operation,
    request: Option<Value>,
    status: u16,
    answer: Option<Value>,
}

/// Calls everything there is, of a simulator as it is set up.
fn exchanges(simulator: &Simulator, receiver: &Receiver) -> Vec<Exchange> {
    let api = Api::of(simulator);
    let mut made = Vec::new();
    let mut call = |method: &str, template: &str, id: &str, query: &str, body: Option<Value>| {
        let path = format!("{}{query}", template.replace("{id}", id));
        let answer = api.call(method, &path, body.clone());
        let json = (!answer.text.is_empty()).then(|| answer.json());
        made.push(Exchange {
            operation: (method.to_owned(), template.to_owned()),
            request: body,
            status: answer.status,
            answer: json.clone(),
        });
        json.unwrap_or_default()
    };
    let one = &format!("{WEBHOOKS}/{{id}}");
    call("GET", "/health/ready", "", "", None);
    call("GET", "/api/auth/user", "", "", None);
    call(
        "POST",
        WEBHOOKS,
        "",
        "",
        Some(json!({ "url": "https://h.example/plain" })),
    );
    let body = json!({ "url": receiver.url(), "verifyTls": false, "signingKey": "k" });
    let hook = call("POST", WEBHOOKS, "", "", Some(body.clone()));
    let id = hook["id"].as_str().unwrap();
    call("GET", WEBHOOKS, "", "", None);
    call("GET", one, id, "", None);
    call("PUT", one, id, "", Some(json!({ "verifyTls": true })));
    call("POST", &format!("{WEBHOOKS}/test"), "", "", Some(body));
    let test = &format!("{one}/test");
    call("POST", test, id, "", None);
    receiver.answer_with(500);
    call("POST", test, id, "", None);
    receiver.answer_with(200);
    simulator.edit(id, |webhook| webhook.suppressed = true);
    call("POST", test, id, "", None);
    call("GET", one, id, "", None);
    let history = &format!("{one}/history");
    call("GET", history, id, "", None);
    call("GET", history, id, "?offset=1&limit=1", None);
    call("DELETE", one, id, "", None);
    made
}

fn check_against(document: &Document) -> usize {
    let receiver = Receiver::start_http();
    let mut checked = 0;
    let setups: [fn(&Simulator); 5] = [
        |_| {},
        |simulator| simulator.behave(|b| b.omit_defaults = true),
        |simulator| simulator.behave(|b| b.extra_fields = true),
        |simulator| {
            simulator.fault(Fault::always(On::any(), FaultKind::FloatNumbers));
        },
        |simulator| {
            simulator.fault(Fault::always(On::any(), FaultKind::IntegerStatus));
            // That one writes the body of a delete too.
            simulator.behave(|b| b.respell_url = true);
        },
    ];
    for set_up in setups {
        let simulator = Simulator::start();
        set_up(&simulator);
        let mut seen = BTreeSet::new();
        for exchange in exchanges(&simulator, &receiver) {
            let name = format!("{} {}", exchange.operation.0, exchange.operation.1);
            let facts = &document.operations[&exchange.operation];
            if let (Some(schema), Some(request)) = (&facts.request, &exchange.request) {
                assert_eq!(document.check(schema, request), [""; 0], "{name}: request");
            }
            if exchange.operation.0 == "DELETE" {
                assert!(facts.responses.contains_key(&204));
                assert!([200, 204].contains(&exchange.status), "{name}");
            } else {
                match (facts.responses.get(&exchange.status), &exchange.answer) {
                    (Some(Some(schema)), Some(answer)) => {
                        assert_eq!(document.check(schema, answer), [""; 0], "{name}: {answer}");
                    }
                    (said, _) => panic!("{name}: {} is answered, {said:?} said", exchange.status),
                }
            }
            seen.insert(exchange.operation);
            checked += 1;
        }
        let all: BTreeSet<Operation> = document.operations.keys().cloned().collect();
        assert_eq!(seen, all, "every call of the document is made");
    }
    checked
}

#[test]
fn answers_agree_with_the_facts() {
    let checked = check_against(&Document::own());
    println!("{checked} answers agree with the facts in our own words");
}

#[test]
fn a_delete_is_answered_with_204_and_nothing() {
    let simulator = Simulator::start();
    let api = Api::of(&simulator);
    let hook = api.create(json!({ "url": "https://h.example/" }));
    let answer = api.call(
        "DELETE",
        &Api::webhook_path(hook["id"].as_str().unwrap()),
        None,
    );
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(answer.header("content-type"), None);
}

#[test]
fn the_published_document_agrees() {
    let Some((file, yaml)) = published() else {
        println!("no published document at hand: the facts in our own words were used alone");
        return;
    };
    println!("the published document is {}", file.display());
    let published = Document::published(&yaml);
    same_facts(&Document::own(), &published);
    let checked = check_against(&published);
    println!("{checked} answers agree with the published document");
}

/// The published document, where it is at hand. A file that IMMUTA_OPENAPI names must be there.
fn published() -> Option<(PathBuf, String)> {
    if let Some(file) = std::env::var_os("IMMUTA_OPENAPI") {
        let file = PathBuf::from(file);
        let yaml = std::fs::read_to_string(&file).unwrap();
        return Some((file, yaml));
    }
    let beside = "../../../shared/immuta/webhooks.openapi.yaml";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(beside);
    let yaml = std::fs::read_to_string(&file).ok()?;
    Some((file, yaml))
}

/// Our own words say of each call what the published document says.
fn same_facts(own: &Document, published: &Document) {
    let calls = |document: &Document| document.operations.keys().cloned().collect::<Vec<_>>();
    assert_eq!(calls(own), calls(published));
    for (operation, ours) in &own.operations {
        let theirs = &published.operations[operation];
        let name = format!("{} {}", operation.0, operation.1);
        let mut pairs = vec![(&ours.request, &theirs.request)];
        for (status, schema) in &ours.responses {
            pairs.push((schema, &theirs.responses[status]));
        }
        let names = |query: &std::collections::BTreeMap<String, Value>| {
            query.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&ours.query), names(&theirs.query), "{name}");
        for (parameter, schema) in &ours.query {
            for fact in ["type", "minimum"] {
                assert_eq!(
                    schema[fact], theirs.query[parameter][fact],
                    "{name} {parameter}"
                );
            }
        }
        for (ours, theirs) in pairs {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => same_schema(&name, (own, ours), (published, theirs)),
                (None, None) => {}
                _ => panic!("{name}: only one of the two has a body"),
            }
        }
    }
}

/// Everything that our schema says holds in theirs, and what theirs requires is required in ours.
fn same_schema(at: &str, ours: (&Document, &Value), theirs: (&Document, &Value)) {
    let (our, their) = (ours.0.resolve(ours.1), theirs.0.resolve(theirs.1));
    for fact in ["type", "format", "enum"] {
        assert_eq!(our[fact], their[fact], "{at}: {fact}");
    }
    if let Some(default) = our.get("default") {
        assert_eq!(default, &their["default"], "{at}: default");
    }
    let required = |schema: &Value| {
        let names = schema["required"].as_array().cloned().unwrap_or_default();
        names
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(required(our), required(their), "{at}: required");
    for (name, property) in our["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        let said = their["properties"].get(name);
        let said = said.unwrap_or_else(|| panic!("{at} is not in the document"));
        same_schema(&at, (ours.0, property), (theirs.0, said));
    }
    if let Some(items) = our.get("items") {
        same_schema(
            &format!("{at}[]"),
            (ours.0, items),
            (theirs.0, &their["items"]),
        );
    }
}
