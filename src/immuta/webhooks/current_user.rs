//! The user whose token is used.

use tokio_util::sync::CancellationToken;

use super::client_inner::ClientInner;
use super::requests;
use crate::immuta::error::Error;
use crate::immuta::models::{self, User};

impl ClientInner {
    pub(super) async fn current_user(&self, stop: &CancellationToken) -> Result<User, Error> {
        let operation = self.operation(stop);
        let request = requests::current_user();
        let response = self.sender.send(&request, &operation).await.result?;
        self.sender
            .decode(&request, &response, "a user", models::decode_user)
    }
}
