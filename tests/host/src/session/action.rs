//! Actions.

use std::ops::ControlFlow;

use prost::Message;

use super::{Session, block_of, done, pack};
use crate::diagnostic::{Answer, Diagnostic, Violation};
use crate::proto;
use crate::rules;
use crate::value::Value;

impl Session {
    /// `ValidateActionConfig`. It carries no capabilities.
    pub fn validate_action(&self, action_type: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::validate_action_config::Request {
            type_name: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateActionConfig",
            block,
            &request,
            |r: &proto::validate_action_config::Response| &r.diagnostics,
        ))
    }

    /// `PlanAction`. The value says whether it was put off.
    pub fn plan_action(
        &self,
        action_type: &str,
        config: &Value,
    ) -> Answer<Option<proto::deferred::Reason>> {
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::plan_action::Request {
            action_type: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        let (answer, response) = self.ask(
            "PlanAction",
            block,
            &request,
            |r: &proto::plan_action::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped();
        if let Some(response) = response {
            let deferred = self.check_deferred(response.deferred.as_ref(), &mut answer);
            answer.value = Some(deferred);
        }
        answer
    }

    /// `InvokeAction`. The value is the progress messages.
    pub fn invoke_action(&self, action_type: &str, config: &Value) -> Answer<Vec<String>> {
        use proto::invoke_action::event::Type as Event;
        const RPC: &str = "InvokeAction";
        let block = block_of(&self.schemas.actions, "action", action_type);
        let request = proto::invoke_action::Request {
            action_type: action_type.to_owned(),
            config: Some(pack(config, &block.ty())),
            client_capabilities: self.capabilities(),
        };
        let mut answer: Answer<Vec<String>> = Answer::new(RPC);
        let mut progress = Vec::new();
        let mut completed = false;
        let mut each = |bytes: Vec<u8>| {
            let event = proto::invoke_action::Event::decode(bytes.as_slice());
            if completed {
                answer.violations.push(Violation::silent(
                    "Invalid action event",
                    "an event after the completion",
                ));
            }
            match event.map(|event| event.r#type) {
                Ok(Some(Event::Progress(event))) => progress.push(event.message),
                Ok(Some(Event::Completed(event))) => {
                    completed = true;
                    answer
                        .violations
                        .extend(rules::diagnostics(block, &event.diagnostics));
                    answer
                        .diagnostics
                        .extend(event.diagnostics.iter().map(Diagnostic::read));
                }
                _ => answer
                    .violations
                    .push(Violation::core("Plugin error", "an undecodable event")),
            }
            ControlFlow::Continue(())
        };
        let end = self.wire.stream(RPC, request.encode_to_vec(), &mut each);
        answer.status = end.err();
        if !completed && answer.status.is_none() {
            answer.violations.push(Violation::silent(
                "Invalid action event",
                "the stream ended without a completion",
            ));
        }
        answer.value = Some(progress);
        answer
    }
}
