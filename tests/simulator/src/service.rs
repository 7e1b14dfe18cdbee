//! From an HTTP request to its response: recording, faults and limits around the API.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, USER_AGENT};
use axum::http::{Request, Response};
use hyper::body::{Bytes, Incoming};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use crate::admin::ADMIN_PATH;
use crate::answer::Answer;
use crate::api::{self, Call};
use crate::corrupt;
use crate::fault::FaultKind;
use crate::recorded::RecordedRequest;
use crate::route::Route;
use crate::server::Hangup;
use crate::world::Shared;

/// The largest body of a request.
const MAX_BODY: usize = 1 << 20;

/// Answers one request.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    admin: Router,
    request: Request<Incoming>,
) -> Result<Response<Body>, Hangup> {
    if request.uri().path().starts_with(ADMIN_PATH) {
        let response = TowerToHyperService::new(admin).call(request).await;
        return Ok(response.unwrap_or_else(|never| match never {}));
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), MAX_BODY).await else {
        return Ok(Answer::error(413, "request entity too large").into_response());
    };
    let path = parts.uri.path();
    let (route, webhook) = Route::of(&parts.method, path);
    let query = parts.uri.query();
    // As NestJS does: a body that does not say that it is JSON is not looked at.
    let body = if is_json(&parts.headers) {
        body
    } else {
        Bytes::new()
    };
    let call = Call {
        target: match query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        },
        query: query.unwrap_or_default().to_owned(),
        route,
        webhook: webhook.map(str::to_owned),
        authorized: false,
        body,
        method: parts.method,
    };
    let (mut visit, call, plan) = arrive(&shared, call, path, &parts.headers);
    let response = respond(&shared, call, plan).await;
    if let Ok(response) = &response {
        visit.status = Some(response.status().as_u16());
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/json"))
}

/// A request under way; its end is recorded also when the client goes away.
struct Visit {
    shared: Arc<Shared>,
    number: u64,
    status: Option<u16>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let (number, status) = (self.number, self.status);
        self.shared
            .world
            .with(|world| world.requests.end(number, status));
    }
}

/// What is to happen to a call besides its effect.
struct Plan {
    fault: Option<FaultKind>,
    latency: Duration,
    /// The answer when the rate limit is reached.
    limited: Option<Answer>,
}

fn arrive(
    shared: &Arc<Shared>,
    mut call: Call,
    path: &str,
    headers: &HeaderMap,
) -> (Visit, Call, Plan) {
    let text = |value: &axum::http::HeaderValue| value.to_str().map(str::to_owned).ok();
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let (number, plan) = shared.world.with(|world| {
        call.authorized = bearer == Some(world.token.as_str());
        let struck = world
            .faults
            .strike(&call.method, call.route, call.webhook.as_deref());
        let (fault, kind) = struck.unzip();
        let now = Instant::now();
        let limited = world.over_limit(now).map(|(limit, left)| {
            let answer = Answer::error(429, "Too Many Requests");
            if limit.retry_after {
                let seconds = left.as_millis().div_ceil(1000).max(1);
                answer.with_header("retry-after", &seconds.to_string())
            } else {
                answer
            }
        });
        let keep = world.behaviour.record_requests;
        let number = world.requests.arrive(
            RecordedRequest {
                number: 0,
                method: call.method.to_string(),
                path: path.to_owned(),
                query: (!call.query.is_empty()).then(|| call.query.clone()),
                route: call.route,
                webhook: call.webhook.clone(),
                user_agent: headers.get(USER_AGENT).and_then(text),
                authorized: call.authorized,
                body: call.body.clone(),
                fault,
                status: None,
                arrived: now,
                ended: None,
            },
            keep,
        );
        let plan = Plan {
            fault: kind,
            latency: world.behaviour.latency.unwrap_or_default(),
            limited,
        };
        (number, plan)
    });
    let visit = Visit {
        shared: Arc::clone(shared),
        number,
        status: None,
    };
    (visit, call, plan)
}

async fn respond(shared: &Arc<Shared>, call: Call, plan: Plan) -> Result<Response<Body>, Hangup> {
    let Plan {
        fault,
        mut latency,
        limited,
    } = plan;
    if let Some(limited) = limited {
        return Ok(limited.into_response());
    }
    let Some(fault) = fault else {
        return Ok(effect(shared, call, latency).await.into_response());
    };
    if let FaultKind::Latency(more) = fault {
        latency += more;
    }
    match fault {
        FaultKind::Status(reply) => Ok(reply.answer().into_response()),
        FaultKind::ResetBefore => Err(Hangup),
        FaultKind::Hang => std::future::pending().await,
        FaultKind::HtmlPage {
            status,
            effect: false,
        } => Ok(corrupt::html_page(status).into_response()),
        FaultKind::Redirect { status, location } => Ok(Answer::error(status, "Moved")
            .with_header("location", &location)
            .into_response()),
        FaultKind::EchoSecrets(status) => {
            let text = echo(shared, &call);
            if status != 200 {
                return Ok(Answer::error(status, text).into_response());
            }
            if !matches!(call.route, Route::TestConfig | Route::TestById) {
                return Ok(Answer::error(400, text).into_response());
            }
            effect(shared, call, latency).await;
            let result = json!({ "status": "FAILED", "httpStatusCode": 500, "errorMessage": text });
            Ok(Answer::json(200, &result).into_response())
        }
        fault => {
            let answer = effect(shared, call, latency).await;
            match fault {
                FaultKind::StatusAfter(reply) => Ok(reply.answer().into_response()),
                FaultKind::ResetAfter => Err(Hangup),
                FaultKind::HangAfter => std::future::pending().await,
                FaultKind::AnsweredLate(wait) => {
                    tokio::time::sleep(wait).await;
                    Ok(answer.into_response())
                }
                FaultKind::HtmlPage { status, .. } => {
                    Ok(corrupt::html_page(status).into_response())
                }
                FaultKind::TruncatedBody => Ok(corrupt::truncated(answer)),
                other => Ok(corrupt::corrupt(&other, answer).into_response()),
            }
        }
    }
}

/// The call's effect and its answer. What takes time goes on when the client goes away, as on a server that has read
/// the request.
async fn effect(shared: &Arc<Shared>, call: Call, latency: Duration) -> Answer {
    let delivers = matches!(call.route, Route::TestConfig | Route::TestById);
    if latency.is_zero() && !delivers {
        return api::answer(shared, &call).await;
    }
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        tokio::time::sleep(latency).await;
        api::answer(&shared, &call).await
    })
    .await
    .unwrap_or_else(|_| Answer::error(500, "Internal server error"))
}

/// Quotes the token, the key and the url that the call is about.
fn echo(shared: &Shared, call: &Call) -> String {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let said = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    shared.world.peek(|world| {
        let stored = call.webhook.as_deref().and_then(|id| world.store.get(id));
        let key = said("signingKey").or_else(|| stored.and_then(|s| s.signing_key.clone()));
        let url = said("url").or_else(|| stored.map(|s| s.url.clone()));
        let secrets = [Some(world.token.as_str()), key.as_deref(), url.as_deref()];
        corrupt::echo(secrets.into_iter().flatten())
    })
}
