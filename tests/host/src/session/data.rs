//! Data sources.

use super::{Session, block_of, done, pack};
use crate::diagnostic::{Answer, Violation};
use crate::proto;
use crate::rules;
use crate::value::Value;

impl Session {
    /// `ValidateDataResourceConfig`
    pub fn validate_data(&self, type_name: &str, config: &Value) -> Answer<()> {
        let block = block_of(&self.schemas.data_sources, "data source", type_name);
        let request = proto::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
        };
        done(self.ask(
            "ValidateDataResourceConfig",
            block,
            &request,
            |r: &proto::validate_data_resource_config::Response| &r.diagnostics,
        ))
    }

    /// `ReadDataSource`. The value is `None` where it was put off.
    pub fn read_data(&self, type_name: &str, config: &Value) -> Answer<Option<Value>> {
        let address = format!("data.{type_name}.it");
        let block = block_of(&self.schemas.data_sources, "data source", type_name);
        let request = proto::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: Some(pack(config, &block.ty())),
            provider_meta: None,
            client_capabilities: self.capabilities(),
        };
        let (answer, response) = self.ask(
            "ReadDataSource",
            block,
            &request,
            |r: &proto::read_data_source::Response| &r.diagnostics,
        );
        let mut answer = answer.retyped::<Option<Value>>();
        let Some(response) = response else {
            return answer;
        };
        if self
            .check_deferred(response.deferred.as_ref(), &mut answer)
            .is_some()
        {
            answer.value = Some(None);
            return answer;
        }
        if answer.has_errors() {
            return answer;
        }
        match block.decode(response.state.as_ref()) {
            Ok(value) => {
                let violations = rules::result(&address, block, config, &value);
                answer.violations.extend(violations);
                answer.value = Some(Some(value));
            }
            Err(mismatch) => answer.violations.push(Violation::core(
                "Provider produced invalid object",
                mismatch,
            )),
        }
        answer
    }
}
