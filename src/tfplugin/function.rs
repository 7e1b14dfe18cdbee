//! Functions: offline and pure. Since protocol 6.5.

use serde::de::DeserializeOwned;

use super::{
    proto,
    value::{Type, Value, from_value},
};

/// A function that users call as `provider::NAME::function(…)`.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{
///     Function, FunctionDefinition, FunctionError, Parameter, argument,
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
///         let summary = "The first letter of a title";
///         FunctionDefinition::new(Type::String, summary, "Gives the letter under which a book stands.")
///             .parameter(Parameter::new("title", Type::String, "A title."))
///     }
///     fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
///         let title: String = argument(&arguments, 0)?;
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

    /// Computes it. The arguments are known, null only where the parameter is nullable, and as many as the
    /// definition says; those of a variadic parameter follow the others. [`argument`] and [`arguments_from`] turn them
    /// into Rust values, and [`to_value`](super::value::to_value) turns a Rust value into the result.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FunctionDefinition {
    /// In order.
    pub parameters: Vec<Parameter>,
    /// What any number of further arguments are.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One line.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
}

impl FunctionDefinition {
    /// A function without parameters.
    pub fn new(returns: Type, summary: &'static str, description: &'static str) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            returns,
            summary,
            description,
        }
    }

    /// The same function with one parameter more.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The same function, with any number of further arguments.
    #[must_use]
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }
}

/// One argument of a function. An unknown argument never reaches the provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Shown in messages and documentation.
    pub name: &'static str,
    /// Its type.
    pub value_type: Type,
    /// Whether it may be null. A null argument of another parameter never reaches the provider.
    pub nullable: bool,
    /// Markdown.
    pub description: &'static str,
}

impl Parameter {
    /// An argument that must not be null.
    pub fn new(name: &'static str, value_type: Type, description: &'static str) -> Self {
        Self {
            name,
            value_type,
            nullable: false,
            description,
        }
    }

    /// The same argument, which may be null.
    #[must_use]
    pub fn nullable(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }
}

/// The argument at this position, as a Rust value: an [`Attr`](super::Attr) where it may be null.
///
/// # Errors
/// When the argument does not fit, such as 1.5 for an integer.
pub fn argument<T: DeserializeOwned>(
    arguments: &[Value],
    position: usize,
) -> Result<T, FunctionError> {
    let argument = arguments.get(position).cloned().unwrap_or_default();
    from_value(argument).map_err(|error| {
        let path = error.path();
        let text = match error.kind().required() {
            Some(required) if path.is_root() => format!("it must be {required}"),
            Some(required) => format!("{path} must be {required}"),
            None if path.is_root() => error.kind().to_string(),
            None => format!("{path}: {}", error.kind()),
        };
        FunctionError::of_argument(position, text)
    })
}

/// The arguments from this position on, as Rust values: those of a variadic parameter.
///
/// # Errors
/// As [`argument`], once for each argument that does not fit.
pub fn arguments_from<T: DeserializeOwned>(
    arguments: &[Value],
    position: usize,
) -> Result<Vec<T>, FunctionError> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for position in position..arguments.len() {
        match argument(arguments, position) {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    match errors.into_iter().reduce(FunctionError::and) {
        Some(error) => Err(error),
        None => Ok(values),
    }
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionError {
    /// Without a full stop at its end: core adds one.
    pub text: String,
    /// The argument to blame, from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error of the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }

    /// Both errors. The protocol has room for one, so the texts stand below each other, and the first argument
    /// that is to blame is shown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            text: format!("{}\n{}", self.text, other.text),
            argument: self.argument.or(other.argument),
        }
    }

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
        let message = |parameter: &Parameter| proto::function::Parameter {
            name: parameter.name.to_owned(),
            r#type: parameter.value_type.to_json().into(),
            allow_null_value: parameter.nullable,
            description: parameter.description.to_owned(),
            description_kind: proto::StringKind::Markdown.into(),
            ..Default::default()
        };
        Self {
            parameters: definition.parameters.iter().map(message).collect(),
            variadic_parameter: definition.variadic.as_ref().map(message),
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
