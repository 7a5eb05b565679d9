//! YAML as a tree that remembers where each value is written and how its numbers are spelled.

mod blame;
mod de;
mod parse;
mod path;
mod raw;
mod write;

pub use de::{from_node, to_node};
pub use parse::{parse, parse_text, scalar};
pub use path::{Steps, at, resolve, set};
pub use write::{to_json, to_yaml};

use std::fmt;

use super::decimal::Decimal;
use super::source::Span;

/// A value and where it is written; `None` for values the harness made itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: Kind,
    /// Its place.
    pub span: Option<Span>,
}

/// A key of a mapping and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Its place.
    pub span: Option<Span>,
}

/// A value of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing: `null`, `~` or left out.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in written order.
    Map(Vec<(Key, Node)>),
}

/// A number by the way it came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Written without point and exponent.
    Integer(i128),
    /// Written with point or exponent; still exact.
    Decimal(Decimal),
    /// Computed, or written with more digits than a decimal holds. Always finite.
    Float(f64),
}

impl Number {
    /// The exact value, unless it was computed.
    pub fn exact(self) -> Option<Decimal> {
        match self {
            Self::Integer(n) => Some(Decimal::integer(n)),
            Self::Decimal(decimal) => Some(decimal),
            Self::Float(_) => None,
        }
    }

    /// The value as an integer, if it was written as one in any form (`1e6` counts).
    pub fn as_integer(self) -> Option<i128> {
        self.exact().and_then(Decimal::as_integer)
    }

    /// The nearest `f64`.
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Integer(n) => n as f64,
            Self::Decimal(decimal) => decimal.to_f64(),
            Self::Float(value) => value,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
            Self::Float(value) => value.fmt(f),
        }
    }
}

impl Node {
    /// A value without a place.
    pub fn new(kind: Kind) -> Self {
        Self { kind, span: None }
    }

    /// What stands here, for a message: "the number `0.5`", "a list".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number `{number}`"),
            Kind::Text(text) => format!("the text `{text}`"),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The value under a key, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Takes over the places of `other` wherever both trees have a value.
    pub fn take_places_of(&mut self, other: &Node) {
        self.span = other.span;
        match (&mut self.kind, &other.kind) {
            (Kind::Map(entries), Kind::Map(_)) => {
                for (key, value) in entries {
                    if let Some(there) = other.get(&key.name) {
                        value.take_places_of(there);
                    }
                }
            }
            (Kind::List(items), Kind::List(there)) => {
                for (item, there) in items.iter_mut().zip(there) {
                    item.take_places_of(there);
                }
            }
            _ => {}
        }
    }

    /// Forgets every place.
    pub fn without_places(mut self) -> Self {
        self.forget_places();
        self
    }

    fn forget_places(&mut self) {
        self.span = None;
        match &mut self.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    key.span = None;
                    value.forget_places();
                }
            }
            Kind::List(items) => items.iter_mut().for_each(Self::forget_places),
            _ => {}
        }
    }
}
