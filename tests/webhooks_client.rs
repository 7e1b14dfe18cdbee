//! The API client against the simulator over real HTTP: every fault on every operation, and what each deployment may do
//! differently. After each: nothing lost, nothing doubled, nothing leaked.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use immuta_simulator::{
    Behaviour, DeliveryRecord, Fault, FaultKind, HistoryOrder, On, PutStyle, RateLimit, Receiver,
    Route, Simulator, StoredWebhook,
};
use terraform_provider_immuta::immuta::{
    BaseUrl, CaCertificates, Client, ClientConfig, CreateOutcome, DeleteOutcome, Difference,
    ReadOutcome, RetryPolicy, TestStatus, Token, UpdateOutcome, WebhookId, WebhookSpec,
};
use tokio_util::sync::CancellationToken;

const KEY: &str = "sïgning/key \"that\" must not leak";
const URL: &str = "https://hooks.example/immuta";
const NEW_URL: &str = "https://new.example/immuta";

/// A client that takes its time.
fn client(simulator: &Simulator) -> Client {
    client_within(simulator, Duration::from_secs(60))
}

/// A client for faults that never answer. What a slow machine makes a fault of besides must be survived like any other.
fn hasty_client(simulator: &Simulator) -> Client {
    client_within(simulator, Duration::from_secs(1))
}

fn client_within(simulator: &Simulator, request_timeout: Duration) -> Client {
    let url = BaseUrl::parse(&simulator.base_url()).unwrap();
    let mut config = ClientConfig::new(
        url,
        Token::parse(simulator.token().into()).unwrap(),
        "test/1".to_owned(),
    );
    config.request_timeout = request_timeout;
    config.operation_timeout = Duration::from_secs(120);
    config.retry =
        RetryPolicy::new(2, Duration::from_millis(1), Duration::from_millis(50)).unwrap();
    config.ca_certificates = simulator
        .ca_pem()
        .map(|pem| CaCertificates::from_pem(pem).unwrap());
    Client::new(&config)
}

fn parsed(id: &str) -> WebhookId {
    WebhookId::parse(id).unwrap()
}

fn never() -> CancellationToken {
    CancellationToken::new()
}

fn spec(url: &str) -> WebhookSpec {
    WebhookSpec {
        url: url.to_owned(),
        verify_tls: false,
        signing_key: Some(KEY.into()),
    }
}

fn assert_no_secret(simulator: &Simulator, text: &str) {
    let token = simulator.token();
    for secret in [
        token.as_str(),
        KEY,
        "sïgning",
        "s%C3%AFgning",
        "s\\u00efgning",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// Runs a check for each fault, that strikes fewer and as many calls in a row as there are attempts.
async fn for_each_fault<F: Future<Output = ()>>(check: impl Fn(FaultKind, u32) -> F) {
    let faults = FaultKind::samples(Duration::from_millis(20));
    let cases = faults
        .into_iter()
        .flat_map(|kind| [(kind.clone(), 1), (kind, 2)]);
    stream::iter(cases.map(|(kind, strikes)| check(kind, strikes)))
        .buffer_unordered(8)
        .collect::<()>()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_create() {
    for_each_fault(async |kind, strikes| {
        let simulator = Simulator::start();
        simulator.fault(Fault::times(strikes, Route::Create, kind.clone()));
        let creation = hasty_client(&simulator).create(&spec(URL), &never()).await;
        let what = format!("{} x {strikes}: {creation:?}", kind.name());
        assert_no_secret(&simulator, &what);
        let ids: Vec<String> = simulator
            .webhooks()
            .into_iter()
            .map(|webhook| webhook.id)
            .collect();
        assert!(ids.len() <= 1, "doubled: {what}");
        match creation {
            CreateOutcome::Created(webhook) | CreateOutcome::Adopted { webhook, .. } => {
                assert_eq!(ids, [webhook.id.to_string()], "{what}")
            }
            CreateOutcome::CreatedIdOnly { id, .. } => assert_eq!(ids, [id.to_string()], "{what}"),
            CreateOutcome::Failed(_) => assert!(ids.is_empty(), "lost: {what}"),
            // It says that one may exist.
            CreateOutcome::Ambiguous { .. } => {}
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_an_update() {
    for_each_fault(async |kind, strikes| {
        let simulator = Simulator::start();
        let id = simulator.insert(StoredWebhook::new(URL));
        simulator.fault(Fault::times(strikes, Route::Update, kind.clone()));
        let wanted = WebhookSpec { signing_key: None, ..spec(NEW_URL) };
        let update = hasty_client(&simulator).update(&parsed(&id), &wanted, &never()).await;
        let what = format!("{} x {strikes}: {update:?}", kind.name());
        assert_no_secret(&simulator, &what);
        let held = simulator.webhook(&id).unwrap();
        match update {
            UpdateOutcome::Updated(webhook) | UpdateOutcome::Unconfirmed { webhook, .. } => {
                assert_eq!((webhook.url, webhook.verify_tls), (held.url, held.verify_tls), "{what}");
            }
            UpdateOutcome::Failed(_) => {}
            UpdateOutcome::NotFound(_) => panic!("{what}"),
        }
        // A later apply converges.
        simulator.clear_faults();
        let again = client(&simulator).update(&parsed(&id), &spec(NEW_URL), &never()).await;
        assert!(matches!(&again, UpdateOutcome::Updated(webhook) if webhook.differences(&spec(NEW_URL)).is_empty()), "{again:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_delete() {
    for_each_fault(async |kind, strikes| {
        let simulator = Simulator::start();
        let id = simulator.insert(StoredWebhook::new(URL));
        simulator.fault(Fault::times(strikes, Route::Delete, kind.clone()));
        let deletion = hasty_client(&simulator)
            .delete(&parsed(&id), &never())
            .await;
        let what = format!("{} x {strikes}: {deletion:?}", kind.name());
        assert_no_secret(&simulator, &what);
        if matches!(deletion, DeleteOutcome::Deleted) {
            assert_eq!(simulator.count(), 0, "orphaned: {what}");
        }
        simulator.clear_faults();
        assert!(matches!(
            client(&simulator).delete(&parsed(&id), &never()).await,
            DeleteOutcome::Deleted
        ));
        assert_eq!(simulator.count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_read_and_a_list() {
    for_each_fault(async |kind, strikes| {
        let simulator = Simulator::start();
        let id = simulator.insert(StoredWebhook::new(URL).with_key(KEY));
        // All reads, or the list alone.
        let on = if strikes == 1 {
            On::method("GET")
        } else {
            Route::List.into()
        };
        simulator.fault(Fault::always(on, kind.clone()));
        let webhooks = hasty_client(&simulator);
        webhooks.register_secret(&KEY.into());
        let stop = never();
        let (reading, list) =
            tokio::join!(webhooks.read(&parsed(&id), &stop), webhooks.list(&stop));
        let what = format!("{}: {reading:?} {list:?}", kind.name());
        assert_no_secret(&simulator, &what);
        match &reading {
            ReadOutcome::Found(webhook) => assert_eq!(webhook.id, parsed(&id)),
            ReadOutcome::Failed(_) => {}
            ReadOutcome::NotFound | ReadOutcome::Unavailable(_) => panic!("{what}"),
        }
        if let Ok(list) = list {
            assert_eq!(list.len(), 1, "{what}");
        }
        // Another process reads again.
        simulator.clear_faults();
        assert!(matches!(
            client(&simulator).read(&parsed(&id), &never()).await,
            ReadOutcome::Found(_)
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_test_delivery() {
    for_each_fault(async |kind, strikes| {
        let receiver = Receiver::start_http();
        let simulator = Simulator::start();
        simulator.fault(Fault::times(strikes, Route::TestConfig, kind.clone()));
        let result = hasty_client(&simulator)
            .test(&spec(&receiver.url()), &never())
            .await;
        let what = format!("{} x {strikes}: {result:?}", kind.name());
        assert_no_secret(&simulator, &what);
        assert!(receiver.deliveries().len() <= 1, "delivered twice: {what}");
        if result.is_ok() {
            assert_eq!(receiver.deliveries().len(), 1, "{what}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_result_quotes_of_the_request_is_cut() {
    let simulator = Simulator::start();
    simulator.fault(Fault::always(
        Route::TestConfig,
        FaultKind::EchoSecrets(200),
    ));
    let result = client(&simulator).test(&spec(URL), &never()).await.unwrap();
    assert_eq!(result.status, TestStatus::Failed);
    let message = result.error_message.unwrap();
    assert!(message.contains("(redacted)"), "{message}");
    assert_no_secret(&simulator, &message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_over_tls() {
    let receiver = Receiver::start_http();
    let simulator = Simulator::builder().https().start().unwrap();
    let webhooks = client(&simulator);
    let stop = never();
    let spec = spec(&receiver.url_at("/größe?q=1"));
    let CreateOutcome::Created(made) = webhooks.create(&spec, &stop).await else {
        panic!()
    };
    assert!(made.differences(&spec).is_empty() && made.signing_key_set);
    assert!(
        matches!(webhooks.read(&made.id, &stop).await, ReadOutcome::Found(found) if found == made)
    );
    let result = webhooks.test_by_id(&made.id, &stop).await.unwrap();
    assert_eq!(result.status, TestStatus::Success, "{result:?}");
    assert!(receiver.deliveries()[0].is_signed_with(KEY));
    let history = webhooks.history(&made.id, 25, &stop).await.unwrap();
    assert_eq!(
        (history.len(), history[0].webhook_id.as_str()),
        (1, made.id.as_str())
    );
    let user = webhooks.current_user(&stop).await.unwrap();
    assert!(!user.username.is_empty() && user.token_expires_at.is_some());
    let failed = webhooks
        .test_by_id(&parsed("00000000-0000-4000-8000-000000000000"), &stop)
        .await
        .unwrap_err();
    assert_eq!(failed.status(), Some(404));
    assert!(matches!(
        webhooks.delete(&made.id, &stop).await,
        DeleteOutcome::Deleted
    ));
    assert!(matches!(
        webhooks.read(&made.id, &stop).await,
        ReadOutcome::NotFound
    ));
    simulator.set_token("another");
    let error = webhooks.list(&stop).await.unwrap_err();
    assert!(error.to_string().contains("Not authenticated."), "{error}");
    assert!(error.advice().contains("segment"), "{}", error.advice());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployments_without_reads() {
    for absent_status in [404, 405, 501] {
        let without = |absent: Vec<Route>| {
            let simulator = Simulator::builder()
                .behaviour(Behaviour {
                    absent,
                    absent_status,
                    ..Behaviour::default()
                })
                .start()
                .unwrap();
            let id = simulator.insert(StoredWebhook::new(URL));
            (simulator, id)
        };
        let (simulator, id) = without(vec![Route::List]);
        let webhooks = client(&simulator);
        assert!(matches!(
            webhooks.read(&parsed(&id), &never()).await,
            ReadOutcome::Found(_)
        ));
        simulator.remove(&id);
        assert!(matches!(
            webhooks.read(&parsed(&id), &never()).await,
            ReadOutcome::NotFound
        ));

        let (simulator, id) = without(vec![Route::Get]);
        assert!(matches!(
            client(&simulator).read(&parsed(&id), &never()).await,
            ReadOutcome::Found(_)
        ));
        simulator.remove(&id);
        assert!(matches!(
            client(&simulator).read(&parsed(&id), &never()).await,
            ReadOutcome::NotFound
        ));

        let (simulator, id) = without(vec![Route::List, Route::Get]);
        let webhooks = client(&simulator);
        assert!(matches!(
            webhooks.read(&parsed(&id), &never()).await,
            ReadOutcome::Unreadable { first: true, .. }
        ));
        assert!(matches!(
            webhooks.read(&parsed(&id), &never()).await,
            ReadOutcome::Unreadable { first: false, .. }
        ));
        assert!(matches!(
            webhooks.create(&spec(URL), &never()).await,
            CreateOutcome::Created(_)
        ));
        assert!(matches!(
            webhooks
                .update(&parsed(&id), &spec(NEW_URL), &never())
                .await,
            UpdateOutcome::Updated(_)
        ));
        assert!(matches!(
            webhooks.delete(&parsed(&id), &never()).await,
            DeleteOutcome::Deleted
        ));
        assert!(webhooks.twins(URL, &never()).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_deployment_makes_of_what_it_is_sent_is_told() {
    let simulator = Simulator::start();
    let webhooks = client(&simulator);
    let stop = never();
    let spec = WebhookSpec {
        verify_tls: true,
        ..spec(URL)
    };

    simulator.behave(|behaviour| behaviour.drop_key_on_create = true);
    let CreateOutcome::Created(made) = webhooks.create(&spec, &stop).await else {
        panic!()
    };
    assert_eq!(made.differences(&spec), [Difference::KeyDropped]);

    simulator.behave(|behaviour| {
        behaviour.put = PutStyle::Full;
        behaviour.respell_url = true;
        behaviour.omit_defaults = true;
        behaviour.extra_fields = true;
    });
    let UpdateOutcome::Updated(updated) = webhooks.update(&made.id, &spec, &stop).await else {
        panic!()
    };
    assert_eq!(
        updated.differences(&spec),
        [Difference::Url],
        "a slash added to a path is another url"
    );
    simulator.behave(|behaviour| behaviour.ignore_verify_tls = true);
    let skip = WebhookSpec {
        verify_tls: false,
        signing_key: None,
        ..spec
    };
    let UpdateOutcome::Updated(updated) = webhooks.update(&made.id, &skip, &stop).await else {
        panic!()
    };
    assert!(updated.differences(&skip).contains(&Difference::VerifyTls));
    assert!(
        !updated.signing_key_set,
        "a full PUT drops the key that is not sent"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_limit_slows_down_and_loses_nothing() {
    let simulator = Simulator::builder()
        .behaviour(Behaviour {
            rate_limit: Some(RateLimit {
                calls: 5,
                window: Duration::from_millis(100),
                retry_after: false,
            }),
            ..Behaviour::default()
        })
        .start()
        .unwrap();
    let mut config = ClientConfig::new(
        BaseUrl::parse(&simulator.base_url()).unwrap(),
        Token::parse(simulator.token().into()).unwrap(),
        "test/1".to_owned(),
    );
    config.max_concurrent_requests = 4.try_into().unwrap();
    config.retry =
        RetryPolicy::new(100, Duration::from_millis(20), Duration::from_millis(100)).unwrap();
    let webhooks = Client::new(&config);
    let stop = never();
    let specs: Vec<WebhookSpec> = (0..20)
        .map(|number| spec(&format!("https://h{number}.example")))
        .collect();
    let creations = join_all(specs.iter().map(|spec| webhooks.create(spec, &stop))).await;
    assert!(
        creations
            .iter()
            .all(|creation| matches!(creation, CreateOutcome::Created(_))),
        "{creations:?}"
    );
    assert_eq!(simulator.count(), 20);
    assert!(simulator.peak_in_flight() <= 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_paged_whatever_its_order_and_page_size() {
    for (order, cap) in [
        (HistoryOrder::OldestFirst, None),
        (HistoryOrder::NewestFirst, Some(7)),
    ] {
        let simulator = Simulator::start();
        simulator.behave(|behaviour| {
            behaviour.history_order = order;
            behaviour.history_page_cap = cap;
        });
        let id = simulator.insert(StoredWebhook::new(URL));
        let start: jiff::Timestamp = "2025-01-09T12:00:00Z".parse().unwrap();
        let deliveries = (0..230_i64).map(|number| {
            let mut delivery = DeliveryRecord::now(&id, "SUCCESS", 200, "ok");
            delivery.created_at = (start + jiff::SignedDuration::from_secs(number)).to_string();
            delivery
        });
        simulator.add_history(&parsed(&id), deliveries);
        let newest = client(&simulator)
            .history(&parsed(&id), 3, &never())
            .await
            .unwrap();
        let times: Vec<&str> = newest
            .iter()
            .map(|delivery| delivery.created_at.as_str())
            .collect();
        assert_eq!(
            times,
            [
                "2025-01-09T12:03:49Z",
                "2025-01-09T12:03:48Z",
                "2025-01-09T12:03:47Z"
            ]
        );
    }
}
