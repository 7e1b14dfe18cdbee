//! Sets: two are equal that have the same elements, in whatever order they came.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Object, Value};

/// The elements of a set in a model. Two sets with the same elements are equal in any order, and an element
/// that is there twice counts once. Neither needs more of the elements than `PartialEq`.
/// For sets alone: in a list another order is another value, which a plan must show.
///
/// ```
/// use terraform_provider_immuta::tfplugin::{Attr, Set};
///
/// let tags = |names: [&str; 2]| Attr::Known(Set::from(names.map(str::to_owned).to_vec()));
/// assert_eq!(tags(["new", "lent"]), tags(["lent", "new"]));
/// assert_ne!(tags(["new", "lent"]), tags(["new", "new"]));
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Set<T>(Vec<T>);

impl<T> Set<T> {
    /// The elements, in the order in which they came.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The elements, in the order in which they came.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        let within = |a: &[T], b: &[T]| a.iter().all(|element| b.contains(element));
        self.0 == other.0 || (within(&self.0, &other.0) && within(&other.0, &self.0))
    }
}

impl<T: Eq> Eq for Set<T> {}

impl<T> From<Vec<T>> for Set<T> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        order(self, other) == Ordering::Equal
    }
}

/// The elements of a set without duplicates, in the order in which they came. Two elements in which something is
/// unknown may turn out different, so both stay.
pub(super) fn distinct(elements: &[Value]) -> Vec<&Value> {
    let mut positions: Vec<usize> = (0..elements.len()).collect();
    positions.sort_by(|a, b| order(&elements[*a], &elements[*b]).then(a.cmp(b)));
    positions.dedup_by(|later, earlier| {
        let (later, earlier) = (&elements[*later], &elements[*earlier]);
        later == earlier && later.is_wholly_known()
    });
    positions.sort_unstable();
    positions.into_iter().map(|at| &elements[at]).collect()
}

/// Whether two elements are surely the same.
pub(in crate::tfplugin) fn has_duplicates(elements: &[Value]) -> bool {
    distinct(elements).len() < elements.len()
}

/// An order in which equal values are equal, and which means nothing else.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            order_each(a.iter(), b.iter())
        }
        (Value::Set(a), Value::Set(b)) => order_each(sorted(a).into_iter(), sorted(b).into_iter()),
        (Value::Map(a), Value::Map(b)) => a
            .keys()
            .cmp(b.keys())
            .then_with(|| order_each(a.values(), b.values())),
        (Value::Object(a), Value::Object(b)) => order_objects(a, b),
        (Value::Dynamic(a), Value::Dynamic(b)) => {
            let types = a.0.to_json().cmp(&b.0.to_json());
            types.then_with(|| order(&a.1, &b.1))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn sorted(elements: &[Value]) -> Vec<&Value> {
    let mut sorted = distinct(elements);
    sorted.sort_by(|a, b| order(a, b));
    sorted
}

fn order_objects(a: &Object, b: &Object) -> Ordering {
    let names = a.iter().map(|(name, _)| name);
    let names = names.cmp(b.iter().map(|(name, _)| name));
    names.then_with(|| {
        order_each(
            a.iter().map(|(_, value)| value),
            b.iter().map(|(_, value)| value),
        )
    })
}

fn order_each<'a>(
    a: impl Iterator<Item = &'a Value>,
    b: impl Iterator<Item = &'a Value>,
) -> Ordering {
    let mut b = b;
    for element in a {
        match b.next().map(|other| order(element, other)) {
            Some(Ordering::Equal) => {}
            Some(unequal) => return unequal,
            None => return Ordering::Greater,
        }
    }
    match b.next() {
        Some(_) => Ordering::Less,
        None => Ordering::Equal,
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Unknown(_) => 1,
        Value::Bool(_) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::List(_) => 5,
        Value::Set(_) => 6,
        Value::Tuple(_) => 7,
        Value::Map(_) => 8,
        Value::Object(_) => 9,
        Value::Dynamic(_) => 10,
    }
}
