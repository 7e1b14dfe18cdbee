//! Counts the RPCs of the provider that are under way, so that a process that is to end can answer them first.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::watch;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

/// What the paths of a provider's RPCs begin with. The streams of go-plugin stay open for good, and do not count.
const PROVIDER: &str = "/tfplugin6.Provider/";

/// The number of RPCs under way. Clones are the same counter.
#[derive(Clone, Debug)]
pub(super) struct InFlight(watch::Sender<usize>);

impl InFlight {
    pub(super) fn new() -> InFlight {
        InFlight(watch::Sender::new(0))
    }

    /// Whether an RPC is under way.
    pub(super) fn any(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Ends when no RPC is under way.
    pub(super) async fn none(&self) {
        // The sender is in here, so the channel is never closed.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    fn begin(&self) -> Guard {
        self.0.send_modify(|count| *count += 1);
        Guard(self.clone())
    }
}

/// One RPC, until it is dropped.
struct Guard(InFlight);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

impl<S> Layer<S> for InFlight {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted {
            inner,
            in_flight: self.clone(),
        }
    }
}

/// A service whose RPCs are counted.
#[derive(Clone)]
pub(super) struct Counted<S> {
    inner: S,
    in_flight: InFlight,
}

impl<S, B> Service<Request<B>> for Counted<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let guard = request
            .uri()
            .path()
            .starts_with(PROVIDER)
            .then(|| self.in_flight.begin());
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            Ok(match guard {
                None => response,
                Some(guard) => response.map(|inner| {
                    Body::new(Guarded {
                        inner,
                        _guard: guard,
                    })
                }),
            })
        })
    }
}

/// The body of a response, with which its RPC ends.
struct Guarded {
    inner: Body,
    _guard: Guard,
}

impl HttpBody for Guarded {
    type Data = <Body as HttpBody>::Data;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
