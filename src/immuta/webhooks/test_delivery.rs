//! Test deliveries.

use tokio_util::sync::CancellationToken;

use super::client_inner::ClientInner;
use crate::immuta::error::Error;
use crate::immuta::models::{self, LONGEST_MESSAGE, TestResult};
use crate::immuta::transport::request::Request;

impl ClientInner {
    pub(super) async fn send_test_delivery(
        &self,
        request: &Request,
        stop: &CancellationToken,
    ) -> Result<TestResult, Error> {
        let operation = self.operation(stop);
        let response = self.sender.send(request, &operation).await.result?;
        let mut result = self.sender.decode(
            request,
            &response,
            "the result of a test",
            models::decode_test_result,
        )?;
        // It goes into states: what it quotes of the request must not.
        if let Some(message) = &mut result.error_message {
            *message = self.sender.redactor().redact(message, LONGEST_MESSAGE);
        }
        Ok(result)
    }
}
