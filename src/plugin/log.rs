//! Log lines that Terraform reads: one JSON object a line on stderr, in the form of `hclog`.
//!
//! Only events of this crate pass. HTTP and TLS libraries log what they send, and some of that is secret.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
};

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// The targets of this crate begin with its name.
const OURS: &str = env!("CARGO_CRATE_NAME");

/// What stands for the crate's name in `@module`.
const MODULE: &str = "provider";

/// Writes log lines to stderr from now on, if the environment asks for any.
pub(super) fn install(variable: impl Fn(&str) -> Option<String>) {
    let level = level(variable("TF_LOG_PROVIDER"), variable("TF_LOG"));
    if level == LevelFilter::OFF {
        return;
    }
    let lines = Lines {
        level,
        write: |line: &[u8]| {
            // The reader may be gone, and a log line is no reason to fail.
            let _ = std::io::stderr().write_all(line);
        },
    };
    // It fails when the process already has a subscriber, which then gets the events.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

/// The level that `TF_LOG_PROVIDER` asks for, or else `TF_LOG`. As in core, what is not known means TRACE.
fn level(provider: Option<String>, all: Option<String>) -> LevelFilter {
    let asked = provider
        .filter(|level| !level.is_empty())
        .or(all)
        .unwrap_or_default();
    match asked.to_ascii_uppercase().as_str() {
        "" | "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Turns events into lines and hands each, with its line break, to `write` at once.
struct Lines<W> {
    level: LevelFilter,
    write: W,
}

impl<W> Lines<W> {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && module(metadata.target()).is_some()
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&[u8]) + 'static,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, spans: Context<'_, S>) {
        if let Some(span) = spans.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, spans: Context<'_, S>) {
        if let Some(span) = spans.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, spans: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in spans
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.clone());
            }
        }
        event.record(&mut fields);
        let now = jiff::Timestamp::now();
        let mut line = line(event.metadata(), fields, now).into_bytes();
        line.push(b'\n');
        (self.write)(&line);
    }
}

fn line(metadata: &Metadata<'_>, Fields(mut fields): Fields, now: jiff::Timestamp) -> String {
    let message = fields
        .remove("message")
        .unwrap_or_else(|| Value::from(metadata.name()));
    fields.insert("@level".into(), level_name(*metadata.level()).into());
    fields.insert("@message".into(), message);
    let module = module(metadata.target()).unwrap_or_else(|| MODULE.into());
    fields.insert("@module".into(), module.into());
    fields.insert("@timestamp".into(), format!("{now:.6}").into());
    Value::Object(fields).to_string()
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// The name of a module of this crate in a log: `provider.plugin.log` for this one. None for others.
fn module(target: &str) -> Option<String> {
    let path = target.strip_prefix(OURS)?;
    match path.strip_prefix("::") {
        Some(path) => Some(format!("{MODULE}.{}", path.replace("::", "."))),
        None if path.is_empty() => Some(MODULE.into()),
        None => None,
    }
}

/// The fields of a span or an event, as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // It fails only if the value says so; what it had written by then stands.
        let _ = write!(text, "{value:?}");
        self.insert(field, text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug, error, info, info_span, trace, warn};

    use super::*;

    /// The lines that a piece of code logs, each of which must have been one write.
    fn logged(level: LevelFilter, code: impl FnOnce()) -> Vec<Value> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writes = Arc::clone(&written);
        let lines = Lines {
            level,
            write: move |line: &[u8]| writes.lock().unwrap().push(line.to_vec()),
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), code);
        let written = written.lock().unwrap();
        written
            .iter()
            .map(|line| {
                let (end, text) = line.split_last().unwrap();
                assert_eq!(*end, b'\n');
                assert!(!text.contains(&b'\n'));
                serde_json::from_slice(text).unwrap()
            })
            .collect()
    }

    #[test]
    fn the_level_is_as_core_has_it() {
        let level = |provider: Option<&str>, all: Option<&str>| {
            super::level(provider.map(Into::into), all.map(Into::into))
        };
        assert_eq!(level(None, None), LevelFilter::OFF);
        assert_eq!(level(None, Some("")), LevelFilter::OFF);
        assert_eq!(level(None, Some("off")), LevelFilter::OFF);
        assert_eq!(level(None, Some("error")), LevelFilter::ERROR);
        assert_eq!(level(None, Some("Warn")), LevelFilter::WARN);
        assert_eq!(level(None, Some("INFO")), LevelFilter::INFO);
        assert_eq!(level(None, Some("DEBUG")), LevelFilter::DEBUG);
        for all in ["TRACE", "JSON", "1", "yes"] {
            assert_eq!(level(None, Some(all)), LevelFilter::TRACE);
        }
        assert_eq!(level(Some("OFF"), Some("TRACE")), LevelFilter::OFF);
        assert_eq!(level(Some("DEBUG"), Some("ERROR")), LevelFilter::DEBUG);
        assert_eq!(level(Some(""), Some("ERROR")), LevelFilter::ERROR);
    }

    #[test]
    fn a_line_has_what_core_unpacks() {
        let lines = logged(LevelFilter::TRACE, || {
            info!(
                count = 3_u64,
                below = -1_i64,
                ratio = 0.5,
                ok = true,
                text = "a \"b\"\nc",
                shown = %std::net::Ipv4Addr::LOCALHOST,
                debugged = ?Some(1),
                "sent {}",
                "it"
            );
        });
        let mut line = lines[0].clone();
        let time = line["@timestamp"].take();
        let time = time.as_str().unwrap();
        assert_eq!(time.len(), "2006-01-02T15:04:05.000000Z".len());
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
        assert_eq!(
            line,
            serde_json::json!({
                "@level": "info",
                "@message": "sent it",
                "@module": "provider.plugin.log.tests",
                "@timestamp": null,
                "count": 3,
                "below": -1,
                "ratio": 0.5,
                "ok": true,
                "text": "a \"b\"\nc",
                "shown": "127.0.0.1",
                "debugged": "Some(1)",
            })
        );
    }

    #[test]
    fn the_keys_of_core_come_first() {
        let lines = logged(LevelFilter::TRACE, || info!(a = 1, "x"));
        let text = lines[0].to_string();
        assert!(text.starts_with(r#"{"@level":"info","@message":"x","@module":"#));
    }

    #[test]
    fn fields_of_the_spans_are_in_the_line_and_the_nearest_wins() {
        let lines = logged(LevelFilter::TRACE, || {
            let outer = info_span!(
                "rpc",
                rpc = "ReadResource",
                resource = tracing::field::Empty
            );
            let _outer = outer.enter();
            outer.record("resource", "immuta_webhook");
            let _inner = info_span!("attempt", attempt = 1).entered();
            debug!("first");
            debug!(attempt = 2, "second");
        });
        for line in &lines {
            assert_eq!(line["rpc"], "ReadResource");
            assert_eq!(line["resource"], "immuta_webhook");
        }
        assert_eq!(
            (&lines[0]["attempt"], &lines[1]["attempt"]),
            (&1.into(), &2.into())
        );
    }

    #[test]
    fn less_than_the_level_is_not_written() {
        let all = || {
            error!("e");
            warn!("w");
            info!("i");
            debug!("d");
            trace!("t");
        };
        let levels = |level| {
            logged(level, all)
                .iter()
                .map(|line| line["@level"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(LevelFilter::WARN), ["error", "warn"]);
        assert_eq!(
            levels(LevelFilter::TRACE),
            ["error", "warn", "info", "debug", "trace"]
        );
    }

    #[test]
    fn other_crates_never_log() {
        let lines = logged(LevelFilter::TRACE, || {
            error!(target: "hyper::proto", "secret");
            error!(target: "rustls", "secret");
            error!(target: "terraform_provider_immuta_other", "secret");
            let _span = info_span!(target: "h2", "frame", secret = 1).entered();
            error!(target: "terraform_provider_immuta", "own");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["@module"], "provider");
        assert_eq!(lines[0].get("secret"), None);
    }
}
