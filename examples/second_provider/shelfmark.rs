//! The function `shelfmark`.

use terraform_provider_immuta::tfplugin::{
    Attr, Function, FunctionDefinition, FunctionError, Parameter, argument, arguments_from,
    value::{Type, Value},
};

pub(crate) struct ShelfmarkFunction;

impl Function for ShelfmarkFunction {
    fn name(&self) -> &'static str {
        "shelfmark"
    }

    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(
            Type::String,
            "The mark on the back of a book",
            "Joins a section, a number and any number of letters: `QA-76-K-R`.",
        )
        .parameter(Parameter::new("section", Type::String, "`QA` if it is null.").nullable())
        .parameter(Parameter::new("number", Type::Number, "A whole number."))
        .variadic(Parameter::new("letters", Type::String, "One letter each."))
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let section: Attr<String> = argument(&arguments, 0)?;
        let number: u32 = argument(&arguments, 1)?;
        let letters: Vec<String> = arguments_from(&arguments, 2)?;
        let wrong = letters
            .iter()
            .enumerate()
            .filter(|(_, letter)| letter.chars().count() != 1);
        let errors = wrong.map(|(position, letter)| {
            FunctionError::of_argument(2 + position, format!("{letter:?} is not one letter"))
        });
        if let Some(error) = errors.reduce(FunctionError::and) {
            return Err(error);
        }
        let section = section.unwrap_or("QA".to_owned());
        let mark = [section, number.to_string()].into_iter().chain(letters);
        Ok(Value::from(mark.collect::<Vec<_>>().join("-")))
    }
}
