//! Log lines that Terraform reads: one JSON object a line on stderr, in the form of `hclog`.
//!
//! Only events of this crate and of those that the provider names pass. HTTP and TLS libraries log what they send, and
//! some of that is secret: they never pass, even where a provider names them.

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

/// The crates below the client and the server.
const TRANSPORT: [&str; 9] = [
    "h2",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "tokio_rustls",
    "tonic",
    "tower",
    "tower_http",
];

/// Writes log lines to stderr from now on, if the environment asks for any. `crates` are those of the provider.
pub(super) fn install(crates: &'static [&'static str], variable: impl Fn(&str) -> Option<String>) {
    let level = level(variable("TF_LOG_PROVIDER"), variable("TF_LOG"));
    if level == LevelFilter::OFF {
        return;
    }
    let lines = Lines {
        level,
        crates,
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
    crates: &'static [&'static str],
    write: W,
}

impl<W> Lines<W> {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && self.module(metadata.target()).is_some()
    }

    /// What `@module` says of this target: `provider.plugin.log` for this module, `keyring.client` for one of a
    /// provider's crate. None for those of other crates.
    fn module(&self, target: &str) -> Option<String> {
        let (name, path) = match target.split_once("::") {
            Some((name, path)) => (name, format!(".{}", path.replace("::", "."))),
            None => (target, String::new()),
        };
        if name == OURS {
            return Some(format!("{MODULE}{path}"));
        }
        let passes = self.crates.contains(&name) && !TRANSPORT.contains(&name);
        passes.then(|| format!("{name}{path}"))
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
        let module = self.module(event.metadata().target());
        let mut line = line(event.metadata(), module, fields, now).into_bytes();
        line.push(b'\n');
        (self.write)(&line);
    }
}

fn line(
    metadata: &Metadata<'_>,
    module: Option<String>,
    Fields(mut fields): Fields,
    now: jiff::Timestamp,
) -> String {
    let message = fields
        .remove("message")
        .unwrap_or_else(|| Value::from(metadata.name()));
    fields.insert("@level".into(), level_name(*metadata.level()).into());
    fields.insert("@message".into(), message);
    let module = module.unwrap_or_else(|| MODULE.into());
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
#[path = "log_tests.rs"]
mod tests;
