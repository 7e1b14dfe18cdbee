//! Objects of a known type, from attributes in whatever order they come.

use std::sync::Arc;

use super::{Object, ObjectType, Value, ValueErrorKind};

/// Gathers the attributes of an object of a known type.
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
    pub(super) fn finish(self) -> Result<Object, ValueErrorKind> {
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
            return Err(ValueErrorKind::MissingAttribute(missing.to_owned()));
        }
        Ok(Object::from_sorted(attributes))
    }

    /// The object, null where an attribute did not come.
    pub(super) fn finish_with_nulls(self) -> Result<Object, ValueErrorKind> {
        let ty = self.ty;
        let mut present = self.sorted()?;
        if present.len() == ty.attributes().len() {
            return Ok(Object::from_sorted(present));
        }
        let mut object = Object::nulls(ty);
        for (name, value) in present.drain(..) {
            object.insert(name, value);
        }
        Ok(object)
    }

    fn sorted(mut self) -> Result<Vec<(Arc<str>, Value)>, ValueErrorKind> {
        if !self.ascending {
            self.attributes.sort_by(|(a, _), (b, _)| a.cmp(b));
            let mut pairs = self.attributes.windows(2);
            if let Some([(name, _), ..]) =
                pairs.find(|pair| matches!(pair, [(a, _), (b, _)] if a == b))
            {
                return Err(ValueErrorKind::DuplicateAttribute(name.to_string()));
            }
        }
        Ok(self.attributes)
    }
}
