use std::sync::{Arc, Mutex};

use tracing::{debug, error, info, info_span, trace, warn};

use super::*;

/// The lines that a piece of code logs, each of which must have been one write.
fn logged(level: LevelFilter, code: impl FnOnce()) -> Vec<Value> {
    let written = Arc::new(Mutex::new(Vec::new()));
    let writes = Arc::clone(&written);
    let lines = Lines {
        level,
        crates: &["keyring", "hyper"],
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
fn no_crate_logs_but_this_one_and_those_of_the_provider() {
    let lines = logged(LevelFilter::TRACE, || {
        error!(target: "hyper::proto", "secret");
        error!(target: "rustls", "secret");
        error!(target: "terraform_provider_immuta_other", "secret");
        let _span = info_span!(target: "h2", "frame", secret = 1).entered();
        error!(target: "keyring_other", "secret");
        error!(target: "terraform_provider_immuta", "own");
        error!(target: "keyring", "named");
        error!(target: "keyring::client::http", "named");
    });
    let modules: Vec<_> = lines.iter().map(|line| &line["@module"]).collect();
    assert_eq!(modules, ["provider", "keyring", "keyring.client.http"]);
    assert_eq!(lines[0].get("secret"), None);
}
