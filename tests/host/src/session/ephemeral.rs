//! Ephemeral resources.

use super::{Phase, Session, block_of, done, pack};
use crate::diagnostic::{Answer, Violation};
use crate::proto;
use crate::rules;
use crate::value::Value;

/// An opened ephemeral resource.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The result.
    pub value: Value,
    /// The private data for what follows.
    pub private: Option<Vec<u8>>,
    /// When it is to be renewed.
    pub renew_at: Option<prost_types::Timestamp>,
    /// Put off, and why.
    pub deferred: Option<proto::deferred::Reason>,
}

impl Session {
    /// `ValidateEphemeralResourceConfig`
    pub fn validate_ephemeral(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateEphemeralResourceConfig",
            block,
            &request,
            |r: &proto::validate_ephemeral_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `OpenEphemeralResource`
    pub fn open_ephemeral(&self, type_name: &str, config: &Value) -> Answer<Opened> {
        let address = format!("ephemeral.{type_name}.it");
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::open_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: Some(proto::ClientCapabilities {
                deferral_allowed: self.profile.deferral_in_plan && self.phase == Phase::Plan,
                write_only_attributes_allowed: self.profile.write_only_in_open,
                ..Default::default()
            }),
        };
        let (answer, response) = self.ask(
            "OpenEphemeralResource",
            block,
            &request,
            |r: &proto::open_ephemeral_resource::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Opened>();
        let Some(response) = response else {
            return answer;
        };
        let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
        if answer.has_errors() {
            return answer;
        }
        match block.decode(response.result.as_ref()) {
            Ok(value) => {
                if deferred.is_none() {
                    let violations = rules::result(&address, block, config, &value);
                    answer.violations.extend(violations);
                }
                answer.value = Some(Opened {
                    value,
                    private: response.private,
                    renew_at: response.renew_at,
                    deferred,
                });
            }
            Err(mismatch) => answer.violations.push(Violation::core(
                "Provider produced invalid object",
                mismatch,
            )),
        }
        answer
    }

    /// `CloseEphemeralResource`
    pub fn close_ephemeral(&self, type_name: &str, private: Option<Vec<u8>>) -> Answer<()> {
        let block = block_of(&self.schemas.ephemeral, "ephemeral resource", type_name);
        let request = proto::close_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            private,
        };
        done(self.ask(
            "CloseEphemeralResource",
            block,
            &request,
            |r: &proto::close_ephemeral_resource::Response| &r.diagnostics,
        ))
    }
}
