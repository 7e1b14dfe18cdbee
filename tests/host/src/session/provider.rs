//! The provider itself: its configuration.

use super::{Session, done, pack};
use crate::diagnostic::Answer;
use crate::proto;
use crate::value::Value;

impl Session {
    /// `ValidateProviderConfig`
    pub fn validate_provider(&self, config: &Value) -> Answer<()> {
        let block = &self.schemas.provider;
        let request = proto::validate_provider_config::Request {
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateProviderConfig",
            block,
            &request,
            |r: &proto::validate_provider_config::Response| &r.diagnostics,
        ))
    }

    /// `ConfigureProvider`
    pub fn configure(&self, config: &Value) -> Answer<()> {
        let block = &self.schemas.provider;
        let request = proto::configure_provider::Request {
            terraform_version: self.profile.terraform_version.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        done(self.ask(
            "ConfigureProvider",
            block,
            &request,
            |r: &proto::configure_provider::Response| &r.diagnostics,
        ))
    }
}
