//! The function `endpoint`: the base URL of a segment.

use crate::{
    immuta::Segment,
    tfplugin::{
        Function, FunctionDefinition, FunctionError, Parameter,
        value::{Type, Value},
    },
};

/// The base URL of a segment.
#[derive(Debug)]
pub(in crate::provider) struct Endpoint;

impl Function for Endpoint {
    fn name(&self) -> &'static str {
        "endpoint"
    }

    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(
            Type::String,
            "The base URL of a global segment",
            "Returns the base URL of the Request app API for a global segment, as the provider uses it for `segment`. Requires Terraform 1.8 or OpenTofu 1.7 or later.",
        )
        .parameter(Parameter::new(
            "segment",
            Type::String,
            "The global segment: `na`, `eu` or `ap`.",
        ))
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let segment = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        segment
            .parse::<Segment>()
            .map(|segment| Value::String(segment.base_url_text()))
            .map_err(|_| FunctionError::of_argument(0, "it must be \"na\", \"eu\" or \"ap\""))
    }
}
