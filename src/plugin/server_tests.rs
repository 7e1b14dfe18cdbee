use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    task::JoinHandle,
};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};

use super::*;
use crate::plugin::{
    auto_mtls::{self, tests::Client},
    launch::Place,
    listener::Stream,
    services,
};

/// Far more than anything here takes: a test that reaches it hangs.
const HANGS: Duration = Duration::from_secs(30);

struct Running {
    socket: PathBuf,
    tls: Option<(auto_mtls::Server, Client)>,
    end: JoinHandle<ExitReason>,
    _parent: tempfile::TempDir,
}

impl Running {
    async fn start(
        tls: bool,
        shutdown_signal: impl Future<Output = ExitReason> + Send + 'static,
    ) -> Running {
        let parent = tempfile::tempdir().unwrap();
        let place = Place {
            socket_folder: parent.path().to_owned(),
            ports: 0..=0,
        };
        let listener = Listener::bind(&place, tls).await.unwrap();
        let socket = PathBuf::from(&listener.address().address);
        let tls = tls.then(|| {
            let client = Client::like_core();
            (auto_mtls::server(client.certificate()).unwrap(), client)
        });
        let shutdown = CancellationToken::new();
        let server = GrpcServer {
            in_flight: InFlight::new(),
            listener,
            tls: tls
                .as_ref()
                .map(|(server, _)| TlsAcceptor::from(Arc::clone(&server.config))),
            routes: services::add_to(Routes::default(), shutdown.clone()).await,
            shutdown,
        };
        let lifecycle = Some(Lifecycle::begin(Instant::now()));
        let end = tokio::spawn(run(server, lifecycle, shutdown_signal));
        Running {
            socket,
            tls,
            end,
            _parent: parent,
        }
    }

    async fn raw(&self) -> UnixStream {
        UnixStream::connect(&self.socket).await.unwrap()
    }

    /// A connection as core makes it.
    async fn connect(&self) -> Channel {
        let stream = self.raw().await;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some((server, client)) => {
                let identity = (client.certificate(), client.key());
                let connector = auto_mtls::tests::connector(server, Some(identity));
                let name = ServerName::try_from("localhost").unwrap();
                Box::new(connector.connect(name, stream).await.unwrap())
            }
        };
        let mut once = Some(TokioIo::new(stream));
        Endpoint::from_static("http://localhost")
            .connect_with_connector(tower::service_fn(move |_| {
                let stream = once.take().ok_or_else(|| std::io::Error::other("used up"));
                std::future::ready(stream)
            }))
            .await
            .unwrap()
    }

    async fn end(self) -> ExitReason {
        tokio::time::timeout(HANGS, self.end)
            .await
            .expect("the server hangs")
            .unwrap()
    }
}

/// Messages as bytes: an empty message is no byte at all, and every response here is taken as it comes.
#[derive(Default)]
struct Raw;

impl tonic::codec::Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;
    fn encoder(&mut self) -> Raw {
        Raw
    }
    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl tonic::codec::Encoder for Raw {
    type Item = Bytes;
    type Error = Status;
    fn encode(&mut self, item: Bytes, to: &mut tonic::codec::EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put(to, item);
        Ok(())
    }
}

impl tonic::codec::Decoder for Raw {
    type Item = Bytes;
    type Error = Status;
    fn decode(&mut self, from: &mut tonic::codec::DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = bytes::Buf::remaining(from);
        Ok(Some(bytes::Buf::copy_to_bytes(from, length)))
    }
}

async fn call(channel: &Channel, path: &'static str, request: &[u8]) -> Result<Bytes, Status> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let request = Request::new(Bytes::copy_from_slice(request));
    let path = http::uri::PathAndQuery::from_static(path);
    grpc.unary(request, path, Raw)
        .await
        .map(tonic::Response::into_inner)
}

/// Opens the two streams that core opens on each connection.
async fn open(channel: &Channel) -> [tonic::Streaming<Bytes>; 2] {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let stdio = http::uri::PathAndQuery::from_static("/plugin.GRPCStdio/StreamStdio");
    let broker = http::uri::PathAndQuery::from_static("/plugin.GRPCBroker/StartStream");
    let empty = Request::new(Bytes::new());
    let stdio = grpc.server_streaming(empty, stdio, Raw).await.unwrap();
    grpc.ready().await.unwrap();
    let nothing_yet = Request::new(futures_util::stream::pending());
    let broker = grpc.streaming(nothing_yet, broker, Raw).await.unwrap();
    [stdio.into_inner(), broker.into_inner()]
}

const SHUTDOWN: &str = "/plugin.GRPCController/Shutdown";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// `HealthCheckRequest { service: "plugin" }`
const OF_PLUGIN: &[u8] = b"\x0a\x06plugin";

#[tokio::test]
async fn shutdown_gets_a_response_and_ends_it_with_streams_open() {
    let running = Running::start(true, std::future::pending()).await;
    let channel = running.connect().await;
    let streams = open(&channel).await;
    call(&channel, SHUTDOWN, b"").await.unwrap();
    assert_eq!(running.end().await, ExitReason::Shutdown);
    // They said nothing, and no longer are.
    for mut stream in streams {
        assert!(!matches!(stream.message().await, Ok(Some(_))));
    }
}

#[tokio::test]
async fn it_is_healthy_and_what_it_does_not_know_is_unimplemented() {
    let running = Running::start(true, std::future::pending()).await;
    let channel = running.connect().await;
    // `HealthCheckResponse { status: SERVING }`
    assert_eq!(
        call(&channel, HEALTH, OF_PLUGIN).await.unwrap(),
        Bytes::from_static(b"\x08\x01")
    );
    for unknown in ["/plugin.GRPCController/Nothing", "/no.Service/Nothing"] {
        let status = call(&channel, unknown, b"").await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{unknown}");
    }
}

#[tokio::test]
async fn garbage_strangers_and_idle_connections_delay_nobody() {
    let running = Running::start(true, std::future::pending()).await;
    let _idle = running.raw().await;
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0xff; 4096],
    ] {
        let mut stream = running.raw().await;
        stream.write_all(garbage).await.unwrap();
        // The server closes it, after an alert perhaps.
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response).await;
    }
    let Some((server, _)) = &running.tls else {
        panic!("started with TLS");
    };
    let stranger = Client::like_core();
    for identity in [None, Some((stranger.certificate(), stranger.key()))] {
        let connector = auto_mtls::tests::connector(server, identity);
        let name = ServerName::try_from("localhost").unwrap();
        let refused = match connector.connect(name, running.raw().await).await {
            Err(error) => error,
            Ok(mut stream) => stream.read_u8().await.unwrap_err(),
        };
        assert!(
            refused.to_string().contains("received fatal alert"),
            "{refused}"
        );
    }
    let channel = running.connect().await;
    call(&channel, HEALTH, OF_PLUGIN).await.unwrap();
    assert!(!running.end.is_finished());
}

#[tokio::test]
async fn it_ends_when_the_last_connection_that_carried_an_rpc_is_gone() {
    let running = Running::start(false, std::future::pending()).await;
    let silent = running.raw().await;
    let channel = running.connect().await;
    call(&channel, HEALTH, OF_PLUGIN).await.unwrap();
    drop(channel);
    assert_eq!(running.end().await, ExitReason::LastClientDisconnected);
    drop(silent);
}

#[tokio::test]
async fn it_ends_at_a_signal() {
    let (signal, shutdown_signal) = tokio::sync::oneshot::channel();
    let running = Running::start(true, async { shutdown_signal.await.unwrap() }).await;
    let channel = running.connect().await;
    let _streams = open(&channel).await;
    signal.send(ExitReason::Signal).unwrap();
    let socket = running.socket.clone();
    assert_eq!(running.end().await, ExitReason::Signal);
    assert!(!socket.exists());
    assert!(socket.parent().is_some_and(|folder| !folder.exists()));
}
