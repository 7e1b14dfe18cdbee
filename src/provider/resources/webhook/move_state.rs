//! `moved` from the generic REST providers that people use today for such webhooks.

use serde_json::{Map, Value as Json};

use super::model::{Model, Private, Stored, check_import_id};
use crate::{
    immuta::webhook_url,
    tfplugin::{Diagnostic, MoveSource, outcome::ResourceState, value::Attr},
};

/// Moves the state of a `restapi_object` or `restful_resource` that holds a webhook's id and body.
/// A key in that body is not moved: a state does not say whether Immuta still holds it.
pub(super) fn from_rest_object(source: MoveSource) -> Result<Stored, Diagnostic> {
    let state = &source.state;
    let (documents, id) = match source.type_name.as_str() {
        "restapi_object" => {
            let names = [
                "api_data_json",
                "api_response",
                "create_response",
                "data",
                "api_data",
            ];
            (documents(state, &names), text(state, "id"))
        }
        "restful_resource" => {
            let documents = documents(state, &["output", "sensitive_output", "body"]);
            let id = first(&documents, "id", Json::as_str).or_else(|| id_in_path(state));
            let id = id.map(str::to_owned);
            return moved(&source, &documents, id.as_deref());
        }
        _ => return Err(unsupported(&source)),
    };
    moved(&source, &documents, id)
}

fn moved(
    source: &MoveSource,
    documents: &[Map<String, Json>],
    id: Option<&str>,
) -> Result<Stored, Diagnostic> {
    let id = id.ok_or_else(|| not_a_webhook(source, "it holds no id"))?;
    check_import_id(id).map_err(|_| not_a_webhook(source, "its id is not that of a webhook"))?;
    if documents.is_empty() {
        return Err(not_a_webhook(source, "it holds no body"));
    }
    let url = first(documents, "url", Json::as_str)
        .filter(|url| webhook_url::check(url).is_ok())
        .ok_or_else(|| not_a_webhook(source, "its body holds no url"))?;
    let verify_tls = first(documents, "verifyTls", flag).unwrap_or(true);
    Ok(ResourceState {
        model: Model {
            id: Attr::Known(id.to_owned()),
            url: Attr::Known(url.to_owned()),
            verify_tls: Attr::Known(verify_tls),
            ..Model::default()
        },
        private: Private::default(),
    })
}

fn text<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// The objects that these attributes hold, in this order. Any of them may be reduced to some fields of a webhook.
fn documents(state: &Map<String, Json>, names: &[&str]) -> Vec<Map<String, Json>> {
    names
        .iter()
        .filter_map(|name| document(state.get(*name)?))
        .collect()
}

/// An object: as it is, as JSON in a string, or as a dynamic value, which state stores beside its type. The API's
/// earlier form wraps a webhook in `recipient`.
fn document(value: &Json) -> Option<Map<String, Json>> {
    let object = match value {
        Json::Object(object) => object,
        Json::String(text) => return document(&serde_json::from_str::<Json>(text).ok()?),
        _ => return None,
    };
    let dynamic = || {
        let is_typed = object.len() == 2 && object.contains_key("type");
        object.get("value").filter(|_| is_typed)
    };
    let recipient = || object.get("recipient").filter(|inner| inner.is_object());
    match dynamic().or_else(recipient) {
        Some(inner) => document(inner),
        None => Some(object.clone()),
    }
}

/// What the first document says that says it.
fn first<'a, T>(
    documents: &'a [Map<String, Json>],
    name: &str,
    read: impl Fn(&'a Json) -> Option<T>,
) -> Option<T> {
    let mut values = documents.iter().filter_map(|document| document.get(name));
    values.find_map(read)
}

/// A flag; `restapi_object` holds it as text too.
fn flag(value: &Json) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

/// The id of a `restful_resource` is the path that it is read from: that of the webhook, or of the list that holds it.
fn id_in_path(state: &Map<String, Json>) -> Option<&str> {
    let last_segment = |name| {
        let path = text(state, name)?.split(['?', '#']).next()?;
        path.trim_end_matches('/').rsplit('/').next()
    };
    last_segment("id").filter(|id| Some(*id) != last_segment("path"))
}

fn not_a_webhook(source: &MoveSource, reason: &str) -> Diagnostic {
    Diagnostic::error(
        "Not the state of a webhook",
        format!(
            "The state of the {} cannot become an immuta_webhook: {reason}. Nothing was moved. Import the webhook by its id instead (an import block), and remove the old resource from the state with a removed block.",
            source.type_name
        ),
    )
}

fn unsupported(source: &MoveSource) -> Diagnostic {
    Diagnostic::error(
        "Move not supported",
        format!(
            "The state of a restapi_object or a restful_resource can be moved to an immuta_webhook, but not that of a {} of {}. Import the webhook by its id instead (an import block), and remove the old resource from the state with a removed block.",
            source.type_name, source.provider_address
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "7c1e4f02-90ab-4d6e-8f21-5b3a6c7d8e90";
    const URL: &str = "https://receiver.example.com/moved";

    fn move_state(type_name: &str, state: Json) -> Result<(String, String, bool), String> {
        let Json::Object(state) = state else {
            panic!("a state is an object");
        };
        let source = MoveSource {
            provider_address: "registry.terraform.io/somebody/rest".to_owned(),
            type_name: type_name.to_owned(),
            schema_version: 2,
            state,
        };
        let moved = from_rest_object(source).map_err(|error| error.detail)?;
        let model = moved.model;
        assert_eq!(model.signing_key, Attr::Null);
        let (Attr::Known(id), Attr::Known(url), Attr::Known(verify_tls)) =
            (model.id, model.url, model.verify_tls)
        else {
            panic!("an attribute is not known");
        };
        Ok((id, url, verify_tls))
    }

    /// A value of a dynamic attribute, as state stores it.
    fn dynamic(value: Json) -> Json {
        json!({ "value": value, "type": "dynamic" })
    }

    #[test]
    fn a_restful_resource_moves_from_every_form_of_its_state() {
        let id = format!("/api/notification/webhook/{ID}");
        let body = json!({ "url": URL, "verifyTls": false, "signingKey": "not-moved" });
        let output = json!({ "id": ID, "url": URL, "verifyTls": false, "signingKey": true });
        let list = "/api/notification/webhook";
        for (form, state) in [
            (
                "dynamic",
                json!({ "id": id, "body": dynamic(body.clone()), "output": dynamic(output.clone()) }),
            ),
            (
                "plain objects",
                json!({ "id": id, "body": body, "output": output }),
            ),
            (
                "strings",
                json!({ "id": id, "body": body.to_string(), "output": output.to_string() }),
            ),
            (
                "sensitive_output",
                json!({ "id": id, "body": dynamic(json!({})), "output": null, "sensitive_output": dynamic(output.clone()) }),
            ),
            (
                "output_attrs",
                json!({ "id": id, "body": dynamic(body.clone()), "output": dynamic(json!({ "url": URL })) }),
            ),
            (
                "no output",
                json!({ "id": id, "body": dynamic(body.clone()), "output": null }),
            ),
            (
                "query",
                json!({ "id": format!("{id}?expand=all/of#it"), "body": dynamic(body.clone()) }),
            ),
            (
                "slash",
                json!({ "id": format!("{id}/"), "path": format!("{list}/"), "body": dynamic(body.clone()) }),
            ),
            (
                "read from the list",
                json!({ "id": list, "path": list, "body": dynamic(body.clone()), "output": dynamic(output.clone()) }),
            ),
            (
                "recipient",
                json!({ "id": id, "body": dynamic(json!({ "recipient": body })), "output": dynamic(json!({ "recipient": output })) }),
            ),
        ] {
            let moved = move_state("restful_resource", state);
            assert_eq!(moved, Ok((ID.to_owned(), URL.to_owned(), false)), "{form}");
        }
        let state = json!({ "id": list, "path": format!("{list}/?a=b"), "body": dynamic(body) });
        let error = move_state("restful_resource", state).unwrap_err();
        assert!(error.contains("it holds no id"), "{error}");
    }

    #[test]
    fn a_restapi_object_moves_from_every_form_of_its_state() {
        let sent = json!({ "url": URL, "verifyTls": false }).to_string();
        let response = json!({ "id": ID, "url": URL, "verifyTls": false }).to_string();
        let strings = json!({ "id": ID, "url": URL, "verifyTls": "false", "signingKey": "true" });
        for (form, state) in [
            (
                "all",
                json!({ "id": ID, "data": sent, "api_response": response, "create_response": response, "api_data": strings }),
            ),
            (
                "api_data only",
                json!({ "id": ID, "data": null, "api_response": null, "api_data": strings }),
            ),
            (
                "what was sent",
                json!({ "id": ID, "data": sent, "api_response": "{}" }),
            ),
        ] {
            let moved = move_state("restapi_object", state);
            assert_eq!(moved, Ok((ID.to_owned(), URL.to_owned(), false)), "{form}");
        }
    }

    /// States that real applies of both providers left behind, where they are at hand.
    #[test]
    fn states_of_real_applies_move() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moved");
        let mut moved = 0;
        for folder in [
            folder.to_owned(),
            format!("{}/../shared/moved", env!("CARGO_MANIFEST_DIR")),
        ] {
            let Ok(files) = std::fs::read_dir(&folder) else {
                continue;
            };
            for file in files {
                let file: Json =
                    serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
                let resource = &file["resources"][0];
                let state = &resource["instances"][0]["attributes"];
                let (id, url, verify_tls) =
                    move_state(resource["type"].as_str().unwrap(), state.clone()).unwrap();
                assert!(state["id"].as_str().unwrap().ends_with(&id));
                let api_response = state["output"]["value"].as_object().cloned();
                let api_response = api_response.map_or_else(
                    || serde_json::from_str(state["api_response"].as_str().unwrap()).unwrap(),
                    Json::Object,
                );
                assert_eq!(api_response["url"], *url);
                assert_eq!(api_response["verifyTls"], verify_tls);
                moved += 1;
            }
        }
        assert!(moved >= 2, "{folder} is empty");
    }
}
