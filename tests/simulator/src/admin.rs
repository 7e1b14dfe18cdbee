//! The admin routes: what a shell script does out of band. The crate's docs list them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::fault::Fault;
use crate::history::DeliveryRecord;
use crate::store::StoredWebhook;
use crate::world::Shared;

/// Where the admin routes are.
pub const ADMIN_PATH: &str = "/_simulator/";

type Simulator = State<Arc<Shared>>;
type Answer = (StatusCode, Json<Value>);

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_simulator/webhooks", get(webhooks).post(insert))
        .route("/_simulator/webhooks/{id}", patch(edit).delete(remove))
        .route("/_simulator/webhooks/{id}/history", post(add_history))
        .route("/_simulator/requests", get(requests).delete(clear_requests))
        .route(
            "/_simulator/faults",
            get(faults).post(set_fault).delete(clear_faults),
        )
        .route("/_simulator/behaviour", get(behaviour).patch(behave))
        .route("/_simulator/deliveries", get(deliveries))
        .fallback(async || {
            (
                StatusCode::NOT_FOUND,
                Json(json!({ "message": "No such admin route" })),
            )
        })
        .with_state(shared)
}

fn view(webhook: &StoredWebhook) -> Value {
    json!({
        "id": webhook.id,
        "url": webhook.url,
        "verifyTls": webhook.verify_tls,
        "signingKey": webhook.signing_key.is_some(),
        "suppressed": webhook.suppressed,
    })
}

fn not_found() -> Answer {
    let message = json!({ "message": "Webhook not found" });
    (StatusCode::NOT_FOUND, Json(message))
}

/// What an edit says; what it leaves out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Edit {
    url: Option<String>,
    verify_tls: Option<bool>,
    /// `null` takes the key away.
    #[serde(default, deserialize_with = "some")]
    signing_key: Option<Option<String>>,
    suppressed: Option<bool>,
}

fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

impl Edit {
    fn apply(self, webhook: &mut StoredWebhook) {
        if let Some(url) = self.url {
            webhook.url = url;
        }
        if let Some(verify_tls) = self.verify_tls {
            webhook.verify_tls = verify_tls;
        }
        if let Some(signing_key) = self.signing_key {
            webhook.signing_key = signing_key;
        }
        if let Some(suppressed) = self.suppressed {
            webhook.suppressed = suppressed;
        }
    }
}

async fn webhooks(State(shared): Simulator) -> Json<Value> {
    Json(
        shared
            .world
            .peek(|world| world.store.iter().map(view).collect()),
    )
}

async fn insert(State(shared): Simulator, Json(edit): Json<Edit>) -> Answer {
    if edit.url.is_none() {
        let message = json!({ "message": "url is missing" });
        return (StatusCode::BAD_REQUEST, Json(message));
    }
    let mut webhook = StoredWebhook::new("");
    edit.apply(&mut webhook);
    let shown = view(&webhook);
    shared.world.with(|world| world.store.insert(webhook));
    (StatusCode::CREATED, Json(shown))
}

async fn edit(State(shared): Simulator, Path(id): Path<String>, Json(edit): Json<Edit>) -> Answer {
    let edited = shared.world.with(|world| {
        world.store.edit(&id, |webhook| {
            edit.apply(webhook);
            view(webhook)
        })
    });
    edited.map_or_else(not_found, |shown| (StatusCode::OK, Json(shown)))
}

async fn remove(State(shared): Simulator, Path(id): Path<String>) -> Answer {
    let removed = shared.world.with(|world| world.store.remove(&id));
    removed.map_or_else(not_found, |webhook| (StatusCode::OK, Json(view(&webhook))))
}

/// Entries to be put into a webhook's history.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoreHistory {
    count: u32,
}

async fn add_history(
    State(shared): Simulator,
    Path(id): Path<String>,
    Json(MoreHistory { count }): Json<MoreHistory>,
) -> Answer {
    let added = shared.world.with(|world| {
        let entry = |_| DeliveryRecord::now(&id, "SUCCESS", 200, "");
        world.store.record(&id, (0..count).map(entry))
    });
    if added {
        (StatusCode::OK, Json(json!({ "added": count })))
    } else {
        not_found()
    }
}

async fn requests(State(shared): Simulator) -> Json<Value> {
    Json(shared.world.peek(|world| {
        let shown = |request: &crate::recorded::RecordedRequest| {
            let mut body = request.json();
            if let Some(key) = body.as_mut().and_then(|body| body.get_mut("signingKey")) {
                *key = json!("(not shown)");
            }
            json!({
                "number": request.number,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "route": request.route,
                "webhook": request.webhook,
                "userAgent": request.user_agent,
                "authorized": request.authorized,
                "fault": request.fault,
                "status": request.status,
                "body": body,
            })
        };
        world.requests.iter().map(shown).collect()
    }))
}

async fn clear_requests(State(shared): Simulator) -> StatusCode {
    shared.world.with(|world| world.requests.clear());
    StatusCode::NO_CONTENT
}

async fn faults(State(shared): Simulator) -> Json<Value> {
    Json(shared.world.peek(|world| {
        world
            .faults
            .iter()
            .map(|(id, fault, struck)| json!({ "id": id, "fault": fault, "struck": struck }))
            .collect()
    }))
}

async fn set_fault(State(shared): Simulator, Json(fault): Json<Fault>) -> Answer {
    let id = shared.world.with(|world| world.faults.set(fault));
    (StatusCode::CREATED, Json(json!({ "id": id })))
}

async fn clear_faults(State(shared): Simulator) -> StatusCode {
    shared.world.with(|world| world.faults.clear_all());
    StatusCode::NO_CONTENT
}

async fn behaviour(State(shared): Simulator) -> Json<Behaviour> {
    Json(shared.world.peek(|world| world.behaviour.clone()))
}

/// Changes the switches that the body names; the others stay.
async fn behave(State(shared): Simulator, Json(change): Json<Value>) -> Answer {
    let changed = shared.world.with(|world| {
        let mut whole = serde_json::to_value(&world.behaviour)?;
        if let (Some(whole), Some(change)) = (whole.as_object_mut(), change.as_object()) {
            whole.extend(change.clone());
        }
        world.behaviour = serde_json::from_value(whole.clone())?;
        Ok::<Value, serde_json::Error>(whole)
    });
    match changed {
        Ok(whole) => (StatusCode::OK, Json(whole)),
        Err(error) => {
            let message = json!({ "message": error.to_string() });
            (StatusCode::BAD_REQUEST, Json(message))
        }
    }
}

async fn deliveries(State(shared): Simulator) -> Answer {
    let Some(inbox) = &shared.inbox else {
        let message = json!({ "message": "There is no receiver here" });
        return (StatusCode::NOT_FOUND, Json(message));
    };
    let shown = inbox
        .deliveries()
        .iter()
        .map(|delivery| {
            json!({
                "target": delivery.target,
                "signed": delivery.signature().is_some(),
                "verified": delivery.verified,
                "body": delivery.json(),
            })
        })
        .collect();
    (StatusCode::OK, Json(shown))
}
