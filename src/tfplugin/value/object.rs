//! Objects: named attributes, sorted by name.

use std::fmt;
use std::sync::Arc;

use super::{ObjectType, Problem, Value};

/// The attributes of an object, sorted by name. The names are shared with the type.
///
/// ```
/// use terraform_provider_immuta::tfplugin::value::{Object, Value};
///
/// let mut book = Object::new([("title", Value::from("Notes")), ("pages", Value::from(66))]);
/// assert_eq!(book.take("title"), Some(Value::from("Notes")));
/// assert_eq!(book.get("title"), Some(&Value::Null));
/// assert_eq!(book.get("author"), None);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Object(Vec<(Arc<str>, Value)>);

impl Object {
    /// The object of this type whose attributes are all null.
    pub fn nulls(ty: &ObjectType) -> Self {
        let attributes = ty.attributes().iter();
        Self(
            attributes
                .map(|(name, _)| (name.clone(), Value::Null))
                .collect(),
        )
    }

    /// From attributes in any order; of two with one name the later one counts.
    pub fn new<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Value)>) -> Self {
        let mut object = Self::default();
        for (name, value) in attributes {
            object.insert(name, value);
        }
        object
    }

    /// An attribute's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let position = self.position(name).ok()?;
        self.0.get(position).map(|(_, value)| value)
    }

    /// An attribute's value, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let position = self.position(name).ok()?;
        self.0.get_mut(position).map(|(_, value)| value)
    }

    /// Sets an attribute, and gives the value that it had, if it was there.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let name = name.into();
        match self.position(&name) {
            Ok(position) => self
                .0
                .get_mut(position)
                .map(|(_, old)| std::mem::replace(old, value)),
            Err(position) => {
                self.0.insert(position, (name, value));
                None
            }
        }
    }

    /// Takes an attribute's value out and leaves null.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.get_mut(name).map(std::mem::take)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Names and values, sorted by name, the values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Arc<str>, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(candidate, _)| (**candidate).cmp(name))
    }
}

impl IntoIterator for Object {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, value)))
            .finish()
    }
}

/// Gathers the attributes of an object of a known type, in whatever order they come.
pub(super) struct ObjectBuilder<'t> {
    ty: &'t ObjectType,
    attributes: Vec<(Arc<str>, Value)>,
    /// While each attribute stands behind the one before, nothing needs sorting or comparing.
    ascending: bool,
    last: Option<usize>,
}

impl<'t> ObjectBuilder<'t> {
    pub(super) fn new(ty: &'t ObjectType) -> Self {
        Self {
            ty,
            attributes: Vec::with_capacity(ty.attributes().len()),
            ascending: true,
            last: None,
        }
    }

    /// Adds the attribute at this position of the type (see [`ObjectType::position`]).
    pub(super) fn push(&mut self, position: usize, value: Value) {
        let Some((name, _)) = self.ty.attributes().get(position) else {
            return;
        };
        self.ascending &= self.last.is_none_or(|last| last < position);
        self.last = Some(position);
        self.attributes.push((name.clone(), value));
    }

    /// The object, if each attribute came exactly once.
    pub(super) fn finish(self) -> Result<Object, Problem> {
        let ty = self.ty;
        let attributes = self.sorted()?;
        if attributes.len() < ty.attributes().len() {
            let expected = ty.attributes().iter().map(|(name, _)| name);
            let mut present = attributes.iter().map(|(name, _)| name);
            // The first place where the two rows of names part names the missing one.
            let missing = expected
                .into_iter()
                .find(|name| present.next() != Some(name))
                .map_or("", |name| name);
            return Err(Problem::MissingAttribute(missing.to_owned()));
        }
        Ok(Object(attributes))
    }

    /// The object, null where an attribute did not come.
    pub(super) fn finish_with_nulls(self) -> Result<Object, Problem> {
        let ty = self.ty;
        let mut present = self.sorted()?;
        if present.len() == ty.attributes().len() {
            return Ok(Object(present));
        }
        let mut object = Object::nulls(ty);
        for (name, value) in present.drain(..) {
            object.insert(name, value);
        }
        Ok(object)
    }

    fn sorted(mut self) -> Result<Vec<(Arc<str>, Value)>, Problem> {
        if !self.ascending {
            self.attributes.sort_by(|(a, _), (b, _)| a.cmp(b));
            let mut pairs = self.attributes.windows(2);
            if let Some([(name, _), ..]) =
                pairs.find(|pair| matches!(pair, [(a, _), (b, _)] if a == b))
            {
                return Err(Problem::DuplicateAttribute(name.to_string()));
            }
        }
        Ok(self.attributes)
    }
}
