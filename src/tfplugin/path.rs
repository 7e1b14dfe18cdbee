//! Where in a value something is.

use std::borrow::Cow;
use std::fmt;

use super::proto::AttributePath;
use super::proto::attribute_path::step::Selector;
use super::proto::attribute_path::{self};
use super::value::Value;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
/// use terraform_provider_immuta::tfplugin::{path::Path, value::{Object, Value}};
///
/// let path = Path::attribute("authors").child_index(0);
/// assert_eq!(path.to_string(), "authors[0]");
///
/// let book = Object::new([("authors", Value::Sequence(vec![Value::from("Ada")]))]);
/// assert_eq!(Value::Object(book).at(&path), Some(&Value::from("Ada")));
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

    /// One step further, to an element of a map.
    #[must_use]
    pub fn child_key(self, key: impl Into<String>) -> Self {
        self.child(Step::Key(key.into()))
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

    /// Replaces the last step by an attribute, and keeps the room that its name took.
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

impl Value {
    /// The node at this path, or `None` where the path leads nowhere: through a null or an
    /// unknown, or to an attribute or element that is not there. A dynamic value is looked into.
    pub fn at(&self, path: &Path) -> Option<&Value> {
        path.0
            .iter()
            .try_fold(self, |node, step| match (node.look_through(), step) {
                (Value::Object(object), Step::Attribute(name)) => object.get(name),
                (Value::Map(map), Step::Key(key)) => map.get(key),
                (Value::Sequence(items), Step::Index(index)) => usize::try_from(*index)
                    .ok()
                    .and_then(|index| items.get(index)),
                _ => None,
            })
    }

    /// Calls `visit` with each node and its path: a node before its children, attributes and map
    /// elements by name, elements in order. A dynamic value and what is in it are two nodes of one path.
    pub fn walk<'v>(&'v self, visit: &mut impl FnMut(&Path, &'v Value)) {
        walk(self, &mut Path::root(), visit);
    }

    /// As [`walk`](Self::walk), for changing nodes in place. The children that are visited are
    /// those of the changed node.
    pub fn walk_mut(&mut self, visit: &mut impl FnMut(&Path, &mut Value)) {
        walk_mut(self, &mut Path::root(), visit);
    }
}

fn walk<'v>(node: &'v Value, path: &mut Path, visit: &mut impl FnMut(&Path, &'v Value)) {
    visit(path, node);
    match node {
        Value::Object(object) if !object.is_empty() => {
            path.push(Step::Attribute(Cow::Borrowed("")));
            for (name, child) in object.iter() {
                path.rename_last(name);
                walk(child, path, visit);
            }
            path.pop();
        }
        Value::Map(map) => {
            for (key, child) in map {
                path.push(Step::Key(key.clone()));
                walk(child, path, visit);
                path.pop();
            }
        }
        Value::Sequence(items) => {
            for (index, child) in (0..).zip(items) {
                path.push(Step::Index(index));
                walk(child, path, visit);
                path.pop();
            }
        }
        Value::Dynamic(inner) => walk(&inner.1, path, visit),
        _ => {}
    }
}

fn walk_mut(node: &mut Value, path: &mut Path, visit: &mut impl FnMut(&Path, &mut Value)) {
    visit(path, node);
    match node {
        Value::Object(object) if !object.is_empty() => {
            path.push(Step::Attribute(Cow::Borrowed("")));
            for (name, child) in object.iter_mut() {
                path.rename_last(name);
                walk_mut(child, path, visit);
            }
            path.pop();
        }
        Value::Map(map) => {
            for (key, child) in map {
                path.push(Step::Key(key.clone()));
                walk_mut(child, path, visit);
                path.pop();
            }
        }
        Value::Sequence(items) => {
            for (index, child) in (0..).zip(items) {
                path.push(Step::Index(index));
                walk_mut(child, path, visit);
                path.pop();
            }
        }
        Value::Dynamic(inner) => walk_mut(&mut inner.1, path, visit),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn display() {
        let path = Path::attribute("retry")
            .child_attribute("codes")
            .child_index(0)
            .child_key("a \"b\"");
        assert_eq!(path.to_string(), r#"retry.codes[0]["a \"b\""]"#);
        assert_eq!(Path::root().to_string(), "");
        assert!(Path::root().is_root());
    }

    #[test]
    fn wire_form() {
        let path = Path::attribute("a").child_key("k").child_index(3);
        let selectors: Vec<_> = AttributePath::from(&path)
            .steps
            .into_iter()
            .filter_map(|step| step.selector)
            .collect();
        assert_eq!(
            selectors,
            [
                Selector::AttributeName("a".to_owned()),
                Selector::ElementKeyString("k".to_owned()),
                Selector::ElementKeyInt(3),
            ]
        );
    }

    fn any_path() -> impl Strategy<Value = Path> {
        let step = prop_oneof![
            "[a-z_]{1,6}".prop_map(|name| Step::Attribute(name.into())),
            any::<String>().prop_map(Step::Key),
            any::<i64>().prop_map(Step::Index),
        ];
        proptest::collection::vec(step, 0..6).prop_map(Path::from)
    }

    proptest! {
        #[test]
        fn each_path_has_its_own_text_and_wire_form(a in any_path(), b in any_path()) {
            prop_assert_eq!(a == b, a.to_string() == b.to_string());
            prop_assert_eq!(a == b, AttributePath::from(&a) == AttributePath::from(&b));
        }
    }
}
