//! The start of a process: the cookie, the line on stdout, and who may connect.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use tfplugin_host::process::connection::Asked;
use tfplugin_host::process::handshake::Address;
use tfplugin_host::process::{COOKIE_NAME, Connection, run_directly};
use tfplugin_host::wire::Wire as _;
use tfplugin_host::{ClientCertificate, Process, Profile, Session};

use crate::world::{LONG, assert_no_panic, launch, provider_path, started};

fn answers(connection: &Connection) -> bool {
    connection.unary("GetProviderSchema", Vec::new()).is_ok()
}

fn socket(process: &Process) -> UnixStream {
    match &process.handshake().address {
        Address::Unix(path) => UnixStream::connect(path).unwrap(),
        Address::Tcp(address) => panic!("a unix socket was expected, not {address}"),
    }
}

#[test]
fn the_line_names_a_unix_socket_protocol_6_and_a_certificate() {
    let process = started();
    let handshake = process.handshake();
    assert_eq!(handshake.protocol, 6);
    assert!(handshake.certificate.is_some());
    assert_eq!(handshake.line.split('|').count(), 6, "{}", handshake.line);
    let Address::Unix(path) = &handshake.address else {
        panic!("{}", handshake.line);
    };
    assert!(path.starts_with(process.temp_dir()), "{}", path.display());
    assert_eq!(process.output().stdout().len(), 1);
    process.shut_down().unwrap();
}

#[test]
fn the_socket_folder_of_the_environment_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let process = launch()
        .env("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        .start()
        .unwrap();
    let Address::Unix(path) = &process.handshake().address else {
        panic!("{}", process.handshake().line);
    };
    assert!(path.starts_with(folder.path()), "{}", path.display());
    process.shut_down().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn versions_in_any_order_will_do_and_without_6_it_says_so() {
    for versions in ["5,6", "6,5", "6"] {
        let launch = launch().env("PLUGIN_PROTOCOL_VERSIONS", versions);
        launch.start().unwrap().shut_down().unwrap();
    }
    let process = launch()
        .env("PLUGIN_PROTOCOL_VERSIONS", "4,5")
        .spawn_only()
        .unwrap();
    let status = process.wait_exit(LONG).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(process.output().wait_stderr_end(LONG));
    let text = process.output().stderr().join("\n");
    assert!(text.contains("Terraform 1.0"), "{text}");
    assert!(process.output().stdout().is_empty());
}

#[test]
fn run_directly_it_says_what_it_is_and_exits_1() {
    for cookie in [None, Some("wrong")] {
        let launch = match cookie {
            None => launch().without_env(COOKIE_NAME),
            Some(cookie) => launch().env(COOKIE_NAME, cookie),
        };
        let process = launch.spawn_only().unwrap();
        assert_eq!(process.wait_exit(LONG).unwrap().code(), Some(1));
        assert_no_panic(&process);
        let text = [process.output().stdout(), process.output().stderr()].concat();
        let text = text.join("\n");
        assert!(text.contains("provider"), "{text}");
        assert!(text.contains("immuta/immuta"), "{text}");
    }
}

#[test]
fn version_and_help_are_answered() {
    let version = run_directly(provider_path(), &["--version"]).unwrap();
    assert!(version.status.success());
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("terraform-provider-immuta {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = run_directly(provider_path(), &["--help"]).unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for option in ["--debug", "--version", "--help"] {
        assert!(help.contains(option), "{help}");
    }
    let wrong = run_directly(provider_path(), &["--wrong"]).unwrap();
    assert!(!wrong.status.success());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("--wrong"));
}

#[test]
fn the_client_certificate_is_asked_for_and_taken() {
    let process = started();
    let connection = process.connection().unwrap();
    assert!(answers(&connection));
    assert_eq!(connection.asked_for_certificate(), Asked::Sent);
    process.shut_down().unwrap();
}

#[test]
fn without_the_certificate_or_with_another_nobody_gets_in() {
    let process = launch().start_unconnected().unwrap();
    let other = ClientCertificate::fresh().unwrap();
    for client in [None, Some(&other)] {
        match process.connect_as(client) {
            Ok(connection) => {
                assert_ne!(connection.asked_for_certificate(), Asked::No);
                assert!(!answers(&connection));
            }
            Err(text) => assert!(!text.is_empty()),
        }
    }
    let mine = process.connect().unwrap();
    assert!(answers(&mine));
    process.shut_down().unwrap();
}

#[test]
fn without_tls_the_socket_is_its_owners_alone() {
    let process = launch().without_tls().start().unwrap();
    let handshake = process.handshake();
    assert!(handshake.certificate.is_none(), "{}", handshake.line);
    assert!(answers(&process.connection().unwrap()));
    let Address::Unix(path) = &handshake.address else {
        panic!("{}", handshake.line);
    };
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    let folder = path.parent().unwrap();
    assert!(mode(path) & 0o077 == 0 || mode(folder) & 0o077 == 0);
    process.shut_down().unwrap();
}

#[test]
fn a_client_that_speaks_plainly_to_tls_is_turned_away() {
    let process = launch().start_unconnected().unwrap();
    let mut plain = socket(&process);
    plain.set_read_timeout(Some(LONG)).unwrap();
    plain
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    let mut rest = Vec::new();
    // It may be cut off or answered with a TLS alert; it is not served.
    let _ = plain.read_to_end(&mut rest);
    assert!(!rest.starts_with(b"\0"), "{rest:?}");
    assert!(answers(&process.connect().unwrap()));
    process.shut_down().unwrap();
}

#[test]
fn garbage_and_half_open_sockets_do_no_harm() {
    let process = launch().start_unconnected().unwrap();
    // Two that send garbage, one that sends nothing and stays.
    for garbage in [&b"\x16\x03\x01garbage garbage garbage"[..], &[0xff; 4096]] {
        let mut socket = socket(&process);
        let _ = socket.write_all(garbage);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        socket.set_read_timeout(Some(LONG)).unwrap();
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest);
    }
    let silent = socket(&process);
    assert!(answers(&process.connect().unwrap()));
    assert!(process.is_running());
    drop(silent);
    process.shut_down().unwrap();
    assert_no_panic(&process);
}

#[test]
fn garbage_after_the_handshake_ends_that_connection_alone() {
    let process = launch().without_tls().start().unwrap();
    let mut second = socket(&process);
    second.set_read_timeout(Some(LONG)).unwrap();
    second
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff")
        .unwrap();
    let mut rest = Vec::new();
    let _ = second.read_to_end(&mut rest);
    assert!(answers(&process.connection().unwrap()));
    process.shut_down().unwrap();
}

#[test]
fn health_is_answered_for_the_plugin() {
    let process = started();
    let connection = process.connection().unwrap();
    // HealthCheckRequest { service: "plugin" }, HealthCheckResponse { status: SERVING }
    let answer = connection
        .unary_at("/grpc.health.v1.Health/Check", b"\x0a\x06plugin".to_vec())
        .unwrap();
    assert_eq!(answer, [0x08, 0x01]);
    process.shut_down().unwrap();
}

#[test]
fn a_socket_folder_that_cannot_be_used_falls_back_to_a_port() {
    let long = format!("/{}", "x".repeat(200));
    let process = launch()
        .env("TMPDIR", &long)
        .env("PLUGIN_UNIX_SOCKET_DIR", &long)
        .start_unconnected();
    // Either it serves on TCP within the range, or it says why it cannot.
    match process {
        Ok(process) => {
            let Address::Tcp(address) = &process.handshake().address else {
                panic!("{}", process.handshake().line);
            };
            let address: std::net::SocketAddr = address.parse().unwrap();
            assert!(address.ip().is_loopback());
            assert!((10_000..=25_000).contains(&address.port()), "{address}");
            assert!(answers(&process.connect().unwrap()));
            process.shut_down().unwrap();
        }
        Err(text) => panic!("{text}"),
    }
}

#[test]
fn a_session_opens_at_once_beside_the_streams() {
    let process = std::sync::Arc::new(started());
    let session = Session::open(
        process.clone(),
        Profile::T1_15,
        tfplugin_host::Phase::Validate,
    )
    .ok()
    .unwrap();
    assert!(session.schemas().resources.contains_key("immuta_webhook"));
    let streams = process.connection().unwrap().streams();
    assert_eq!((streams.stdio, streams.broker), (None, None));
    let ending = process.shut_down().unwrap();
    assert!(ending.took < Duration::from_millis(2000));
}
