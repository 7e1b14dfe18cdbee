//! List resources, and the configuration that is generated from their results.

use std::ops::ControlFlow;

use prost::Message;

use super::{Session, block_of, done, pack};
use crate::diagnostic::{Answer, Diagnostic, Violation};
use crate::proto;
use crate::rules;
use crate::value::Value;

/// One result of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The identity.
    pub identity: Value,
    /// What is shown.
    pub display_name: String,
    /// The whole object, where it was asked for.
    pub object: Option<Value>,
    /// Its configuration, where core asked for one.
    pub generated: Option<Value>,
    /// Messages about this result.
    pub diagnostics: Vec<Diagnostic>,
}

impl Session {
    /// `ValidateListResourceConfig`
    pub fn validate_list(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.lists, "list resource", type_name);
        let request = proto::validate_list_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            include_resource_object: None,
            limit: None,
        };
        done(self.ask(
            "ValidateListResourceConfig",
            block,
            &request,
            |r: &proto::validate_list_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `ListResource`. Core closes the stream as soon as it has `limit` results; without one in
    /// HCL the limit is 100.
    pub fn list(
        &self,
        type_name: &str,
        config: &Value,
        include_resource: bool,
        limit: i64,
    ) -> Answer<Vec<Listed>> {
        const RPC: &str = "ListResource";
        let block = block_of(&self.schemas.lists, "list resource", type_name);
        let request = proto::list_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            include_resource_object: include_resource,
            limit,
        };
        let mut answer: Answer<Vec<Listed>> = Answer::new(RPC);
        let mut listed = Vec::new();
        let resource = self.schemas.resources.get(type_name);
        let mut each = |bytes: Vec<u8>| {
            let event = match proto::list_resource::Event::decode(bytes.as_slice()) {
                Ok(event) => event,
                Err(e) => {
                    let text = format!("undecodable event: {e}");
                    answer
                        .violations
                        .push(Violation::core("Plugin error", text));
                    return ControlFlow::Break(());
                }
            };
            let diagnostics: Vec<_> = event.diagnostic.iter().map(Diagnostic::read).collect();
            answer
                .violations
                .extend(rules::diagnostics(block, &event.diagnostic));
            if diagnostics.iter().any(|d| d.error) {
                answer.diagnostics.extend(diagnostics);
                return ControlFlow::Continue(());
            }
            if event.identity.is_none() {
                answer.violations.push(Violation::core(
                    "Invalid list result",
                    format!("missing identity data in ListResource event for {type_name}"),
                ));
            }
            let identity = self.read_identity(type_name, event.identity.as_ref(), &mut answer);
            if identity.is_null() || identity.contains_unknown() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    format!(
                        "{:?}: an identity that is null or unknown",
                        event.display_name
                    ),
                ));
            }
            if event.display_name.is_empty() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    "an empty display name",
                ));
            }
            if include_resource != event.resource_object.is_some() {
                answer.violations.push(Violation::silent(
                    "Invalid list result",
                    "the resource object is given where it was not asked for, or not where it was",
                ));
            }
            let object = event.resource_object.as_ref().and_then(|object| {
                match resource.map(|r| r.block.decode(Some(object))) {
                    Some(Ok(object)) => Some(object),
                    Some(Err(mismatch)) => {
                        answer
                            .violations
                            .push(Violation::core("Invalid list result", mismatch));
                        None
                    }
                    None => None,
                }
            });
            if let (Some(object), Some(resource)) = (&object, resource) {
                let violations = rules::state(type_name, &resource.block, object);
                answer.violations.extend(violations);
            }
            listed.push(Listed {
                identity,
                display_name: event.display_name,
                object,
                generated: None,
                diagnostics,
            });
            if usize::try_from(limit).is_ok_and(|limit| listed.len() >= limit) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let end = self.wire.stream(RPC, request.encode_to_vec(), &mut each);
        answer.status = end.err();
        answer.value = Some(listed);
        answer
    }

    /// `GenerateResourceConfig`
    pub fn generate_config(&self, type_name: &str, state: &Value) -> Answer<Value> {
        let block = &self.resource(type_name).block;
        let request = proto::generate_resource_config::Request {
            type_name: type_name.to_owned(),
            state: Some(pack(state, &block.ty())),
        };
        let (answer, response) = self.ask(
            "GenerateResourceConfig",
            block,
            &request,
            |r: &proto::generate_resource_config::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Value>();
        if let Some(response) = response {
            match block.decode(response.config.as_ref()) {
                Ok(config) => {
                    let violations = rules::generated(type_name, block, &config);
                    answer.violations.extend(violations);
                    answer.value = Some(config);
                }
                Err(mismatch) => answer.violations.push(Violation::core(
                    "Provider produced invalid object",
                    mismatch,
                )),
            }
        }
        answer
    }
}
