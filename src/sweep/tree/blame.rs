//! Which value an error of a derived reader is about, and saying so in plain words.

use std::fmt::Display;

use serde::de::Unexpected;

use super::{Kind, Node};
use crate::sweep::source::Span;

/// What derived readers expect, in the words of someone who writes YAML.
pub(super) fn in_words(expected: &str) -> String {
    let integer = |min: &dyn Display, max: &dyn Display| format!("an integer from {min} to {max}");
    match expected {
        "u8" => integer(&u8::MIN, &u8::MAX),
        "u16" => integer(&u16::MIN, &u16::MAX),
        "u32" => integer(&u32::MIN, &u32::MAX),
        "u64" => integer(&0, &"2^64 - 1"),
        "i8" => integer(&i8::MIN, &i8::MAX),
        "i16" => integer(&i16::MIN, &i16::MAX),
        "i32" => integer(&i32::MIN, &i32::MAX),
        "i64" => "an integer of 64 bits".to_owned(),
        "u128" => "an integer, 0 or more".to_owned(),
        "i128" => "an integer".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        _ if expected.starts_with("struct ") => "a mapping".to_owned(),
        _ => expected.to_owned(),
    }
}

/// The node itself or the only one inside it that `is_it`.
pub(super) fn culprit<'a>(node: &'a Node, is_it: &dyn Fn(&Node) -> bool) -> Option<&'a Node> {
    if is_it(node) {
        return Some(node);
    }
    let children: Vec<&Node> = match &node.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    let mut found = children.into_iter().filter_map(|child| culprit(child, is_it));
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

/// Whether a reader that complains of `found` can mean this node.
pub(super) fn is_found(node: &Node, found: &str) -> bool {
    let same = |unexpected: Unexpected<'_>| unexpected.to_string() == found;
    match &node.kind {
        Kind::Null => same(Unexpected::Unit) || same(Unexpected::Option),
        Kind::Bool(value) => same(Unexpected::Bool(*value)),
        Kind::Number(number) => {
            same(Unexpected::Float(number.to_f64()))
                || number
                    .as_integer()
                    .is_some_and(|n| found == format!("integer `{n}`"))
        }
        Kind::Text(text) => same(Unexpected::Str(text)),
        Kind::List(_) => same(Unexpected::Seq),
        Kind::Map(_) => same(Unexpected::Map),
    }
}

/// Whether this is the text.
pub(super) fn is_text(node: &Node, name: &str) -> bool {
    matches!(&node.kind, Kind::Text(text) if text == name)
}

/// Where the key is written in this node or inside it.
pub(super) fn key_place(node: &Node, name: &str) -> Option<Span> {
    match &node.kind {
        Kind::Map(entries) => {
            let own = entries
                .iter()
                .find(|(key, _)| key.name == name)
                .and_then(|(key, _)| key.span);
            own.or_else(|| entries.iter().find_map(|(_, value)| key_place(value, name)))
        }
        Kind::List(items) => items.iter().find_map(|item| key_place(item, name)),
        _ => None,
    }
}
