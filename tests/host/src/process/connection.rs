//! The one HTTP/2 connection of core to a provider process, with mutual TLS.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Buf as _, BufMut as _};
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_stream::StreamExt as _;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint, Uri};

use super::certificate::ClientCertificate;
use super::handshake::{Address, Handshake};
use super::{lock, runtime};
use crate::wire::{Status, Wire};

/// The largest message that core takes.
const MAX_MESSAGE: usize = 256 << 20;

/// A connection. Calls block and may be made from several threads at once.
#[derive(Debug)]
pub struct Connection {
    channel: Mutex<Option<Channel>>,
    streams: watch::Receiver<Streams>,
    tasks: Vec<tokio::task::AbortHandle>,
    asked_for_certificate: Arc<Mutex<Asked>>,
    socket: Socket,
}

/// How the streams that core opens first, and never uses, have ended. `None` while open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Streams {
    /// `GRPCStdio/StreamStdio`
    pub stdio: Option<String>,
    /// `GRPCBroker/StartStream`
    pub broker: Option<String>,
}

/// What the server asked of the client's certificate in the TLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    /// It did not ask.
    #[default]
    No,
    /// It asked, and Go would send none: issuer hints or signature schemes exclude it.
    Unfit,
    /// It asked, and the client had none.
    Missing,
    /// It was sent.
    Sent,
}

impl Connection {
    /// Opens a connection as core does, with this client certificate or none, and starts the two
    /// streams. The TLS handshake is done when this returns; a server that refuses the client
    /// certificate shows only at the first call.
    pub fn open(
        handshake: &Handshake,
        client: Option<&ClientCertificate>,
    ) -> Result<Connection, String> {
        let asked = Arc::new(Mutex::new(Asked::No));
        let socket = Socket::connect(&handshake.address)?;
        let channel = runtime().block_on(async {
            let bound = Duration::from_secs(30);
            let io = socket.io()?;
            tokio::time::timeout(bound, connect(handshake, io, client, asked.clone()))
                .await
                .map_err(|_| format!("no connection within {bound:?}"))?
        })?;
        Ok(Connection::over(channel, socket, asked))
    }

    /// Opens a connection without TLS, as to a reattached provider.
    pub fn open_plain(address: &Address) -> Result<Connection, String> {
        let socket = Socket::connect(address)?;
        let channel =
            runtime().block_on(async { channel_over(socket.io()?, "http://unused").await })?;
        Ok(Connection::over(channel, socket, Arc::default()))
    }

    fn over(
        channel: Channel,
        socket: Socket,
        asked_for_certificate: Arc<Mutex<Asked>>,
    ) -> Connection {
        let (ended, streams) = watch::channel(Streams::default());
        let stdio = runtime().spawn(hold_stdio(channel.clone(), ended.clone()));
        let broker = runtime().spawn(hold_broker(channel.clone(), ended));
        Connection {
            channel: Mutex::new(Some(channel)),
            streams,
            tasks: vec![stdio.abort_handle(), broker.abort_handle()],
            asked_for_certificate,
            socket,
        }
    }

    /// What the server asked of the client's certificate.
    pub fn asked_for_certificate(&self) -> Asked {
        *lock(&self.asked_for_certificate)
    }

    /// How the streams have ended so far.
    pub fn streams(&self) -> Streams {
        self.streams.borrow().clone()
    }

    /// Waits until both streams have ended, at most `bound`.
    pub fn wait_streams(&self, bound: Duration) -> Streams {
        let mut streams = self.streams.clone();
        runtime().block_on(async move {
            let both = |s: &Streams| s.stdio.is_some() && s.broker.is_some();
            match tokio::time::timeout(bound, streams.wait_for(both)).await {
                Ok(Ok(streams)) => streams.clone(),
                _ => Streams::default(),
            }
        })
    }

    /// Calls any unary method by its whole path, as in `/grpc.health.v1.Health/Check`.
    pub fn unary_at(&self, path: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        let channel = self.channel()?;
        let path = path_of(path)?;
        runtime().block_on(async move {
            let mut grpc = client(channel);
            ready(&mut grpc).await?;
            let answer = grpc
                .unary(tonic::Request::new(request), path, Bytes)
                .await?;
            Ok(answer.into_inner())
        })
    }

    /// Calls `GRPCController/Shutdown`, and waits for the answer or the end of the connection.
    pub fn shutdown(&self) {
        let _ = self.unary_at("/plugin.GRPCController/Shutdown", Vec::new());
    }

    /// Closes the connection without ceremony, as the death of core does.
    pub fn close(&self) {
        self.socket.close();
        lock(&self.channel).take();
        for task in &self.tasks {
            task.abort();
        }
    }

    fn channel(&self) -> Result<Channel, Status> {
        lock(&self.channel).clone().ok_or_else(|| Status {
            code: tonic::Code::Cancelled,
            message: "the client connection is closing".to_owned(),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl Wire for Connection {
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.unary_at(&format!("/tfplugin6.Provider/{method}"), request)
    }

    fn stream(
        &self,
        method: &str,
        request: Vec<u8>,
        each: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status> {
        let channel = self.channel()?;
        let path = path_of(&format!("/tfplugin6.Provider/{method}"))?;
        runtime().block_on(async move {
            let mut grpc = client(channel);
            ready(&mut grpc).await?;
            let mut events = grpc
                .server_streaming(tonic::Request::new(request), path, Bytes)
                .await?
                .into_inner();
            while let Some(event) = events.next().await {
                if each(event?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Nothing: core leaves reattached providers alone. A process that core started is ended by
    /// [`Process`](super::Process).
    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

fn path_of(path: &str) -> Result<PathAndQuery, Status> {
    path.parse().map_err(|_| Status {
        code: tonic::Code::InvalidArgument,
        message: format!("{path} is no method"),
    })
}

fn client(channel: Channel) -> Grpc<Channel> {
    Grpc::new(channel)
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE)
}

async fn ready(grpc: &mut Grpc<Channel>) -> Result<(), Status> {
    grpc.ready().await.map_err(|e| Status {
        code: tonic::Code::Unavailable,
        message: e.to_string(),
    })
}

async fn hold_stdio(channel: Channel, ended: watch::Sender<Streams>) {
    let end = async {
        let mut grpc = client(channel);
        ready(&mut grpc).await?;
        let path = path_of("/plugin.GRPCStdio/StreamStdio")?;
        let mut data = grpc
            .server_streaming(tonic::Request::new(Vec::new()), path, Bytes)
            .await?
            .into_inner();
        while let Some(data) = data.next().await {
            data?;
        }
        Ok::<(), Status>(())
    }
    .await;
    ended.send_modify(|streams| streams.stdio = Some(ending(end)));
}

async fn hold_broker(channel: Channel, ended: watch::Sender<Streams>) {
    let end = async {
        let mut grpc = client(channel);
        ready(&mut grpc).await?;
        let path = path_of("/plugin.GRPCBroker/StartStream")?;
        let open = tokio_stream::pending::<Vec<u8>>();
        let mut data = grpc
            .streaming(tonic::Request::new(open), path, Bytes)
            .await?
            .into_inner();
        while let Some(data) = data.next().await {
            data?;
        }
        Ok::<(), Status>(())
    }
    .await;
    ended.send_modify(|streams| streams.broker = Some(ending(end)));
}

fn ending(end: Result<(), Status>) -> String {
    match end {
        Ok(()) => "ended".to_owned(),
        Err(status) => status.to_string(),
    }
}

/// A connected socket, whatever its kind.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connected socket, kept beside the connection so that it can be closed under it.
#[derive(Debug)]
enum Socket {
    Unix(std::os::unix::net::UnixStream),
    Tcp(std::net::TcpStream),
}

impl Socket {
    fn connect(address: &Address) -> Result<Socket, String> {
        match address {
            Address::Unix(path) => std::os::unix::net::UnixStream::connect(path)
                .map(Socket::Unix)
                .map_err(|e| format!("{}: {e}", path.display())),
            Address::Tcp(address) => std::net::TcpStream::connect(address)
                .map(Socket::Tcp)
                .map_err(|e| format!("{address}: {e}")),
        }
    }

    /// The socket for the runtime, whose context this needs.
    fn io(&self) -> Result<Box<dyn Io>, String> {
        self.try_io().map_err(|e| e.to_string())
    }

    fn try_io(&self) -> std::io::Result<Box<dyn Io>> {
        Ok(match self {
            Socket::Unix(stream) => {
                stream.set_nonblocking(true)?;
                Box::new(tokio::net::UnixStream::from_std(stream.try_clone()?)?)
            }
            Socket::Tcp(stream) => {
                stream.set_nonblocking(true)?;
                stream.set_nodelay(true)?;
                Box::new(tokio::net::TcpStream::from_std(stream.try_clone()?)?)
            }
        })
    }

    fn close(&self) {
        // It may be closed already.
        let _ = match self {
            Socket::Unix(stream) => stream.shutdown(std::net::Shutdown::Both),
            Socket::Tcp(stream) => stream.shutdown(std::net::Shutdown::Both),
        };
    }
}

async fn connect(
    handshake: &Handshake,
    io: Box<dyn Io>,
    client: Option<&ClientCertificate>,
    asked: Arc<Mutex<Asked>>,
) -> Result<Channel, String> {
    let Some(server) = &handshake.certificate else {
        return channel_over(io, "http://localhost").await;
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned {
            certificate: server.clone(),
            algorithms: provider.signature_verification_algorithms,
        }))
        .with_client_cert_resolver(Arc::new(AsGo {
            client: client.map(|c| (c.certified_key(), c.der().clone())),
            asked,
        }));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost").map_err(|e| e.to_string())?;
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, io)
        .await
        .map_err(|e| format!("TLS: {e}"))?;
    if tls.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Err("the server did not choose h2".to_owned());
    }
    channel_over(Box::new(tls), "http://localhost").await
}

/// A channel over this one socket. It does not reconnect: core has one connection per process.
async fn channel_over(io: Box<dyn Io>, authority: &'static str) -> Result<Channel, String> {
    let once = Arc::new(Mutex::new(Some(io)));
    let connector = tower::service_fn(move |_: Uri| {
        let io = lock(&once).take();
        async move {
            io.map(TokioIo::new).ok_or_else(|| {
                std::io::Error::new(
                    std::io::ErrorKind::NotConnected,
                    "the connection to the provider is gone",
                )
            })
        }
    });
    Endpoint::from_static(authority)
        .user_agent("grpc-go/1.69.4")
        .map_err(|e| e.to_string())?
        .connect_with_connector(connector)
        .await
        .map_err(|e| {
            let mut text = e.to_string();
            let mut cause = std::error::Error::source(&e);
            while let Some(inner) = cause {
                text.push_str(&format!(": {inner}"));
                cause = inner.source();
            }
            text
        })
}

/// Accepts the server certificate of the handshake line alone, for `localhost`.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    algorithms: rustls::crypto::WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity != self.certificate {
            return Err(rustls::Error::General(
                "not the certificate of the handshake line".to_owned(),
            ));
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Sends the client certificate exactly where Go does: only if the server takes P-521 signatures,
/// and only if its issuer hints are empty or name the certificate's issuer.
#[derive(Debug)]
struct AsGo {
    client: Option<(Arc<CertifiedKey>, CertificateDer<'static>)>,
    asked: Arc<Mutex<Asked>>,
}

impl ResolvesClientCert for AsGo {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let Some((key, certificate)) = &self.client else {
            *lock(&self.asked) = Asked::Missing;
            return None;
        };
        let fits = sigschemes.contains(&SignatureScheme::ECDSA_NISTP521_SHA512)
            && (root_hint_subjects.is_empty()
                // Self-signed: the issuer's name stands in the certificate as it is.
                || root_hint_subjects
                    .iter()
                    .any(|hint| contains(certificate.as_ref(), hint)));
        *lock(&self.asked) = if fits { Asked::Sent } else { Asked::Unfit };
        fits.then(|| key.clone())
    }

    fn has_certs(&self) -> bool {
        // Also without a certificate, so that it is recorded that the server asked.
        true
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && haystack.windows(needle.len()).any(|w| w == needle)
}

/// Messages as bytes, unread.
#[derive(Debug, Clone, Copy)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Bytes;
    type Decoder = Bytes;

    fn encoder(&mut self) -> Bytes {
        Bytes
    }

    fn decoder(&mut self) -> Bytes {
        Bytes
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        buffer.put(item.as_slice());
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, tonic::Status> {
        let mut item = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver(client: Option<&ClientCertificate>) -> AsGo {
        AsGo {
            client: client.map(|c| (c.certified_key(), c.der().clone())),
            asked: Arc::default(),
        }
    }

    #[test]
    fn a_certificate_is_sent_where_go_sends_one() {
        let client = ClientCertificate::fresh().unwrap();
        let good = [SignatureScheme::ECDSA_NISTP521_SHA512];
        let ring = [
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
        ];
        let resolver = resolver(Some(&client));
        assert!(resolver.resolve(&[], &good).is_some());
        assert_eq!(*lock(&resolver.asked), Asked::Sent);
        assert!(resolver.resolve(&[], &ring).is_none());
        assert_eq!(*lock(&resolver.asked), Asked::Unfit);
        assert!(resolver.resolve(&[b"some other name"], &good).is_none());
    }

    #[test]
    fn without_a_certificate_the_question_is_recorded() {
        let resolver = resolver(None);
        assert!(
            resolver
                .resolve(&[], &[SignatureScheme::ECDSA_NISTP521_SHA512])
                .is_none()
        );
        assert_eq!(*lock(&resolver.asked), Asked::Missing);
    }

    #[test]
    fn only_the_certificate_of_the_line_is_accepted() {
        let one = ClientCertificate::fresh().unwrap();
        let other = ClientCertificate::fresh().unwrap();
        let pinned = Pinned {
            certificate: one.der().clone(),
            algorithms: rustls::crypto::aws_lc_rs::default_provider()
                .signature_verification_algorithms,
        };
        let verify = |certificate: &CertificateDer<'_>, name: &'static str| {
            let name = ServerName::try_from(name).unwrap();
            pinned.verify_server_cert(certificate, &[], &name, &[], UnixTime::now())
        };
        assert!(verify(one.der(), "localhost").is_ok());
        assert!(verify(other.der(), "localhost").is_err());
        assert!(verify(one.der(), "elsewhere.example").is_err());
    }
}
