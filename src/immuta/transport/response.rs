//! What one attempt gets.

use bytes::Bytes;

use crate::immuta::error::ErrorKind;

/// A response, as far as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) request_id: Option<String>,
    /// As much of the body as came, without a byte order mark.
    pub(crate) body: Bytes,
    /// What a body is called that came compressed although none was asked for. It is dropped: nothing may parse it.
    pub(crate) compressed: Option<&'static str>,
    /// Why the body is not whole, if it is not.
    pub(crate) truncated: Option<Truncation>,
}

impl Response {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// Why a body is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truncation {
    /// The connection was lost, or the body's framing broken.
    ConnectionLost,
    /// The rest did not come in time.
    TimedOut,
    /// There is more than the request's limit.
    TooLarge,
}

/// Why there is no response.
#[derive(Clone, Debug)]
pub(crate) struct TransportError {
    /// One of [`ErrorKind`]'s kinds for an attempt without a response.
    pub(crate) kind: ErrorKind,
    /// Whether the API is known not to have processed the request.
    pub(crate) known_unprocessed: bool,
    /// The cause in the words of the library that met it; not redacted.
    pub(crate) cause: String,
}

/// What came of one attempt.
pub(crate) enum Attempt {
    Response(Response),
    Failed(TransportError),
    /// Terraform asked to stop, and it was not waited for any longer.
    Cancelled,
}
