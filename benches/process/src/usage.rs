//! CPU and memory of processes.
//!
//! Terraform starts providers itself and tells nobody what they cost. So it is given this binary in the place of the
//! provider: it starts the real one with everything that it was started with, waits for its end, and appends a line to a
//! file. That costs time, so times are measured in other runs, without it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::Error;

/// The real provider.
pub(crate) const REAL: &str = "PROVIDER_BENCHMARK_REAL";
/// The file that gets a line for each process.
pub(crate) const USAGE_FILE: &str = "PROVIDER_BENCHMARK_USAGE_FILE";

/// What a process used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// The most memory that was resident, in KiB.
    pub(crate) peak_kib: u64,
}

/// What the children that ended so far used, all together.
pub(crate) fn of_children() -> Result<Duration, Error> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

/// What this process used so far.
pub(crate) fn of_this_process() -> Result<Duration, Error> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// A field of `/proc/<pid>/status` in KiB, such as `VmRSS` (resident now) or `VmHWM` (the most so far).
pub(crate) fn memory_kib(pid: u32, field: &str) -> Result<u64, Error> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    field_kib(&status, field).ok_or_else(|| format!("no {field} of process {pid}").into())
}

fn field_kib(status: &str, field: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Stands in the place of a provider, if this process was started so.
pub(crate) fn in_place_of_a_provider() -> Option<ExitCode> {
    let real = std::env::var_os(REAL)?;
    let file = std::env::var_os(USAGE_FILE)?;
    Some(match stand_in(real, Path::new(&file)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("provider-benchmark: {error}");
            ExitCode::FAILURE
        }
    })
}

fn stand_in(real: OsString, file: &Path) -> Result<ExitCode, Error> {
    let status = Command::new(real)
        .args(std::env::args_os().skip(1))
        .status()?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = duration(usage.user_time()) + duration(usage.system_time());
    let line = format!("{} {}\n", cpu.as_micros(), usage.max_rss());
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(line.as_bytes())?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The processes of one command together: the sum of their CPU, and the most memory that one of them had.
pub(crate) fn read(file: &Path) -> Result<Usage, Error> {
    together(&std::fs::read_to_string(file)?).ok_or_else(|| "a line of usage is malformed".into())
}

fn together(lines: &str) -> Option<Usage> {
    lines.lines().try_fold(Usage::default(), |all, line| {
        let (cpu, peak) = line.split_once(' ')?;
        Some(Usage {
            cpu: all.cpu + Duration::from_micros(cpu.parse().ok()?),
            peak_kib: all.peak_kib.max(peak.parse().ok()?),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_add_up() {
        let expected = Usage {
            cpu: Duration::from_micros(1500),
            peak_kib: 9000,
        };
        assert_eq!(together("1000 4000\n500 9000\n"), Some(expected));
        assert_eq!(together("1000\n"), None);
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let status = "VmHWMx:\t1 kB\nVmHWM:\t    4321 kB\nVmRSS:\t 4000 kB\n";
        assert_eq!(field_kib(status, "VmHWM"), Some(4321));
        assert_eq!(field_kib(status, "VmSwap"), None);
    }
}
