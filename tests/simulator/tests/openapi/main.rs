//! The simulator's answers, held against the published OpenAPI document: its facts in our own words always, the document
//! itself where it is at hand. That is the file that `IMMUTA_OPENAPI` names, which must be there, else the one in the
//! shared folder; without either the test is reported as ignored.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod document;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::{Api, WEBHOOKS};
use document::{Document, Operation};
use immuta_simulator::{Fault, FaultKind, On, Receiver, Simulator};
use libtest_mimic::{Arguments, Completion, Trial};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let plain: [(&str, fn()); 2] = [
        ("answers_agree_with_the_facts", answers_agree_with_the_facts),
        (
            "a_delete_is_answered_with_204_and_nothing",
            a_delete_is_answered_with_204_and_nothing,
        ),
    ];
    let mut trials: Vec<Trial> = plain
        .into_iter()
        .map(|(name, test)| {
            Trial::test(name, move || {
                test();
                Ok(())
            })
        })
        .collect();
    trials.push(Trial::ignorable_test(
        "the_published_document_agrees",
        || {
            let Some(file) = published() else {
                return Ok(Completion::ignored_with(
                    "there is no published document, and IMMUTA_OPENAPI names none",
                ));
            };
            the_published_document_agrees(&file);
            Ok(Completion::Completed)
        },
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

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

fn check_against(document: &Document) {
    let receiver = Receiver::start_http();
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
            simulator.behave(|b| b.normalize_url = true);
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
        }
        let all: BTreeSet<Operation> = document.operations.keys().cloned().collect();
        assert_eq!(seen, all, "every call of the document is made");
    }
}

fn answers_agree_with_the_facts() {
    check_against(&Document::own());
}

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

fn the_published_document_agrees(file: &Path) {
    let yaml = std::fs::read_to_string(file)
        .unwrap_or_else(|cause| panic!("cannot read {}: {cause}", file.display()));
    let published = Document::published(&yaml);
    same_facts(&Document::own(), &published);
    check_against(&published);
}

/// The published document: the file that the variable names, whether it is there or not, or the one beside the project.
/// `None` where the variable is not set and none is there.
fn published() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("IMMUTA_OPENAPI") {
        return Some(named.into());
    }
    let beside = "../../../shared/immuta/webhooks.openapi.yaml";
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join(beside);
    beside.exists().then_some(beside)
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
