//! What a provider process writes: stdout after the handshake, and its log on stderr.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{lock, runtime};

/// The lines of both streams, collected as they come.
#[derive(Debug, Clone)]
pub struct Output {
    stdout: Lines,
    stderr: Lines,
}

#[derive(Debug, Clone)]
struct Lines {
    text: Arc<Mutex<Vec<String>>>,
    /// How many lines there are, and whether the stream has ended.
    progress: watch::Receiver<(usize, bool)>,
    reader: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// A log line in the form that Terraform unpacks.
#[derive(Debug, Clone)]
pub struct Log {
    /// `@level`
    pub level: String,
    /// `@message`
    pub message: String,
    /// `@module`
    pub module: String,
    /// `@timestamp`
    pub timestamp: String,
    /// All other fields.
    pub fields: serde_json::Map<String, Json>,
}

impl Log {
    /// Reads a line; `None` where it is not in that form.
    pub fn parse(line: &str) -> Option<Log> {
        let Ok(Json::Object(mut fields)) = serde_json::from_str(line) else {
            return None;
        };
        let mut take = |name: &str| match fields.remove(name) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        };
        let (level, message) = (take("@level")?, take("@message")?);
        let (module, timestamp) = (take("@module")?, take("@timestamp")?);
        Some(Log {
            level,
            message,
            module,
            timestamp,
            fields,
        })
    }
}

impl Output {
    pub(crate) fn collect(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>) -> Output {
        Output {
            stdout: Lines::collect(stdout),
            stderr: Lines::collect(stderr),
        }
    }

    /// All lines of stdout so far, the handshake line first.
    pub fn stdout(&self) -> Vec<String> {
        lock(&self.stdout.text).clone()
    }

    /// All lines of stderr so far.
    pub fn stderr(&self) -> Vec<String> {
        lock(&self.stderr.text).clone()
    }

    /// The lines of stderr that are logs.
    pub fn logs(&self) -> Vec<Log> {
        self.stderr().iter().filter_map(|l| Log::parse(l)).collect()
    }

    /// The first line of stdout: `None` after `bound`, `Some(None)` where the stream ended first.
    pub fn first_line(&self, bound: Duration) -> Option<Option<String>> {
        self.stdout.wait(bound, |lines, ended| {
            let first = lines.first().cloned();
            (first.is_some() || ended).then_some(first)
        })
    }

    /// Waits for a line of stdout that `find` makes something of. `None` after `bound` or at the end.
    pub fn wait_stdout<T>(&self, bound: Duration, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.stdout
            .wait(bound, |lines, ended| {
                let found = lines.iter().find_map(|line| find(line));
                (found.is_some() || ended).then_some(found)
            })
            .flatten()
    }

    /// Waits for a line of stderr that `find` makes something of. `None` after `bound` or at the end.
    pub fn wait_stderr<T>(&self, bound: Duration, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.stderr
            .wait(bound, |lines, ended| {
                let found = lines.iter().find_map(|line| find(line));
                (found.is_some() || ended).then_some(found)
            })
            .flatten()
    }

    /// Waits until every holder of stderr is gone, as is when the process and its children have
    /// ended.
    pub fn wait_stderr_end(&self, bound: Duration) -> bool {
        self.stderr
            .wait(bound, |_, ended| ended.then_some(()))
            .is_some()
    }

    /// Closes the reading end of stdout: whoever writes to it from now on is refused (EPIPE).
    pub fn close_stdout(&self) {
        self.stdout.close();
    }

    /// Closes the reading end of stderr: whoever writes to it from now on is refused (EPIPE).
    pub fn close_stderr(&self) {
        self.stderr.close();
    }
}

impl Lines {
    fn collect(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Lines {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (send, progress) = watch::channel((0, false));
        let collected = text.clone();
        let reader = runtime().spawn(async move {
            if let Some(stream) = stream {
                let mut reader = BufReader::new(stream);
                let mut line = Vec::new();
                while reader
                    .read_until(b'\n', &mut line)
                    .await
                    .is_ok_and(|read| read > 0)
                {
                    let whole = String::from_utf8_lossy(&line);
                    let count = {
                        let mut text = lock(&text);
                        text.push(whole.trim_end_matches(['\n', '\r']).to_owned());
                        text.len()
                    };
                    send.send_replace((count, false));
                    line.clear();
                }
            }
            send.send_modify(|progress| progress.1 = true);
        });
        Lines {
            text: collected,
            progress,
            reader: Arc::new(Mutex::new(Some(reader))),
        }
    }

    /// Ends the reader, and with it its end of the pipe, which is closed when this returns.
    fn close(&self) {
        let reader = lock(&self.reader).take();
        if let Some(reader) = reader {
            reader.abort();
            // That it was aborted is no news.
            let _ = runtime().block_on(reader);
        }
    }

    fn wait<T>(&self, bound: Duration, look: impl Fn(&[String], bool) -> Option<T>) -> Option<T> {
        let mut progress = self.progress.clone();
        let waiting = async move {
            loop {
                let ended = progress.borrow_and_update().1;
                if let Some(found) = look(&lock(&self.text), ended) {
                    return Some(found);
                }
                if progress.changed().await.is_err() {
                    return look(&lock(&self.text), true);
                }
            }
        };
        runtime().block_on(async { tokio::time::timeout(bound, waiting).await.ok().flatten() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_is_unpacked() {
        let line = r#"{"@level":"info","@message":"m","@module":"p","@timestamp":"t","url":"u"}"#;
        let log = Log::parse(line).unwrap();
        assert_eq!((log.level.as_str(), log.message.as_str()), ("info", "m"));
        assert_eq!(log.fields["url"], "u");
        assert!(Log::parse("plain text").is_none());
        assert!(Log::parse(r#"{"@level":"info"}"#).is_none());
    }
}
