//! The end of a process: ended by core, left by core, or orphaned.

use std::sync::Arc;
use std::time::Duration;

use tfplugin_host::process::Output;
use tfplugin_host::wire::Wire as _;
use tfplugin_host::{Launch, Process};

use crate::world::{LONG, PROVIDER, launch, started};

/// How long a provider may live on without anybody to serve.
const ORPHANED: Duration = Duration::from_secs(5);

fn call(process: &Process) {
    process.unary("GetProviderSchema", Vec::new()).unwrap();
}

#[test]
fn shutdown_ends_it_cleanly_and_leaves_nothing() {
    let process = started();
    call(&process);
    let open = process.connection().unwrap().streams();
    assert_eq!((open.stdio, open.broker), (None, None));
    let ending = process.shut_down().unwrap();
    assert!(ending.status.success(), "{:?}", ending.status);
    assert!(ending.streams.stdio.is_some() && ending.streams.broker.is_some());
    assert_eq!(process.left_behind(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn shutdown_ends_it_also_when_nothing_was_called() {
    let process = started();
    let ending = process.shut_down().unwrap();
    assert!(ending.status.success());
    assert!(process.left_behind().is_empty());
}

#[test]
fn sigint_and_sigpipe_are_ignored() {
    let process = started();
    call(&process);
    for _ in 0..3 {
        process.interrupt().unwrap();
    }
    process.signal(rustix::process::Signal::PIPE).unwrap();
    call(&process);
    assert!(process.is_running());
    assert!(process.shut_down().unwrap().status.success());
}

#[test]
fn sigterm_ends_it_and_leaves_nothing() {
    let process = started();
    call(&process);
    process.signal(rustix::process::Signal::TERM).unwrap();
    assert!(process.wait_exit(ORPHANED).is_some());
    assert!(process.left_behind().is_empty());
}

#[test]
fn it_ends_by_itself_when_the_connection_is_gone() {
    let process = started();
    call(&process);
    process.disconnect();
    let status = process.wait_exit(ORPHANED);
    assert!(status.is_some(), "alive {ORPHANED:?} after its connection");
    assert!(process.left_behind().is_empty());
}

#[test]
fn another_connection_in_time_keeps_it() {
    let process = started();
    call(&process);
    let second = process
        .connect_as(process.certificate().map(Arc::as_ref))
        .unwrap();
    second.unary("GetProviderSchema", Vec::new()).unwrap();
    process.disconnect();
    // It would have gone after a second. What it does instead is answer.
    assert!(process.wait_exit(Duration::from_millis(2500)).is_none());
    second.unary("GetProviderSchema", Vec::new()).unwrap();
    second.shutdown();
    assert!(process.wait_exit(ORPHANED).is_some());
    assert!(process.left_behind().is_empty());
}

#[test]
fn refused_connections_neither_keep_nor_end_it() {
    let process = launch().start_unconnected().unwrap();
    for _ in 0..2 {
        if let Ok(refused) = process.connect_as(None) {
            assert!(refused.unary("GetProviderSchema", Vec::new()).is_err());
        }
    }
    assert!(process.wait_exit(Duration::from_millis(2500)).is_none());
    process.connect().unwrap();
    call(&process);
    process.disconnect();
    // Garbage meanwhile does not count as somebody.
    let _ = process.connect_as(None);
    assert!(process.wait_exit(ORPHANED).is_some());
}

/// The provider as a grandchild: its parent is a shell that the test can kill.
fn orphaned_by_its_parent() -> (Process, u32) {
    let script = r#""$0" & echo "provider $!" >&2; wait"#;
    let process = Launch::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .arg(PROVIDER)
        .start()
        .unwrap();
    let pid = process
        .output()
        .wait_stderr(LONG, |line| line.strip_prefix("provider ")?.parse().ok())
        .unwrap();
    (process, pid)
}

#[test]
fn it_ends_when_its_parent_dies_though_the_connection_stays() {
    let (process, _) = orphaned_by_its_parent();
    call(&process);
    process.kill().unwrap();
    // The shell is gone; stderr ends when the last holder of it, the provider, is gone too.
    assert!(
        process.output().wait_stderr_end(ORPHANED),
        "alive {ORPHANED:?} after its parent"
    );
    assert!(process.left_behind().is_empty());
}

/// As after the death of a core: pipes are left whose readers are gone, and a write is refused.
#[test]
fn pipes_that_nobody_reads_any_more_do_not_end_it() {
    let close: [fn(&Output); 2] = [Output::close_stderr, Output::close_stdout];
    for close in close {
        let process = launch().env("TF_LOG", "TRACE").start().unwrap();
        call(&process);
        // A signal is something that it writes of.
        process.interrupt().unwrap();
        let writes = |line: &str| line.contains("received a signal").then_some(());
        assert!(process.output().wait_stderr(LONG, writes).is_some());
        close(process.output());
        for _ in 0..3 {
            process.interrupt().unwrap();
            call(&process);
        }
        assert!(process.is_running());
        // And of its end, so that it has written when this comes off.
        assert!(process.shut_down().unwrap().status.success());
        assert!(process.left_behind().is_empty());
    }
}
