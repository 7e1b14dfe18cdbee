//! Functions: offline and pure. Since protocol 6.5.

use super::{
    proto,
    value::{Type, Value},
};

/// A function that users call as `provider::NAME::function(…)`.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{
///     Function, FunctionDefinition, FunctionError, Parameter,
///     value::{Type, Value},
/// };
///
/// struct Initial;
///
/// impl Function for Initial {
///     fn name(&self) -> &'static str {
///         "initial"
///     }
///     fn definition(&self) -> FunctionDefinition {
///         FunctionDefinition {
///             parameters: vec![Parameter {
///                 name: "title",
///                 value_type: Type::String,
///                 description: "A title.",
///             }],
///             returns: Type::String,
///             summary: "The first letter of a title",
///             description: "Gives the letter under which a book stands.",
///         }
///     }
///     fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
///         let title = arguments.first().and_then(Value::as_str).unwrap_or_default();
///         match title.chars().next() {
///             Some(letter) => Ok(Value::from(letter.to_string())),
///             None => Err(FunctionError::of_argument(0, "it must not be empty")),
///         }
///     }
/// }
///
/// assert_eq!(Initial.call(vec![Value::from("Notes")]), Ok(Value::from("N".to_owned())));
/// assert!(Initial.call(vec![Value::from("")]).is_err());
/// ```
pub trait Function: Send + Sync + 'static {
    /// As users write it, without the provider's prefix.
    fn name(&self) -> &'static str;

    /// What it takes and gives.
    fn definition(&self) -> FunctionDefinition;

    /// Computes it. The arguments are known, not null, and as many as the definition says.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
pub struct FunctionDefinition {
    /// In order.
    pub parameters: Vec<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One line.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
}

/// One argument of a function. Null and unknown arguments never reach the provider.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Shown in messages and documentation.
    pub name: &'static str,
    /// Its type.
    pub value_type: Type,
    /// Markdown.
    pub description: &'static str,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// Without a full stop at its end: core adds one.
    pub text: String,
    /// The argument to blame, from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error of the argument at `position`, from 0.
    pub fn of_argument(position: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(position),
        }
    }
}

impl From<FunctionError> for proto::FunctionError {
    fn from(error: FunctionError) -> Self {
        Self {
            text: error.text,
            function_argument: error
                .argument
                .and_then(|position| i64::try_from(position).ok()),
        }
    }
}

impl From<&FunctionDefinition> for proto::Function {
    fn from(definition: &FunctionDefinition) -> Self {
        let parameters = definition
            .parameters
            .iter()
            .map(|parameter| proto::function::Parameter {
                name: parameter.name.to_owned(),
                r#type: parameter.value_type.to_json().into(),
                description: parameter.description.to_owned(),
                description_kind: proto::StringKind::Markdown.into(),
                ..Default::default()
            });
        Self {
            parameters: parameters.collect(),
            r#return: Some(proto::function::Return {
                r#type: definition.returns.to_json().into(),
            }),
            summary: definition.summary.to_owned(),
            description: definition.description.to_owned(),
            description_kind: proto::StringKind::Markdown.into(),
            ..Default::default()
        }
    }
}
