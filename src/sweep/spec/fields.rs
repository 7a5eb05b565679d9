//! Reading mappings and scalars of the spec with placed errors.

use super::super::decimal::Decimal;
use super::super::diagnostic::{Fault, Problem};
use super::super::tree::{Kind, Node, Number};

/// A mapping whose keys are known.
pub(super) struct Fields<'a> {
    node: &'a Node,
}

impl<'a> Fields<'a> {
    /// Refuses anything but a mapping, and keys other than `known`.
    pub fn of(node: &'a Node, known: &[&str]) -> Result<Self, Fault> {
        for (key, _) in entries(node)? {
            if !known.contains(&key.name.as_str()) {
                let known = known.iter().map(|&name| name.to_owned()).collect();
                return Err(Problem::UnknownKey {
                    key: key.name.clone(),
                    known,
                }
                .at(key.span));
            }
        }
        Ok(Self { node })
    }

    /// The value of a key; a key without value counts as left out.
    pub fn optional(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|value| value.kind != Kind::Null)
    }

    /// The value of a key that must be there.
    pub fn required(&self, key: &str) -> Result<&'a Node, Fault> {
        self.optional(key)
            .ok_or_else(|| Problem::MissingKey(key.to_owned()).at(self.node.span))
    }
}

pub(super) fn wrong_type(node: &Node, expected: &str) -> Fault {
    let (expected, found) = (expected.to_owned(), node.describe());
    Problem::WrongType { expected, found }.at(node.span)
}

pub(super) fn entries(node: &Node) -> Result<&[(super::super::tree::Key, Node)], Fault> {
    match &node.kind {
        Kind::Map(entries) => Ok(entries),
        _ => Err(wrong_type(node, "a mapping")),
    }
}

pub(super) fn list(node: &Node) -> Result<&[Node], Fault> {
    match &node.kind {
        Kind::List(items) => Ok(items),
        _ => Err(wrong_type(node, "a list")),
    }
}

pub(super) fn text(node: &Node) -> Result<&str, Fault> {
    match &node.kind {
        Kind::Text(text) => Ok(text),
        _ => Err(wrong_type(node, "a text")),
    }
}

pub(super) fn number(node: &Node) -> Result<Number, Fault> {
    match node.kind {
        Kind::Number(number) => Ok(number),
        _ => Err(wrong_type(node, "a number")),
    }
}

pub(super) fn integer(node: &Node) -> Result<i128, Fault> {
    number(node)?
        .as_integer()
        .ok_or_else(|| wrong_type(node, "an integer"))
}

/// A number with its exact decimal spelling.
pub(super) fn decimal(node: &Node) -> Result<Decimal, Fault> {
    number(node)?.exact().ok_or_else(|| {
        let message = format!("{} has too many digits", node.describe());
        Problem::invalid_with_help(message, "at most 36 digits after the point are exact").at(node.span)
    })
}

pub(super) fn unsigned(node: &Node) -> Result<u64, Fault> {
    u64::try_from(integer(node)?).map_err(|_| wrong_type(node, "an integer from 0 to 2^64 - 1"))
}

/// How many points a block or range has.
pub(super) fn count(node: &Node) -> Result<u64, Fault> {
    match unsigned(node)? {
        0 => Err(Problem::Empty("`count` must be at least 1".into()).at(node.span)),
        count => Ok(count),
    }
}
