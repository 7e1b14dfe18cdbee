use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::immuta::testing::server::{Authority, Http2Reply, Http2Server, TestServer, Then};
use crate::immuta::webhooks::{partial_response::recover_id, requests};
use crate::immuta::{
    BaseUrl, CaCertificates, Client, CreateOutcome, Error, Token, WebhookId, WebhookSpec,
};

const TOKEN: &str = "token-that-must-not-leak";

fn config(url: &str, change: impl FnOnce(&mut ClientConfig)) -> ClientConfig {
    let mut config = ClientConfig::new(
        BaseUrl::parse(url).unwrap(),
        Token::parse(TOKEN.into()).unwrap(),
        "terraform-provider-immuta/1.2.3".to_owned(),
    );
    config.request_timeout = Duration::from_secs(60);
    config.retry.max_attempts = 1;
    change(&mut config);
    config
}

fn http(server: &TestServer) -> String {
    format!("http://{}/marketplace", server.address)
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn attempt(
    url: &str,
    request: &Request,
    change: impl FnOnce(&mut ClientConfig),
) -> Result<Response, TransportError> {
    let config = config(url, change);
    let transport = HttpTransport::new(&config);
    transport.attempt(request, config.request_timeout).await
}

async fn list(url: &str) -> Result<Response, TransportError> {
    attempt(url, &requests::list(), |_| ()).await
}

/// An error as a user gets it.
async fn list_error(url: &str, change: impl FnOnce(&mut ClientConfig)) -> Error {
    let client = Client::new(&config(url, change));
    let error = client.list(&CancellationToken::new()).await.unwrap_err();
    assert!(!error.to_string().contains(TOKEN), "{error}");
    error
}

#[tokio::test]
async fn what_is_sent() {
    let server = TestServer::http(ok(r#"{"id":"a","url":"https://h.example"}"#), Then::Close).await;
    let spec = WebhookSpec {
        url: "https://h.example".to_owned(),
        verify_tls: false,
        signing_key: Some("key".into()),
    };
    attempt(&http(&server), &requests::create(&spec), |_| ())
        .await
        .unwrap();
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for line in [
        "post /marketplace/api/notification/webhook http/1.1",
        &format!("authorization: bearer {TOKEN}"),
        "user-agent: terraform-provider-immuta/1.2.3",
        "accept: application/json",
        "accept-encoding: identity",
        "content-type: application/json",
    ] {
        assert!(head.lines().any(|sent| sent == line), "{line} in {head}");
    }
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(body).unwrap(),
        serde_json::json!({ "url": "https://h.example", "verifyTls": false, "signingKey": "key" })
    );
}

#[tokio::test]
async fn the_token_is_marked_as_sensitive() {
    let transport = HttpTransport::new(&config("https://h.example", |_| ()));
    assert!(transport.headers[AUTHORIZATION].is_sensitive());
    assert!(!format!("{:?}", transport.headers).contains(TOKEN));
}

#[tokio::test]
async fn what_is_received() {
    let reply = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-type: text/plain\r\n\
                 x-request-id: r1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let server = TestServer::http(reply, Then::Hang).await;
    let response = list(&http(&server)).await.unwrap();
    assert_eq!(
        (response.status, &response.body[..], response.truncated),
        (429, &b"abc"[..], None)
    );
    assert_eq!(response.retry_after.as_deref(), Some("7"));
    assert_eq!(response.content_type.as_deref(), Some("text/plain"));
    assert_eq!(response.request_id.as_deref(), Some("r1"));
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let server = TestServer::http(ok("\u{feff}[]"), Then::Close).await;
    let client = Client::new(&config(&http(&server), |_| ()));
    assert_eq!(client.list(&CancellationToken::new()).await.unwrap(), []);

    let body = "\u{feff}{\"message\":\"No.\",\"error\":\"Unauthorized\",\"statusCode\":401}";
    let refusal = format!("HTTP/1.1 401 Unauthorized\r\n\r\n{body}");
    let server = TestServer::http(refusal, Then::Close).await;
    let error = list_error(&http(&server), |_| ()).await.to_string();
    assert!(
        error.contains("returned 401 Unauthorized: \"No.\""),
        "{error}"
    );

    let server = TestServer::http(ok("\u{feff}{\"id\":\"a\",\"url\":5}"), Then::Close).await;
    let response = list(&http(&server)).await.unwrap();
    assert!(recover_id(&response.body).is_some());
}

#[tokio::test]
async fn a_compressed_response_is_named_and_not_parsed() {
    for (encoding, named) in [
        ("gzip", "a gzip-compressed body"),
        ("X-GZip", "a gzip-compressed body"),
        ("br", "a Brotli-compressed body"),
        ("zstd", "a zstd-compressed body"),
        ("deflate", "a deflate-compressed body"),
        ("rot13", "a body in an encoding that was not asked for"),
    ] {
        for status in ["200 OK", "401 Unauthorized"] {
            let reply = format!("HTTP/1.1 {status}\r\ncontent-encoding: {encoding}\r\n\r\n[]");
            let server = TestServer::http(reply, Then::Close).await;
            let error = list_error(&http(&server), |_| ()).await.to_string();
            assert!(
                error.contains(&format!("returned {status} and {named}")),
                "{error}"
            );
        }
    }
    for encoding in ["identity", ""] {
        let reply = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\n\r\n[]");
        let server = TestServer::http(reply, Then::Close).await;
        assert_eq!(list(&http(&server)).await.unwrap().body, "[]");
    }
}

#[tokio::test]
async fn redirects_are_named_and_not_followed() {
    let elsewhere = TestServer::http(ok("[]"), Then::Close).await;
    for (status, location, named) in [
        (
            302,
            format!("http://u:hunter2@{}/login?token=hunter2", elsewhere.address),
            format!("a redirect to http://{}/….", elsewhere.address),
        ),
        (
            307,
            "/elsewhere".to_owned(),
            "a redirect to http://127.0.0.1:".to_owned(),
        ),
        (301, String::new(), "a redirect to".to_owned()),
    ] {
        let reply =
            format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let server = TestServer::http(reply, Then::Close).await;
        let error = list_error(&http(&server), |_| ()).await;
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Redirect, Some(status))
        );
        assert!(error.to_string().contains(&named), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn bodies_are_bounded_with_and_without_a_length() {
    let id = WebhookId::parse("a").unwrap();
    let mebibyte = 1024 * 1024;
    for (request, limit) in [
        (requests::get(&id), mebibyte),
        (requests::list(), 32 * mebibyte),
    ] {
        let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", limit + 1);
        let server = TestServer::http(announced, Then::Hang).await;
        let response = attempt(&http(&server), &request, |_| ()).await.unwrap();
        assert_eq!(
            (response.truncated, response.body.len()),
            (Some(Truncation::TooLarge), 0)
        );

        for (size, cut) in [(limit, None), (limit + 1, Some(Truncation::TooLarge))] {
            let mut reply = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
            reply.resize(reply.len() + size, b' ');
            let server = TestServer::http(reply, Then::Close).await;
            let response = attempt(&http(&server), &request, |_| ()).await.unwrap();
            assert_eq!(response.truncated, cut);
            assert!(response.body.len() <= limit);
        }
    }
    let announced = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
        33 * mebibyte
    );
    let server = TestServer::http(announced, Then::Hang).await;
    let error = list_error(&http(&server), |_| ()).await;
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("32 MiB"), "{error}");
}

#[tokio::test]
async fn broken_responses() {
    let flood: String = (0..200)
        .map(|number| format!("x-{number}: y\r\n"))
        .collect();
    for reply in [
        String::new(),
        "garbage\r\n\r\n".to_owned(),
        "HTTP/1.1 999999 X\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{flood}\r\n[]"),
        format!(
            "HTTP/1.1 200 OK\r\nx: {}\r\n\r\n[]",
            "y".repeat(1024 * 1024)
        ),
    ] {
        let server = TestServer::http(reply, Then::Close).await;
        let error = list(&http(&server)).await.unwrap_err();
        assert_eq!(
            (error.kind, error.known_unprocessed),
            (ErrorKind::ConnectionLost, false),
            "{error:?}"
        );
    }
    for reply in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\nzz",
    ] {
        let server = TestServer::http(reply, Then::Close).await;
        let response = list(&http(&server)).await.unwrap();
        assert_eq!(
            (response.status, &response.body[..], response.truncated),
            (200, &b"["[..], Some(Truncation::ConnectionLost))
        );
        let error = list_error(&http(&server), |_| ()).await;
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(error.to_string().contains("a truncated body"), "{error}");
    }
}

#[tokio::test]
async fn times_run_out() {
    let short = |config: &mut ClientConfig| config.request_timeout = Duration::from_millis(300);
    let silent = TestServer::http("", Then::Hang).await;
    let error = attempt(&http(&silent), &requests::list(), short)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.known_unprocessed),
        (ErrorKind::Timeout, false)
    );

    let stalling =
        TestServer::http("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[", Then::Hang).await;
    let response = attempt(&http(&stalling), &requests::list(), short)
        .await
        .unwrap();
    assert_eq!(
        (response.status, response.truncated),
        (200, Some(Truncation::TimedOut))
    );

    // A listener that accepts and then says nothing: TLS is never there, so no request was sent.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", mute.local_addr().unwrap());
    let longer = |config: &mut ClientConfig| config.request_timeout = Duration::from_secs(6);
    let error = attempt(&url, &requests::list(), longer).await.unwrap_err();
    assert_eq!(
        (error.kind, error.known_unprocessed),
        (ErrorKind::Connect, true),
        "{error:?}"
    );
}

#[tokio::test]
async fn connections_that_are_not_made() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = list(&format!("http://{address}")).await.unwrap_err();
    assert_eq!(
        (error.kind, error.known_unprocessed),
        (ErrorKind::Refused, true)
    );
    let error = list_error(&format!("http://{address}"), |_| ()).await;
    assert!(
        error.to_string().contains("refused the connection"),
        "{error}"
    );

    let error = attempt("https://no-such-host.invalid", &requests::list(), |_| ())
        .await
        .unwrap_err();
    assert!(error.known_unprocessed);
    // Where names are not resolved at all, the time for it runs out.
    assert!(
        matches!(error.kind, ErrorKind::Dns | ErrorKind::Connect),
        "{error:?}"
    );

    // It speaks, but not TLS.
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream
            .write_all(b"220 mail.example ESMTP\r\n")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    });
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let error = attempt(&format!("https://{address}"), &requests::list(), |config| {
        config.ca_certificates = Some(CaCertificates::from_pem(&authority.pem).unwrap());
    })
    .await
    .unwrap_err();
    assert!(error.known_unprocessed, "{error:?}");
    assert!(
        matches!(error.kind, ErrorKind::Tls | ErrorKind::Connect),
        "{error:?}"
    );
}

#[tokio::test]
async fn certificates_are_verified() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P521_SHA512,
    ] {
        let authority = Authority::new(algorithm);
        let other = Authority::new(algorithm);
        let server = TestServer::https(&authority, ok("[]")).await;
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("https://{host}:{}", server.address.port());
            let response = attempt(&url, &requests::list(), |config| {
                config.ca_certificates = Some(
                    CaCertificates::from_pem(&format!("{}\n{}", other.pem, authority.pem)).unwrap(),
                );
            })
            .await
            .unwrap();
            assert_eq!(response.status, 200);

            let before = server.requests().len();
            let error = list_error(&url, |config| {
                config.ca_certificates = Some(CaCertificates::from_pem(&other.pem).unwrap());
                config.retry.max_attempts = 4;
            })
            .await;
            assert_eq!(error.kind(), ErrorKind::Certificate);
            assert!(error.advice().contains("ca_cert_pem"));
            assert!(
                !error.to_string().contains("attempt"),
                "not retried: {error}"
            );
            assert_eq!(
                server.requests().len(),
                before,
                "nothing is sent to a host that is not trusted"
            );

            let response = attempt(&url, &requests::list(), |config| {
                config.insecure_skip_tls_verify = true
            })
            .await;
            assert_eq!(response.unwrap().status, 200);
        }
    }
}

#[tokio::test]
async fn a_ca_certificate_as_the_servers_own_is_named() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let server = TestServer::with_ca_certificate(&authority).await;
    let error = list_error(&format!("https://{}", server.address), |config| {
        config.ca_certificates = Some(CaCertificates::from_pem(&authority.pem).unwrap());
        config.retry.max_attempts = 4;
    })
    .await;
    let text = error.to_string();
    assert!(
        text.contains("a CA certificate as its server certificate"),
        "{text}"
    );
    assert!(!text.contains("attempts"), "not retried: {text}");
    assert!(error.advice().contains("that the CA has issued"));
}

#[tokio::test]
async fn a_demand_for_a_client_certificate_is_named_and_not_repeated() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    for version in rustls::ALL_VERSIONS {
        let server = TestServer::with_client_certificates(&authority, version).await;
        let client = Client::new(&config(&format!("https://{}", server.address), |config| {
            config.ca_certificates = Some(CaCertificates::from_pem(&authority.pem).unwrap());
            config.retry.max_attempts = 4;
        }));
        let error = client.list(&CancellationToken::new()).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("demands a client certificate"),
            "{version:?}: {text}"
        );
        assert_eq!(server.connections(), 1, "{version:?}: {text}");
        let outcome = create(&client, "https://h.example").await;
        assert!(
            matches!(outcome, CreateOutcome::Failed(_)),
            "{version:?}: {outcome:?}"
        );
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_refused_tls_handshake_is_named_and_not_repeated() {
    // Fatal, handshake_failure: what OpenSSL says in TLS 1.2 where a client certificate is missing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).await.unwrap();
            let length = u16::from_be_bytes([hello[3], hello[4]]);
            let mut rest = vec![0; usize::from(length)];
            stream.read_exact(&mut rest).await.unwrap();
            stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await.unwrap();
        }
    });
    let error = list_error(&format!("https://{address}"), |config| {
        config.insecure_skip_tls_verify = true;
        config.retry.max_attempts = 4;
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::TlsRefused, "{error}");
    assert!(!error.to_string().contains("attempts"), "{error}");
    assert!(error.advice().contains("client certificate"));
}

#[tokio::test]
async fn a_page_with_403_is_of_a_firewall_and_not_about_a_permission() {
    for (body, firewall) in [
        ("<html><body>Access denied</body></html>", true),
        ("Forbidden by policy", true),
        ("", false),
        (
            r#"{"message":"Forbidden","error":"Forbidden","statusCode":403}"#,
            false,
        ),
    ] {
        let reply = format!(
            "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let server = TestServer::http(reply, Then::Close).await;
        let error = list_error(&http(&server), |_| ()).await;
        assert_eq!(error.status(), Some(403));
        assert_eq!(
            error.to_string().contains("a firewall or gateway"),
            firewall,
            "{error}"
        );
        assert_eq!(
            error.advice().contains("APPLICATION_ADMIN"),
            !firewall,
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_platforms_roots_do_not_trust_a_strangers_certificate() {
    let server = TestServer::https(&Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256), ok("[]")).await;
    let error = list_error(&format!("https://{}", server.address), |_| ()).await;
    // A small container has no certificates at all.
    assert!(
        matches!(error.kind(), ErrorKind::Certificate | ErrorKind::TrustStore),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[cfg(not(any(target_vendor = "apple", windows)))]
#[tokio::test]
async fn the_system_trust_store_is_what_the_environment_names() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let server = TestServer::https(&authority, ok("[]")).await;
    let url = format!("https://localhost:{}", server.address.port());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    let response = attempt(&url, &requests::list(), |config| {
        config.trust_store.file = Some(file);
    })
    .await;
    assert_eq!(response.unwrap().status, 200);

    // Other certificates were found, and not the one that is needed.
    let others = folder.path().join("others");
    std::fs::create_dir(&others).unwrap();
    let other = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    std::fs::write(others.join("ca.pem"), &other.pem).unwrap();
    let error = list_error(&url, |config| {
        config.trust_store.file = Some(folder.path().join("missing.pem"));
        config.trust_store.directories = vec![others];
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Certificate, "{error}");
    assert!(
        error
            .to_string()
            .contains("SSL_CERT_FILE names a file that cannot be read"),
        "{error}"
    );

    let error = list_error(&url, |config| {
        config.trust_store.file = Some(folder.path().join("missing.pem"));
        config.retry.max_attempts = 4;
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::TrustStore, "{error}");
    assert!(
        error.to_string().contains("SSL_CERT_FILE") && !error.to_string().contains("attempts"),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_that_the_certificate_does_not_have_is_refused() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let server = TestServer::https(&authority, ok("[]")).await;
    let error = list_error(
        &format!("https://other.localhost:{}", server.address.port()),
        |config| {
            config.ca_certificates = Some(CaCertificates::from_pem(&authority.pem).unwrap());
        },
    )
    .await;
    // Where the name does not resolve to this machine there is no connection at all.
    assert!(
        matches!(error.kind(), ErrorKind::Certificate | ErrorKind::Dns),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_create_that_is_reset_is_looked_for() {
    let server = TestServer::http("", Then::Close).await;
    let client = Client::new(&config(&http(&server), |_| ()));
    let spec = WebhookSpec {
        url: "https://h.example".to_owned(),
        verify_tls: true,
        signing_key: None,
    };
    let outcome = client.create(&spec, &CancellationToken::new()).await;
    assert!(
        matches!(outcome, CreateOutcome::Ambiguous { .. }),
        "{outcome:?}"
    );
    let posts = server
        .requests()
        .iter()
        .filter(|request| request.starts_with("POST"))
        .count();
    assert_eq!(posts, 1);
}

const ENHANCE_YOUR_CALM: u8 = 11;
const INTERNAL_ERROR: u8 = 2;
const REFUSED_STREAM: u8 = 7;

/// A client of an HTTP/2 server that does to the first requests with a body what is given.
async fn http2(
    limit: Option<u8>,
    decide: impl Fn(usize, usize) -> Http2Reply + Send + Sync + 'static,
) -> (Client, Http2Server) {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let server = Http2Server::start(&authority, limit, decide).await;
    let url = format!("https://localhost:{}", server.address.port());
    let client = Client::new(&config(&url, |config| {
        config.ca_certificates = Some(CaCertificates::from_pem(&authority.pem).unwrap());
        config.retry.max_attempts = 4;
        config.retry.min_backoff = Duration::from_millis(1);
    }));
    (client, server)
}

async fn create(client: &Client, url: &str) -> CreateOutcome {
    let spec = WebhookSpec {
        url: url.to_owned(),
        verify_tls: true,
        signing_key: None,
    };
    client.create(&spec, &CancellationToken::new()).await
}

#[tokio::test]
async fn a_create_that_an_http2_server_has_not_processed_is_sent_again() {
    for refusal in [
        Http2Reply::Reset(REFUSED_STREAM),
        Http2Reply::GoAway {
            code: 0,
            processed: false,
        },
        Http2Reply::GoAway {
            code: ENHANCE_YOUR_CALM,
            processed: false,
        },
    ] {
        let refusals = 3;
        let (client, server) = http2(None, move |number, _| match number {
            ..3 => refusal,
            _ => Http2Reply::Respond,
        })
        .await;
        let outcome = create(&client, "https://h.example").await;
        assert!(
            matches!(outcome, CreateOutcome::Created(_)),
            "{refusal:?}: {outcome:?}"
        );
        assert_eq!(server.posts(), refusals + 1, "{refusal:?}");

        // For ever: nothing was created, and nothing may exist.
        let (client, _server) = http2(None, move |_, _| refusal).await;
        let outcome = create(&client, "https://h.example").await;
        let CreateOutcome::Failed(error) = outcome else {
            panic!("{refusal:?}: {outcome:?}");
        };
        let text = error.to_string();
        assert!(text.contains("before it was processed"), "{text}");
    }
}

#[tokio::test]
async fn a_create_that_an_http2_server_may_have_processed_is_sent_once() {
    for end in [
        Http2Reply::Reset(INTERNAL_ERROR),
        Http2Reply::GoAway {
            code: 0,
            processed: true,
        },
        Http2Reply::GoAway {
            code: ENHANCE_YOUR_CALM,
            processed: true,
        },
    ] {
        let (client, server) = http2(None, move |_, _| end).await;
        let outcome = create(&client, "https://h.example").await;
        assert!(
            matches!(outcome, CreateOutcome::Ambiguous { .. }),
            "{end:?}: {outcome:?}"
        );
        assert_eq!(server.posts(), 1, "{end:?}");
    }
}

#[tokio::test]
async fn a_server_that_allows_few_streams_gets_all_creates() {
    for limit in 1..=3 {
        let (client, _server) = http2(Some(limit), move |_, under_way| {
            match under_way < usize::from(limit) {
                true => Http2Reply::Respond,
                false => Http2Reply::Reset(REFUSED_STREAM),
            }
        })
        .await;
        // One connection for all that follow.
        client.list(&CancellationToken::new()).await.unwrap();
        let urls: Vec<String> = (0..10).map(|n| format!("https://h{n}.example")).collect();
        let creates = urls.iter().map(|url| create(&client, url));
        for outcome in futures_util::future::join_all(creates).await {
            assert!(matches!(outcome, CreateOutcome::Created(_)), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_no_connection_took_is_known_not_to_have_been_processed() {
    let (near, _far) = tokio::io::duplex(64);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(near))
            .await
            .unwrap();
    drop(connection);
    let request = http::Request::new(String::new());
    let error = sender.send_request(request).await.unwrap_err();
    assert!(is_unprocessed(&error), "{error:?}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_before_the_server_closes_it() {
    for (idle, connections) in [(3_900, 1), (4_100, 2), (4_990, 2), (5_100, 2)] {
        let server = TestServer::http(ok("[]"), Then::KeepAlive).await;
        let transport = HttpTransport::new(&config(&http(&server), |_| ()));
        for request in 0..2 {
            let response = transport
                .attempt(&requests::list(), Duration::from_secs(60))
                .await;
            assert_eq!(response.unwrap().status, 200, "request {request}");
            // No time passes; the clock is set forward, for the server too.
            tokio::time::pause();
            tokio::time::advance(Duration::from_millis(idle)).await;
            tokio::time::resume();
        }
        assert_eq!(server.connections(), connections, "idle for {idle} ms");
    }
}

#[tokio::test]
async fn requests_go_through_the_proxy() {
    let proxy = TestServer::http(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        Then::Close,
    )
    .await;
    let address = format!("http://user:hunter2@{}", proxy.address);
    let error = list_error("https://immuta.invalid", |config| {
        config.proxy = Some(Proxy::parse(&address, "HTTPS_PROXY").unwrap());
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let request = proxy.requests().remove(0);
    assert!(
        request.starts_with("CONNECT immuta.invalid:443 "),
        "{request}"
    );
    let credentials = "proxy-authorization: basic dXNlcjpodW50ZXIy".to_ascii_lowercase();
    assert!(
        request.to_ascii_lowercase().contains(&credentials),
        "{request}"
    );
    assert!(!request.contains(TOKEN), "{request}");
}

#[tokio::test]
async fn a_proxy_that_demands_a_password_is_named_and_asked_once() {
    let reply = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let proxy = TestServer::http(reply, Then::Close).await;
    let address = format!("http://{}", proxy.address);
    let error = list_error("https://immuta.invalid", |config| {
        config.proxy = Some(Proxy::parse(&address, "all_proxy").unwrap());
        config.retry.max_attempts = 4;
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::ProxyAuthentication, "{error}");
    let text = error.to_string();
    assert!(
        text.contains("the proxy that all_proxy names returned 407"),
        "{text}"
    );
    assert!(error.advice().contains("user name and password"));
    assert_eq!(proxy.requests().len(), 1);

    // One that the client takes for the API.
    let error = list_error(&http(&proxy), |config| config.retry.max_attempts = 4).await;
    assert_eq!(error.status(), Some(407), "{error}");
    assert!(error.advice().contains("user name and password"));
    assert_eq!(proxy.requests().len(), 2);
}
