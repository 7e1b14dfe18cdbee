//! Serving by hand: starts, says where, and waits for the end.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use immuta_simulator::{Behaviour, ReceivedDelivery, Receiver, Simulator};
use tokio::sync::oneshot;

use crate::cli::{Scheme, ServeOptions};

/// Serves until a signal or, if so told, the end of standard input.
pub(crate) fn run(options: ServeOptions) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Watched before anything is said: who reads READY=1 may send a signal at once.
        let end = end(options.until_stdin_closes)?;
        let receiver = receiver(&options)?;
        let simulator = simulator(&options, receiver.as_ref())?;
        let mut lines = vec![
            format!("IMMUTA_ENDPOINT={}", simulator.base_url()),
            format!("IMMUTA_TOKEN={}", shell_word(&simulator.token())),
        ];
        if let (Some(file), Some(pem)) = (&options.ca_file, simulator.ca_pem()) {
            fs::write(file, pem)?;
            let file = file.to_string_lossy();
            lines.push(format!("IMMUTA_CA_CERT_FILE={}", shell_word(&file)));
        }
        if let Some(receiver) = &receiver {
            lines.push(format!("RECEIVER_URL={}", receiver.url()));
        }
        lines.push("READY=1".to_owned());
        let text = lines.join("\n") + "\n";
        if let Some(file) = &options.ready_file {
            write_whole(file, &text)?;
        }
        say(&text);
        end.await;
        Ok(())
    })
}

/// Ends when it is time to quit. The signals are caught from this call on.
fn end(until_stdin_closes: bool) -> io::Result<impl Future<Output = ()>> {
    let signals = signals()?;
    let stdin_closed = until_stdin_closes.then(stdin_closed);
    Ok(async move {
        let stdin_closed = async {
            match stdin_closed {
                Some(closed) => closed.await.unwrap_or_default(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = signals => {}
            () = stdin_closed => {}
        }
    })
}

/// Reads standard input to its end on a thread of its own, since a read of it cannot be called off.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (closed, stdin_closed) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = closed.send(());
    });
    stdin_closed
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn receiver(options: &ServeOptions) -> io::Result<Option<Receiver>> {
    let Some(scheme) = options.receiver else {
        return Ok(None);
    };
    let mut builder = Receiver::builder().on_delivery(tell);
    if scheme == Scheme::Https {
        builder = builder.https();
    }
    if let Some(key) = &options.signing_key {
        builder = builder.signing_key(key);
    }
    builder.start().map(Some)
}

fn tell(delivery: &ReceivedDelivery) {
    let what = match delivery.verified {
        Some(true) => "verified",
        Some(false) => "unverified",
        None => "received",
    };
    say(&format!("delivery {what} {}\n", delivery.target));
}

fn simulator(options: &ServeOptions, receiver: Option<&Receiver>) -> io::Result<Simulator> {
    let latency = Duration::from_millis(options.latency_ms);
    let mut builder = Simulator::builder()
        .port(options.port)
        .webhooks(options.webhooks)
        .behaviour(Behaviour {
            latency: (!latency.is_zero()).then_some(latency),
            ..Behaviour::default()
        });
    if let Some(token) = &options.token {
        builder = builder.token(token);
    }
    if options.https {
        builder = builder.https();
    }
    if let Some(receiver) = receiver {
        builder = builder.receiver(receiver);
    }
    builder.start()
}

/// Writes to stdout. A reader that has seen enough and gone is no reason to stop serving.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a file that is there as a whole or not at all, and readable by its owner only: it holds the token.
fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".draft");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(text.as_bytes())?;
    fs::rename(&draft, file)
}

/// The word as a shell reads it: as it is where that is plain, else in single quotes.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        let cases = [
            ("imm-1", "imm-1"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$x", "'$x'"),
            ("it's", r"'it'\''s'"),
        ];
        for (word, expected) in cases {
            assert_eq!(shell_word(word), expected);
        }
    }
}
