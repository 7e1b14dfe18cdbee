//! The services that every go-plugin process has beside its own.

use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, service::Routes};
use tonic_health::{ServingStatus, pb::health_server::HealthServer, server::HealthService};

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod proto {
    tonic::include_proto!("plugin");
}

use proto::{
    ConnInfo, Empty, StdioData,
    grpc_broker_server::{GrpcBroker, GrpcBrokerServer},
    grpc_controller_server::{GrpcController, GrpcControllerServer},
    grpc_stdio_server::{GrpcStdio, GrpcStdioServer},
};

/// The name under which go-plugin asks for the health of a plugin.
const HEALTH_NAME: &str = "plugin";

/// Adds what go-plugin calls a process by. A Shutdown cancels the token, and the token ends the open streams.
pub(super) async fn add_to(routes: Routes, shutdown: CancellationToken) -> Routes {
    let (reporter, _) = tonic_health::server::health_reporter();
    reporter
        .set_service_status(HEALTH_NAME, ServingStatus::Serving)
        .await;
    let health = HealthService::from_health_reporter(reporter);
    routes
        .add_service(HealthServer::new(health))
        .add_service(GrpcControllerServer::new(Controller(shutdown.clone())))
        .add_service(GrpcStdioServer::new(Stdio(shutdown.clone())))
        .add_service(GrpcBrokerServer::new(Broker(shutdown)))
}

/// A stream that sends nothing and ends when the token is cancelled.
type PendingStream<T> = std::pin::Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn pending_stream<T: Send + 'static>(until: &CancellationToken) -> PendingStream<T> {
    let end = until.clone().cancelled_owned();
    stream::pending().take_until(end.boxed()).boxed()
}

struct Controller(CancellationToken);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.cancel();
        Ok(Response::new(Empty {}))
    }
}

/// Core opens the stream and shows none of what comes over it.
struct Stdio(CancellationToken);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = PendingStream<StdioData>;

    async fn stream_stdio(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(pending_stream(&self.0)))
    }
}

/// Core opens the stream and asks for no further connection over it.
struct Broker(CancellationToken);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = PendingStream<ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(pending_stream(&self.0)))
    }
}
