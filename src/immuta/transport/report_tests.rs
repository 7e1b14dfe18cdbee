//! What the log says of calls and waits, and what it never says.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::immuta::testing::api::{assert_no_secret, Fault, id, never, spec_with_key, TestApi};
use crate::immuta::{ReadOutcome, UpdateOutcome};

/// Events as lines: level, message, fields.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

impl Lines {
    fn of(&self, level: Level) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines
            .iter()
            .filter(|(of, _)| *of == level)
            .map(|(_, line)| line.clone())
            .collect()
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0
            .lock()
            .unwrap()
            .push((*event.metadata().level(), line.0));
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn calls_waits_and_bodies() {
    let lines = Lines::default();
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(lines.clone()));
    let api = TestApi::default();
    api.insert("a", "https://u:hunter2@h.example/?k=hunter2");
    api.faults(
        "PUT",
        [Fault::Response(503, "busy"), Fault::TooMany("3"), Fault::None],
    );
    let client = api.client(|_| ());
    let spec = spec_with_key("https://u:hunter2@new.example/?k=hunter2");
    assert!(matches!(
        client.read(&id("a"), &never()).await,
        ReadOutcome::Found(_)
    ));
    assert!(matches!(
        client.update(&id("a"), &spec, &never()).await,
        UpdateOutcome::Updated(_)
    ));

    let calls = lines.of(Level::DEBUG);
    assert_eq!(calls.len(), 4, "{calls:?}");
    for (call, (status, attempt)) in calls[1..].iter().zip([(503, 1), (429, 2), (200, 3)]) {
        for part in [
            "method=\"PUT\"",
            "path=\"/api/notification/webhook/a\"",
            &format!("status={status}"),
            &format!("attempt={attempt}"),
            "latency_ms=",
        ] {
            assert!(call.contains(part), "{part} in {call}");
        }
    }
    let waits = lines.of(Level::INFO);
    assert!(
        waits
            .iter()
            .any(|line| line.contains("503 Service Unavailable") && line.contains("wait_ms=")),
        "{waits:?}"
    );
    assert!(
        waits
            .iter()
            .any(|line| line.contains("slow down") && line.contains("wait_ms=")),
        "{waits:?}"
    );

    let bodies = lines.of(Level::TRACE).join("\n");
    assert!(
        bodies.contains("signingKey") && bodies.contains("https://…@new.example/?…"),
        "{bodies}"
    );
    assert!(bodies.contains("busy"), "{bodies}");
    for (_, line) in lines.0.lock().unwrap().iter() {
        assert_no_secret(line);
        assert!(!line.contains("hunter2"), "{line}");
    }
}
