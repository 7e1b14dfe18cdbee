//! The way to a provider, apart from what is said: bytes of messages, there and back.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use prost::Message;

/// One provider process, or what stands for it in a test.
pub trait Wire: Send + Sync {
    /// Calls `tfplugin6.Provider/<method>`.
    fn unary(&self, method: &str, request: Vec<u8>) -> Result<Vec<u8>, Status>;

    /// Calls a streaming method. `each` can end the stream early, which cancels the call.
    fn stream(
        &self,
        method: &str,
        request: Vec<u8>,
        each: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), Status>;

    /// Ends the process as core does. An error says what core would have had to do.
    fn end(&self) -> Result<(), String>;
}

/// Starts one provider process after another, as a command needs them.
pub trait Spawn: Send + Sync {
    /// Starts a process.
    fn spawn(&self) -> Result<Arc<dyn Wire>, String>;
}

/// Calls a unary method with typed messages.
pub fn call<Q: Message, R: Message + Default>(
    wire: &dyn Wire,
    method: &str,
    request: &Q,
) -> Result<R, Status> {
    let answer = wire.unary(method, request.encode_to_vec())?;
    R::decode(answer.as_slice()).map_err(|e| Status {
        code: tonic::Code::Internal,
        message: format!("undecodable answer: {e}"),
    })
}

/// The end of a call without an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The gRPC code.
    pub code: tonic::Code,
    /// What the server, or the connection, said.
    pub message: String,
}

impl Status {
    /// Whether the provider does not have the method.
    pub fn is_unimplemented(&self) -> bool {
        self.code == tonic::Code::Unimplemented
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)
    }
}

impl std::error::Error for Status {}

impl From<tonic::Status> for Status {
    fn from(status: tonic::Status) -> Status {
        Status {
            code: status.code(),
            message: status.message().to_owned(),
        }
    }
}
