//! The shared list under random interleavings: whatever reads and writes of one process overlap, a read never returns
//! something older than the last write that had ended when the read began, and never something that the API did not
//! hold by the time the read ended.
//!
//! Each webhook has one writer, which replaces it again and again: every write is a version of its own, told by the
//! url. Readers look meanwhile. The API is the simulator, whose answers take random times, so that lists, reads by id
//! and writes overtake each other.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, Route, Simulator};
use proptest::prelude::*;
use terraform_provider_immuta::immuta::{
    BaseUrl, Client, ClientConfig, CreateOutcome, DeleteOutcome, ReadOutcome, Token, UpdateOutcome,
    Webhook, WebhookId, WebhookSpec,
};
use tokio_util::sync::CancellationToken;

/// What a writer does next.
#[derive(Clone, Copy, Debug)]
enum Write {
    Update,
    /// It ends this webhook, so it is the last.
    Delete,
}

/// What one webhook goes through.
#[derive(Clone, Debug)]
struct Life {
    /// Each write, and how long the writer waits before it (ms).
    writes: Vec<(Write, u64)>,
    /// How long the readers wait before each of their reads (ms).
    readers: Vec<Vec<u64>>,
}

fn pause() -> impl Strategy<Value = u64> {
    0..4_u64
}

fn life() -> impl Strategy<Value = Life> {
    let updates = prop::collection::vec(pause().prop_map(|wait| (Write::Update, wait)), 1..5);
    let end = prop::option::of(pause().prop_map(|wait| (Write::Delete, wait)));
    let writes = (updates, end).prop_map(|(mut writes, end)| {
        writes.extend(end);
        writes
    });
    let readers = prop::collection::vec(prop::collection::vec(pause(), 1..6), 1..3);
    (writes, readers).prop_map(|(writes, readers)| Life { writes, readers })
}

/// A route, from which of its calls on, and how late these are: the effect with the answer, or the answer alone.
fn delay() -> impl Strategy<Value = Fault> {
    let route = prop::sample::select(vec![
        Route::List,
        Route::Get,
        Route::Create,
        Route::Update,
        Route::Delete,
    ]);
    (route, 1..8_u32, 1..3_u32, 1..8_u64, any::<bool>()).prop_map(
        |(route, from, times, late, effect_first)| {
            let late = Duration::from_millis(late);
            let kind = match effect_first {
                true => FaultKind::AnsweredLate(late),
                false => FaultKind::Latency(late),
            };
            Fault::times(times, On::from(route).nth(from), kind)
        },
    )
}

/// How far a webhook's writer is.
#[derive(Default)]
struct Versions {
    /// The newest write that may have taken effect.
    begun: AtomicU64,
    /// The newest write whose outcome the process knows.
    ended: AtomicU64,
}

const GONE: u64 = u64::MAX;

fn url(life: usize, version: u64) -> String {
    format!("https://hooks.example.com/{life}/{version}")
}

fn version_of(webhook: &Webhook) -> u64 {
    webhook.url.rsplit('/').next().unwrap().parse().unwrap()
}

fn spec(life: usize, version: u64) -> WebhookSpec {
    WebhookSpec {
        url: url(life, version),
        verify_tls: true,
        signing_key: None,
    }
}

/// Writes one webhook's versions; afterwards it is what the last write made of it, or gone.
async fn write(
    client: Client,
    number: usize,
    id: WebhookId,
    versions: Arc<Versions>,
    writes: Vec<(Write, u64)>,
) {
    let stop = CancellationToken::new();
    for (version, (write, wait)) in (2..).zip(writes) {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let version = match write {
            Write::Update => version,
            Write::Delete => GONE,
        };
        versions.begun.store(version, Ordering::SeqCst);
        match write {
            Write::Update => {
                let update = client.update(&id, &spec(number, version), &stop).await;
                assert!(matches!(update, UpdateOutcome::Updated(_)), "{update:?}");
            }
            Write::Delete => {
                let deletion = client.delete(&id, &stop).await;
                assert!(matches!(deletion, DeleteOutcome::Deleted), "{deletion:?}");
            }
        }
        versions.ended.store(version, Ordering::SeqCst);
    }
}

/// Reads one webhook again and again, and gives every read that saw what it must not see.
async fn read(
    client: Client,
    id: WebhookId,
    versions: Arc<Versions>,
    waits: Vec<u64>,
    reads: Arc<AtomicUsize>,
) -> Vec<String> {
    let stop = CancellationToken::new();
    let mut wrong = Vec::new();
    for wait in waits {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let at_least = versions.ended.load(Ordering::SeqCst);
        let reading = client.read(&id, &stop).await;
        let at_most = versions.begun.load(Ordering::SeqCst);
        reads.fetch_add(1, Ordering::Relaxed);
        let seen = match &reading {
            ReadOutcome::Found(webhook) => version_of(webhook),
            ReadOutcome::NotFound => GONE,
            ReadOutcome::Unavailable(_) | ReadOutcome::Failed(_) => {
                wrong.push(format!("{reading:?}"));
                continue;
            }
        };
        if !(at_least..=at_most).contains(&seen) {
            wrong.push(format!(
                "saw version {seen}, not one from {at_least} to {at_most}"
            ));
        }
    }
    wrong
}

async fn live(lives: Vec<Life>, delays: Vec<Fault>, reads: &Arc<AtomicUsize>) -> Vec<String> {
    let simulator = Simulator::start();
    let config = ClientConfig::new(
        BaseUrl::parse(&simulator.base_url()).unwrap(),
        Token::parse(simulator.token().into()).unwrap(),
        "test".to_owned(),
    );
    let client = Client::new(&config);
    for delay in delays {
        simulator.fault(delay);
    }
    let stop = CancellationToken::new();
    let mut writers = Vec::new();
    let mut readers = Vec::new();
    for (number, life) in lives.into_iter().enumerate() {
        // Others already read and write while this one is made.
        let created = client.create(&spec(number, 1), &stop).await;
        let CreateOutcome::Created(webhook) = created else {
            panic!("{created:?}");
        };
        let versions = Arc::new(Versions::default());
        versions.begun.store(1, Ordering::SeqCst);
        versions.ended.store(1, Ordering::SeqCst);
        for waits in life.readers {
            let read = read(
                client.clone(),
                webhook.id.clone(),
                Arc::clone(&versions),
                waits,
                Arc::clone(reads),
            );
            readers.push(tokio::spawn(read));
        }
        let write = write(
            client.clone(),
            number,
            webhook.id.clone(),
            Arc::clone(&versions),
            life.writes,
        );
        writers.push((tokio::spawn(write), number, webhook.id, versions));
    }
    let mut wrong = Vec::new();
    for reader in readers {
        wrong.extend(reader.await.unwrap());
    }
    for (writer, number, id, versions) in writers {
        writer.await.unwrap();
        // In the end process and API agree.
        let held = simulator.webhook(id.as_str()).map(|webhook| webhook.url);
        let last = versions.ended.load(Ordering::SeqCst);
        let read = match client.read(&id, &stop).await {
            ReadOutcome::Found(webhook) => Some(webhook.url),
            ReadOutcome::NotFound => None,
            other => panic!("{other:?}"),
        };
        let expected = (last != GONE).then(|| url(number, last));
        if held != expected || read != expected {
            wrong.push(format!(
                "{expected:?} was written, {held:?} is held, {read:?} is read"
            ));
        }
    }
    wrong
}

#[test]
fn a_read_is_never_older_than_the_last_write() {
    let reads = Arc::new(AtomicUsize::new(0));
    let config = ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let lives = prop::collection::vec(life(), 1..4);
    let delays = prop::collection::vec(delay(), 0..8);
    proptest!(config, |(lives in lives, delays in delays)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let wrong = runtime.block_on(live(lives, delays, &reads));
        prop_assert_eq!(wrong, Vec::<String>::new());
    });
    let reads = reads.load(Ordering::Relaxed);
    println!("{reads} reads among writes");
    assert!(reads > 128, "only {reads} reads were made");
}
