//! How CPU and memory of one process grow with the webhooks: the calls of a plan, ten at a time, over the host harness,
//! while every answer of the API takes 50 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use immuta_simulator::{Simulator, StoredWebhook};
use serde_json::json;
use tfplugin_host::session::PlanRequest;
use tfplugin_host::state::State;
use tfplugin_host::wire::Wire;
use tfplugin_host::{ClientCertificate, Launch, Phase, Profile, Session, Value};

use crate::Error;
use crate::arguments::Arguments;
use crate::candidate::{Provider, Who};
use crate::start::{megabytes, millis};
use crate::stats::median;
use crate::usage;

const PARALLELISM: usize = 10;
const LATENCY: Duration = Duration::from_millis(50);
const TYPE_NAME: &str = "immuta_webhook";
/// Each webhook has a key of its own that starts so.
const KEY: &str = "bench-key";

/// One provider's measurements, by rising number of webhooks.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) who: Who,
    pub(crate) points: Vec<Point>,
}

/// The whole process, from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) webhooks: usize,
    pub(crate) cpu_ms: f64,
    pub(crate) peak_mb: f64,
    pub(crate) calls: usize,
}

impl Curve {
    /// Between each number and the next: CPU in ms and memory in KB for one webhook more. What every process costs,
    /// whatever it does, cancels out.
    pub(crate) fn slopes(&self) -> Vec<Slope> {
        let pairs = self.points.iter().zip(self.points.iter().skip(1));
        pairs
            .map(|(from, to)| {
                let more = (to.webhooks - from.webhooks) as f64;
                Slope {
                    from: from.webhooks,
                    to: to.webhooks,
                    cpu_ms: (to.cpu_ms - from.cpu_ms) / more,
                    memory_kb: (to.peak_mb - from.peak_mb) * 1e3 / more,
                }
            })
            .collect()
    }
}

/// See [`Curve::slopes`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) cpu_ms: f64,
    pub(crate) memory_kb: f64,
}

/// Measures every provider over every number, in turns.
pub(crate) fn measure(providers: &[Provider], arguments: &Arguments) -> Result<Vec<Curve>, Error> {
    let mut curves: Vec<Curve> = providers
        .iter()
        .map(|provider| Curve {
            who: provider.who,
            points: Vec::new(),
        })
        .collect();
    for &webhooks in arguments.numbers.growth {
        let mut samples: Vec<Vec<Point>> = providers.iter().map(|_| Vec::new()).collect();
        for _ in 0..arguments.rounds.growth {
            for (provider, samples) in providers.iter().zip(&mut samples) {
                samples.push(run(provider, webhooks)?);
            }
        }
        for (curve, samples) in curves.iter_mut().zip(samples) {
            let of =
                |field: fn(&Point) -> f64| median(samples.iter().map(field)).ok_or("no rounds");
            curve.points.push(Point {
                webhooks,
                cpu_ms: of(|point| point.cpu_ms)?,
                peak_mb: of(|point| point.peak_mb)?,
                calls: samples
                    .iter()
                    .map(|point| point.calls)
                    .max()
                    .ok_or("no rounds")?,
            });
        }
    }
    Ok(curves)
}

fn run(provider: &Provider, webhooks: usize) -> Result<Point, Error> {
    let simulator = Simulator::start();
    let ids: Vec<(String, String)> = (0..webhooks)
        .map(|number| {
            let url = format!("https://hooks.example.com/bench/{number}");
            (
                simulator.insert(StoredWebhook::new(&url).with_key(KEY)),
                url,
            )
        })
        .collect();
    simulator.behave(|behaviour| behaviour.latency = Some(LATENCY));

    let certificate = Arc::new(ClientCertificate::fresh()?);
    let before = usage::of_children()?;
    let process = Arc::new(
        Launch::new(&provider.binary)
            .client_certificate(certificate)
            .start()?,
    );
    let wire: Arc<dyn Wire> = process.clone();
    let session = Session::open(wire, Profile::T1_11, Phase::Plan).ok()?;
    let config = session.schemas().provider.object(&json!({
        "endpoint": simulator.base_url(),
        "token": simulator.token(),
    }))?;
    session.configure(&config).ok()?;

    let next = AtomicUsize::new(0);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..PARALLELISM)
            .map(|_| {
                scope.spawn(|| -> Result<(), String> {
                    while let Some((id, url)) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        plan(&session, id, url)?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| match worker.join() {
                Ok(result) => result.err(),
                Err(_) => Some("a worker panicked".to_owned()),
            })
            .collect()
    });
    if let Some(failure) = failures.into_iter().next() {
        return Err(failure.into());
    }
    let peak = usage::memory_kib(process.pid(), "VmHWM")?;
    process.shut_down()?;
    let cpu = usage::of_children()?.saturating_sub(before);
    Ok(Point {
        webhooks,
        cpu_ms: millis(cpu),
        peak_mb: megabytes(peak),
        calls: simulator.requests().len(),
    })
}

/// What a plan calls for one stored webhook.
fn plan(session: &Session, id: &str, url: &str) -> Result<(), String> {
    let schema = session.resource(TYPE_NAME);
    let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what} of {url}: {error}");
    let object = |json| {
        schema
            .block
            .object(&json)
            .map_err(|error| failed("the state", &error))
    };
    let config = object(json!({ "url": url, "signing_key": format!("{KEY}-{id}") }))?;
    let state = schema.state(
        object(json!({
            "id": id, "url": url, "verify_tls": true, "signing_key_set": true, "suppressed": false,
            "signing_key": format!("{KEY}-{id}"),
        }))?,
        Vec::new(),
        Value::Null,
    );
    let state: State = session
        .upgrade(url, TYPE_NAME, &state)
        .ok()
        .map_err(|error| failed("the upgrade", &error))?;
    let state = session
        .read(url, TYPE_NAME, &state)
        .ok()
        .map_err(|error| failed("the read", &error))?;
    session
        .validate_resource(TYPE_NAME, &config)
        .ok()
        .map_err(|error| failed("the validation", &error))?;
    let planned = session
        .plan(PlanRequest {
            address: url,
            type_name: TYPE_NAME,
            prior: &state.value,
            private: &state.private,
            planned_private: &[],
            identity: &state.identity,
            config: &config,
        })
        .ok()
        .map_err(|error| failed("the plan", &error))?;
    match planned.value == state.value {
        true => Ok(()),
        false => Err(format!("the plan of {url} has something to do")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_process_costs_cancels_out() {
        let point = |webhooks, cpu_ms, peak_mb| Point {
            webhooks,
            cpu_ms,
            peak_mb,
            calls: 1,
        };
        let curve = Curve {
            who: Who::Ours,
            points: vec![
                point(0, 5.0, 10.0),
                point(100, 25.0, 11.0),
                point(200, 35.0, 11.5),
            ],
        };
        let slopes: Vec<_> = curve
            .slopes()
            .iter()
            .map(|slope| (slope.cpu_ms, slope.memory_kb.round()))
            .collect();
        assert_eq!(slopes, [(0.2, 10.0), (0.1, 5.0)]);
    }
}
