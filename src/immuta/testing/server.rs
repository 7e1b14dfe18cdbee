//! Servers for tests of the transport. One returns given bytes, right or wrong; the other speaks just enough HTTP/2 to
//! refuse requests.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{WantsServerCert, WebPkiClientVerifier};
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// What follows the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The connection is closed.
    Close,
    /// Nothing, with the connection open.
    Hang,
    /// The same again, until the connection was idle for 5 s: then it is closed, as common servers do.
    KeepAlive,
}

/// Runs until it is dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn http(reply: impl Into<Vec<u8>>, then: Then) -> TestServer {
        TestServer::start(reply.into(), then, None).await
    }

    /// Serves the authority's own certificate.
    pub(crate) async fn with_ca_certificate(authority: &Authority) -> TestServer {
        let config = server_config(rustls::ALL_VERSIONS, None)
            .with_single_cert(vec![authority.der.clone()], authority.private_key())
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        TestServer::start(Vec::new(), Then::Close, Some(tls)).await
    }

    /// Demands a client certificate that the authority has signed, in this version of TLS.
    pub(crate) async fn with_client_certificates(
        authority: &Authority,
        version: &'static SupportedProtocolVersion,
    ) -> TestServer {
        let tls = authority.acceptor_with(server_config(&[version], Some(authority)), &[]);
        TestServer::start(Vec::new(), Then::Close, Some(tls)).await
    }

    /// Serves a certificate for `localhost` and `127.0.0.1` that the given authority signs.
    pub(crate) async fn https(authority: &Authority, reply: impl Into<Vec<u8>>) -> TestServer {
        TestServer::start(reply.into(), Then::Close, Some(authority.acceptor())).await
    }

    async fn start(reply: Vec<u8>, then: Then, tls: Option<TlsAcceptor>) -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let connections: Arc<AtomicUsize> = Arc::default();
        let (seen, accepted) = (Arc::clone(&requests), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                let (reply, tls, seen) = (reply.clone(), tls.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &reply, then, &seen).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &reply, then, &seen).await;
                            }
                        }
                    }
                });
            }
        });
        TestServer {
            address,
            requests,
            connections,
            task,
        }
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads and bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: &[u8],
    then: Then,
    seen: &Mutex<Vec<String>>,
) {
    loop {
        let mut request = Vec::new();
        while !is_whole(&request) {
            match timeout(Duration::from_secs(5), stream.read_buf(&mut request)).await {
                Ok(Ok(1..)) => {}
                _ => return,
            }
        }
        seen.lock()
            .unwrap()
            .push(String::from_utf8_lossy(&request).into_owned());
        // The client may have hung up, which is what some tests are about.
        let _ = stream.write_all(reply).await;
        let _ = stream.flush().await;
        match then {
            Then::KeepAlive => {}
            Then::Hang => std::future::pending().await,
            Then::Close => break,
        }
    }
    let _ = stream.shutdown().await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    body.len() >= length
}

/// What an HTTP/2 server does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http2Reply {
    /// 200 with a webhook of its own id, or with an empty list to a request without a body.
    Respond,
    /// RST_STREAM with this error code.
    Reset(u8),
    /// GOAWAY with this error code, then the connection is closed; `processed` says whether the request is among those
    /// that may have been processed.
    GoAway { code: u8, processed: bool },
}

/// Decides of the nth request with a body, counted from 0, and of how many are under way on its connection.
type Decide = dyn Fn(usize, usize) -> Http2Reply + Send + Sync;

/// Runs until it is dropped.
pub(crate) struct Http2Server {
    pub(crate) address: SocketAddr,
    posts: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Http2Server {
    /// With the limit it says, once it has refused a stream, how many it takes at once.
    pub(crate) async fn start(
        authority: &Authority,
        limit: Option<u8>,
        decide: impl Fn(usize, usize) -> Http2Reply + Send + Sync + 'static,
    ) -> Http2Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posts: Arc<AtomicUsize> = Arc::default();
        let acceptor = authority.acceptor_of(&[b"h2"]);
        let (count, decide): (_, Arc<Decide>) = (Arc::clone(&posts), Arc::new(decide));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, count, decide) =
                    (acceptor.clone(), Arc::clone(&count), Arc::clone(&decide));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        // It ends when the client hangs up.
                        let _ = serve_http2(stream, limit, &count, &*decide).await;
                    }
                });
            }
        });
        Http2Server {
            address,
            posts,
            task,
        }
    }

    /// How many requests with a body came so far.
    pub(crate) fn posts(&self) -> usize {
        self.posts.load(Ordering::SeqCst)
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

async fn serve_http2(
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    limit: Option<u8>,
    posts: &AtomicUsize,
    decide: &Decide,
) -> std::io::Result<()> {
    let (mut reader, writer) = tokio::io::split(stream);
    let writer = Arc::new(tokio::sync::Mutex::new(writer));
    reader.read_exact(&mut [0; 24]).await?; // the preface
    let settings = frame(SETTINGS, 0, 0, &[]);
    writer.lock().await.write_all(&settings).await?;
    let under_way: Arc<AtomicUsize> = Arc::default();
    loop {
        let mut head = [0; 9];
        reader.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        reader.read_exact(&mut payload).await?;
        let stream = u32::from_be_bytes(stream);
        let ends = flags & END_STREAM != 0;
        let is_request = matches!(kind, HEADERS | DATA) && ends;
        if !is_request {
            continue;
        }
        let number = match kind {
            DATA => Some(posts.fetch_add(1, Ordering::SeqCst)),
            _ => None,
        };
        let reply = number.map_or(Http2Reply::Respond, |number| {
            decide(number, under_way.load(Ordering::SeqCst))
        });
        match reply {
            Http2Reply::Respond => {
                let body = number.map_or("[]".to_owned(), |number| {
                    format!(r#"{{"id":"w{number}","url":"https://h.example"}}"#)
                });
                let (writer, under_way) = (Arc::clone(&writer), Arc::clone(&under_way));
                under_way.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    sleep(Duration::from_millis(20)).await;
                    under_way.fetch_sub(1, Ordering::SeqCst);
                    // 0x88 is `:status: 200`.
                    let mut frames = frame(HEADERS, END_HEADERS, stream, &[0x88]);
                    frames.extend(frame(DATA, END_STREAM, stream, body.as_bytes()));
                    let mut writer = writer.lock().await;
                    let _ = writer.write_all(&frames).await;
                    let _ = writer.flush().await;
                });
            }
            Http2Reply::Reset(code) => {
                let mut frames = match limit {
                    // SETTINGS_MAX_CONCURRENT_STREAMS
                    Some(limit) => frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, limit]),
                    None => Vec::new(),
                };
                frames.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, code]));
                let mut writer = writer.lock().await;
                writer.write_all(&frames).await?;
                writer.flush().await?;
            }
            Http2Reply::GoAway { code, processed } => {
                let last = if processed { stream } else { 0 };
                let payload = [last.to_be_bytes(), [0, 0, 0, code]].concat();
                let mut writer = writer.lock().await;
                writer.write_all(&frame(GOAWAY, 0, 0, &payload)).await?;
                return writer.shutdown().await;
            }
        }
    }
}

/// RFC 9113, 4.1
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A certificate authority.
pub(crate) struct Authority {
    pub(crate) pem: String,
    der: CertificateDer<'static>,
    /// The key once more: an issuer does not give it back.
    key: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(algorithm: &'static SignatureAlgorithm) -> Authority {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "A company's authority");
        let certificate = params.self_signed(&key).unwrap();
        Authority {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key: key.serialize_der(),
            issuer: Issuer::new(params, key),
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_of(&[])
    }

    fn acceptor_of(&self, protocols: &[&[u8]]) -> TlsAcceptor {
        self.acceptor_with(server_config(rustls::ALL_VERSIONS, None), protocols)
    }

    /// With a certificate that this authority signs.
    fn acceptor_with(
        &self,
        builder: ConfigBuilder<ServerConfig, WantsServerCert>,
        protocols: &[&[u8]],
    ) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.issuer)
            .unwrap();
        let mut config = builder
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.clone()).unwrap()
    }
}

/// With an authority, a client certificate is demanded that it has signed.
fn server_config(
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&Authority>,
) -> ConfigBuilder<ServerConfig, WantsServerCert> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    }
}
