//! The start and the end of one process: to the handshake line, and from Shutdown to the exit.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tfplugin_host::{ClientCertificate, Launch};

use crate::Error;
use crate::candidate::{Provider, Who};
use crate::stats::median;
use crate::usage;

/// A process that does nothing but write a line: what the start of any process costs, measured in the same way.
const EMPTY: [&str; 2] = ["/bin/echo", "|"];

/// What one provider's start and end came to; times in ms, sizes in MB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) who: Who,
    pub(crate) handshake_ms: f64,
    /// Resident once the handshake line is written and the process has come to rest.
    pub(crate) resident_mb: f64,
    pub(crate) exit_ms: f64,
    pub(crate) binary_mb: f64,
}

/// All starts, and the start of an empty process.
#[derive(Clone, Debug)]
pub(crate) struct Starts {
    pub(crate) empty_ms: f64,
    pub(crate) providers: Vec<Start>,
}

#[derive(Default)]
struct Samples {
    handshake: Vec<f64>,
    resident: Vec<f64>,
    exit: Vec<f64>,
}

/// Starts and ends every provider, in turns.
pub(crate) fn measure(providers: &[Provider], rounds: usize) -> Result<Starts, Error> {
    let certificate = Arc::new(ClientCertificate::fresh()?);
    let mut samples: Vec<Samples> = providers.iter().map(|_| Samples::default()).collect();
    let mut empty = Vec::new();
    // The first round only warms the page cache.
    for round in 0..=rounds {
        let empty_took = time_empty()?;
        for (provider, samples) in providers.iter().zip(&mut samples) {
            let launch = Launch::new(&provider.binary).client_certificate(certificate.clone());
            let began = Instant::now();
            let process = launch.start_unconnected()?;
            let handshake = began.elapsed();
            let resident = resident_at_rest(process.pid())?;
            process.connect()?;
            let exit = process.shut_down()?.took;
            if round > 0 {
                samples.handshake.push(millis(handshake));
                samples.resident.push(megabytes(resident));
                samples.exit.push(millis(exit));
            }
        }
        if round > 0 {
            empty.push(millis(empty_took));
        }
    }
    let providers = providers.iter().zip(samples).map(|(provider, samples)| {
        let size = std::fs::metadata(&provider.binary)?.len();
        Ok(Start {
            who: provider.who,
            handshake_ms: median(samples.handshake).ok_or("no rounds")?,
            resident_mb: median(samples.resident).ok_or("no rounds")?,
            exit_ms: median(samples.exit).ok_or("no rounds")?,
            binary_mb: size as f64 / 1e6,
        })
    });
    Ok(Starts {
        empty_ms: median(empty).ok_or("no rounds")?,
        providers: providers.collect::<Result<_, Error>>()?,
    })
}

/// The resident memory, in KiB, once it stays the same.
fn resident_at_rest(pid: u32) -> Result<u64, Error> {
    let mut before = usage::memory_kib(pid, "VmRSS")?;
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(5));
        let now = usage::memory_kib(pid, "VmRSS")?;
        if now == before {
            break;
        }
        before = now;
    }
    Ok(before)
}

fn time_empty() -> Result<Duration, Error> {
    let [program, word] = EMPTY;
    let began = Instant::now();
    let mut child = std::process::Command::new(program)
        .arg(word)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
    }
    let took = began.elapsed();
    child.wait()?;
    Ok(took)
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// From KiB to MB.
pub(crate) fn megabytes(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}
