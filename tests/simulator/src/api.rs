//! What each call of the API does and answers. Pure but for the two tests, which deliver.

use std::borrow::Cow;

use axum::http::Method;
use hyper::body::Bytes;
use serde::Serialize;
use serde_json::json;

use crate::answer::Answer;
use crate::behaviour::{Behaviour, PutStyle};
use crate::delivery::Outcome;
use crate::history::{self, DeliveryRecord};
use crate::route::Route;
use crate::store::StoredWebhook;
use crate::webhook_body;
use crate::world::{Shared, World};

/// A request, as far as the API looks at it.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) query: String,
    pub(crate) route: Route,
    pub(crate) webhook: Option<String>,
    pub(crate) authorized: bool,
    pub(crate) body: Bytes,
}

/// What a call comes to.
#[derive(Debug)]
enum Step {
    Answer(Answer),
    Deliver(Box<Test>),
}

/// A test that is to be delivered.
#[derive(Debug)]
struct Test {
    /// The one whose outcome is answered.
    target: StoredWebhook,
    /// Those that are delivered to besides.
    others: Vec<StoredWebhook>,
}

/// A webhook as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'w> {
    id: &'w str,
    url: Cow<'w, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verify_tls: Option<bool>,
    /// Whether a key is set. The key itself is never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    future_field: Option<&'static [&'static str]>,
}

impl<'w> View<'w> {
    fn of(webhook: &'w StoredWebhook, behaviour: &Behaviour) -> View<'w> {
        let shown = |value: bool, default: bool| {
            (!behaviour.omit_defaults || value != default).then_some(value)
        };
        View {
            id: &webhook.id,
            url: if behaviour.normalize_url {
                Cow::Owned(with_slash(&webhook.url))
            } else {
                Cow::Borrowed(&webhook.url)
            },
            verify_tls: shown(webhook.verify_tls, true),
            signing_key: shown(webhook.signing_key.is_some(), false),
            suppressed: shown(webhook.suppressed, false),
            future_field: behaviour.extra_fields.then_some(&["not", "documented"]),
        }
    }
}

/// The url with a slash at the end of its path.
fn with_slash(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (path, rest) = url.split_at(end);
    format!("{path}/{rest}")
}

/// Does what the call asks and gives its answer.
pub(crate) async fn answer(shared: &Shared, call: &Call) -> Answer {
    match shared.world.with(|world| decide(world, call)) {
        Step::Answer(answer) => answer,
        Step::Deliver(test) => deliver(shared, &test).await,
    }
}

fn decide(world: &mut World, call: &Call) -> Step {
    let absent = world.behaviour.absent.contains(&call.route);
    if absent || call.route == Route::Unknown {
        let status = if absent {
            world.behaviour.absent_status
        } else {
            404
        };
        return Step::Answer(Answer::no_route(status, &call.method, &call.target));
    }
    if call.route == Route::Health {
        return Step::Answer(health());
    }
    if !call.authorized {
        return Step::Answer(Answer::unauthorized());
    }
    let id = call.webhook.as_deref().unwrap_or_default();
    let answer = match call.route {
        Route::Create => create(world, &call.body),
        Route::List => list(world),
        Route::Get => match world.store.get(id) {
            Some(webhook) => Answer::json(200, &View::of(webhook, &world.behaviour)),
            None => Answer::no_webhook(),
        },
        Route::Update => update(world, id, &call.body),
        Route::Delete => match world.store.remove(id) {
            Some(_) => Answer::no_content(),
            None => Answer::no_webhook(),
        },
        Route::TestConfig => return test_config(world, &call.body),
        Route::TestById => return test_by_id(world, id),
        Route::History => match world.store.history(id) {
            Some(records) => history::answer(
                records,
                &call.query,
                world.behaviour.history_order,
                world.behaviour.history_page_cap,
            ),
            None => Answer::no_webhook(),
        },
        Route::User => Answer::json(200, &world.user),
        Route::Health | Route::Unknown => Answer::no_route(404, &call.method, &call.target),
    };
    Step::Answer(answer)
}

fn health() -> Answer {
    let up = json!({ "database": { "status": "up" } });
    Answer::json(
        200,
        &json!({ "status": "ok", "info": up, "error": {}, "details": up }),
    )
}

fn list(world: &World) -> Answer {
    let views: Vec<View<'_>> = world
        .store
        .iter()
        .map(|webhook| View::of(webhook, &world.behaviour))
        .collect();
    Answer::json(200, &views)
}

fn create(world: &mut World, body: &[u8]) -> Answer {
    let body = match webhook_body::read(body, true) {
        Ok(body) => body,
        Err(problems) => return Answer::invalid(&problems),
    };
    let webhook = StoredWebhook {
        verify_tls: world.behaviour.ignore_verify_tls || body.verify_tls.unwrap_or(true),
        signing_key: body
            .signing_key
            .filter(|_| !world.behaviour.drop_key_on_create),
        ..StoredWebhook::new(body.url.unwrap_or_default())
    };
    if is_taken(world, &webhook.url, None) {
        return taken();
    }
    let answer = Answer::json(200, &View::of(&webhook, &world.behaviour));
    world.store.insert(webhook);
    answer
}

fn update(world: &mut World, id: &str, body: &[u8]) -> Answer {
    if world.store.get(id).is_none() {
        return Answer::no_webhook();
    }
    let body = match webhook_body::read(body, false) {
        Ok(body) => body,
        Err(problems) => return Answer::invalid(&problems),
    };
    if body
        .url
        .as_deref()
        .is_some_and(|url| is_taken(world, url, Some(id)))
    {
        return taken();
    }
    let behaviour = &world.behaviour;
    let full = behaviour.put == PutStyle::Full;
    let changed = world.store.edit(id, |webhook| {
        if let Some(url) = body.url {
            webhook.url = url;
        }
        if !behaviour.ignore_verify_tls {
            let unsaid = if full { true } else { webhook.verify_tls };
            webhook.verify_tls = body.verify_tls.unwrap_or(unsaid);
        }
        if behaviour.drop_key_on_update {
            webhook.signing_key = None;
        } else if body.signing_key.is_some() || full {
            webhook.signing_key = body.signing_key;
        }
        Answer::json(200, &View::of(webhook, behaviour))
    });
    changed.unwrap_or_else(Answer::no_webhook)
}

/// Whether a webhook other than `but` has this url, and that is forbidden.
fn is_taken(world: &World, url: &str, but: Option<&str>) -> bool {
    world.behaviour.forbid_duplicates
        && world
            .store
            .iter()
            .any(|webhook| webhook.url == url && but != Some(&webhook.id))
}

fn taken() -> Answer {
    Answer::error(409, "A webhook with this URL already exists")
}

fn test_config(world: &World, body: &[u8]) -> Step {
    let body = match webhook_body::read(body, true) {
        Ok(body) => body,
        Err(problems) => return Step::Answer(Answer::invalid(&problems)),
    };
    let target = StoredWebhook {
        verify_tls: body.verify_tls.unwrap_or(true),
        signing_key: body.signing_key,
        ..StoredWebhook::new(body.url.unwrap_or_default())
    };
    let others = if world.behaviour.test_all {
        let open = |webhook: &&StoredWebhook| !webhook.suppressed;
        world.store.iter().filter(open).cloned().collect()
    } else {
        Vec::new()
    };
    Step::Deliver(Box::new(Test { target, others }))
}

/// A suppressed webhook is not delivered to, and the result says neither success nor failure.
fn test_by_id(world: &World, id: &str) -> Step {
    let Some(webhook) = world.store.get(id) else {
        return Step::Answer(Answer::no_webhook());
    };
    if webhook.suppressed {
        return Step::Answer(Answer::json(
            200,
            &json!({
                "status": "UNSPECIFIED",
                "httpStatusCode": 0,
                "errorMessage": "Deliveries to this webhook are suppressed",
            }),
        ));
    }
    Step::Deliver(Box::new(Test {
        target: webhook.clone(),
        others: Vec::new(),
    }))
}

async fn deliver(shared: &Shared, test: &Test) -> Answer {
    let outcome = deliver_one(shared, &test.target).await;
    for other in &test.others {
        deliver_one(shared, other).await;
    }
    let mut result = json!({ "status": outcome.word(), "httpStatusCode": outcome.status });
    if let (Some(problem), Some(result)) = (&outcome.problem, result.as_object_mut()) {
        result.insert("errorMessage".to_owned(), json!(problem));
    }
    Answer::json(200, &result)
}

/// Delivers, and notes it in the webhook's history when the store holds the webhook.
async fn deliver_one(shared: &Shared, webhook: &StoredWebhook) -> Outcome {
    let mut record = DeliveryRecord::now(&webhook.id, "", 0, "");
    let outcome = shared.courier.deliver(webhook, &record.delivery_id).await;
    outcome.word().clone_into(&mut record.status);
    record.http_status_code = outcome.status;
    record.message = outcome.problem.clone().unwrap_or_default();
    shared
        .world
        .with(|world| world.store.record(&webhook.id, [record]));
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_ends_the_path() {
        let cases = [
            ("https://h", "https://h/"),
            ("https://h/a", "https://h/a/"),
            ("https://h/a?q=1/2", "https://h/a/?q=1/2"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_slash(url), expected);
        }
    }
}
