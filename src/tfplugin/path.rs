//! Where in a value something is.

use std::borrow::Cow;
use std::fmt;

use super::proto::AttributePath;
use super::proto::attribute_path;
use super::proto::attribute_path::step::Selector;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// An attribute of an object.
    Attribute(Cow<'static, str>),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, from zero. An element of a set is counted in the order in
    /// which it came; core cannot follow such a step.
    Index(i64),
}

/// The steps from the root of a value to one of its nodes.
///
/// ```
/// use terraform_provider_immuta::tfplugin::path::{Path, Step};
///
/// let path = Path::attribute("authors").child_index(0);
/// assert_eq!(path.to_string(), "authors[0]");
/// assert_eq!(path.steps().last(), Some(&Step::Index(0)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole value.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// An attribute of the root object.
    pub fn attribute(name: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Step::Attribute(name.into())])
    }

    /// One step further.
    #[must_use]
    pub fn child(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// One step further, to an attribute.
    #[must_use]
    pub fn child_attribute(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.child(Step::Attribute(name.into()))
    }

    /// One step further, to an element of a list, set or tuple.
    #[must_use]
    pub fn child_index(self, index: i64) -> Self {
        self.child(Step::Index(index))
    }

    /// The steps, from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the whole value.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// Replaces the last step by an attribute, and reuses the memory of its name.
    pub(super) fn rename_last(&mut self, name: &str) {
        match self.0.last_mut() {
            Some(Step::Attribute(Cow::Owned(last))) => {
                last.clear();
                last.push_str(name);
            }
            Some(last) => *last = Step::Attribute(Cow::Owned(name.to_owned())),
            None => {}
        }
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

/// As core prints paths: `.url`, `["k"]`, `[0]`, but without the dot at the very start. The root
/// prints as nothing.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl From<&Path> for AttributePath {
    fn from(path: &Path) -> Self {
        let steps = path.0.iter().map(|step| attribute_path::Step {
            selector: Some(match step {
                Step::Attribute(name) => Selector::AttributeName(name.clone().into_owned()),
                Step::Key(key) => Selector::ElementKeyString(key.clone()),
                Step::Index(index) => Selector::ElementKeyInt(*index),
            }),
        });
        Self {
            steps: steps.collect(),
        }
    }
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
