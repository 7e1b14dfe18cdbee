//! `moved` from the generic REST providers that people use today for such webhooks.

use serde_json::{Map, Value as Json};

use super::model::{Model, Private, Stored, check_import_id};
use crate::{
    immuta::webhook_url,
    tfplugin::{Diagnostic, MoveSource, outcome::ResourceState, value::Attr},
};

/// Takes over a `restapi_object` or `restful_resource` whose state holds a webhook's id and body.
/// A key in that body is not taken over: a state does not say whether Immuta still holds it.
pub(super) fn from_rest_object(source: MoveSource) -> Result<Stored, Diagnostic> {
    let (id, body) = match source.type_name.as_str() {
        "restapi_object" => (
            text(&source.state, "id").map(str::to_owned),
            document(
                &source.state,
                &["api_data_json", "api_response", "create_response", "data"],
            ),
        ),
        "restful_resource" => (
            text(&source.state, "id")
                .and_then(last_segment)
                .map(str::to_owned),
            document(&source.state, &["output", "body"]),
        ),
        _ => return Err(unsupported(&source)),
    };
    let id = id.ok_or_else(|| not_a_webhook(&source, "it holds no id"))?;
    check_import_id(&id).map_err(|_| not_a_webhook(&source, "its id is not that of a webhook"))?;
    let body = body.ok_or_else(|| not_a_webhook(&source, "it holds no body"))?;
    let url = text(&body, "url")
        .filter(|url| webhook_url::check(url).is_ok())
        .ok_or_else(|| not_a_webhook(&source, "its body holds no url"))?;
    let verify_tls = body
        .get("verifyTls")
        .and_then(Json::as_bool)
        .unwrap_or(true);
    Ok(ResourceState {
        model: Model {
            id: Attr::Known(id),
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

/// The first of the attributes that holds an object, be it as a string of JSON, with a url in it.
fn document(state: &Map<String, Json>, names: &[&str]) -> Option<Map<String, Json>> {
    let objects = names.iter().filter_map(|name| match state.get(*name)? {
        Json::Object(object) => Some(object.clone()),
        Json::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    });
    objects
        .into_iter()
        .find(|object| object.contains_key("url"))
}

/// The id of `restful_resource` is the path of the object.
fn last_segment(path: &str) -> Option<&str> {
    path.split('?')
        .next()?
        .trim_end_matches('/')
        .rsplit('/')
        .next()
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
            "An immuta_webhook can be moved from a restapi_object or a restful_resource, but not from a {} of {}. Import the webhook by its id instead (an import block), and remove the old resource from the state with a removed block.",
            source.type_name, source.provider_address
        ),
    )
}
