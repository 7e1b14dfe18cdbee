//! Functions.

use super::{Session, pack};
use crate::diagnostic::{Answer, Violation};
use crate::proto;
use crate::schema::decode;
use crate::value::Value;
use crate::wire;

/// What a function gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// A result.
    Result(Value),
    /// An error, and the argument that it is about.
    Error {
        /// The text.
        text: String,
        /// The argument's index.
        argument: Option<i64>,
    },
}

impl Session {
    /// `CallFunction`. Arguments that the function does not allow never reach it in core: passing
    /// one here is a mistake of the test and panics.
    pub fn call_function(&self, name: &str, arguments: &[Value]) -> Answer<Called> {
        const RPC: &str = "CallFunction";
        let function = self
            .schemas
            .functions
            .get(name)
            .unwrap_or_else(|| panic!("the provider has no function {name}"));
        let mut packed = Vec::new();
        for (i, argument) in arguments.iter().enumerate() {
            let parameter = function
                .parameters
                .get(i)
                .or(function.variadic.as_ref())
                .unwrap_or_else(|| panic!("{name} has no parameter {i}"));
            assert!(
                parameter.allow_null || !argument.is_null(),
                "core does not pass null for {}",
                parameter.name
            );
            assert!(
                parameter.allow_unknown || argument.is_wholly_known(),
                "core does not pass an unknown for {}",
                parameter.name
            );
            packed.push(pack(argument, &parameter.ty));
        }
        let request = proto::call_function::Request {
            name: name.to_owned(),
            arguments: packed,
        };
        let mut answer = Answer::new(RPC);
        match wire::call::<_, proto::call_function::Response>(self.wire.as_ref(), RPC, &request) {
            Ok(response) => {
                answer.value = match response.error {
                    Some(error) => Some(Called::Error {
                        text: error.text,
                        argument: error.function_argument,
                    }),
                    None => match decode(response.result.as_ref(), &function.returns) {
                        Ok(value) => Some(Called::Result(value)),
                        Err(mismatch) => {
                            answer.violations.push(Violation::core(
                                "Error in function call",
                                mismatch.to_string(),
                            ));
                            None
                        }
                    },
                };
            }
            Err(status) => answer.status = Some(status),
        }
        answer
    }
}
