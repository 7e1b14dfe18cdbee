//! Walking through the nodes of a value.

use std::borrow::Cow;

use super::Value;
use crate::tfplugin::path::{Path, Step};

impl Value {
    /// Calls `visit` with each node and its path, for changing nodes in place: a node before its
    /// children (those that it has then), attributes and map elements by name, other elements in
    /// order. A dynamic value and what is in it are two nodes of one path.
    pub fn walk_mut(&mut self, visit: &mut impl FnMut(&Path, &mut Value)) {
        walk_mut(self, &mut Path::root(), visit);
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
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => {
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
