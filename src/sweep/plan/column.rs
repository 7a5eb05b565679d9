//! The swept parameters as columns of a table.

use super::super::tree::{Kind, Node, Number, to_json};

/// A swept path as a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamColumn {
    /// The path as written in the spec.
    pub path: String,
    /// What its values are.
    pub kind: ParamType,
}

/// The type of a column. Any column may hold nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// `true` or `false`.
    Bool,
    /// Integers of 64 bits.
    Int,
    /// Numbers.
    Float,
    /// Texts.
    Text,
    /// Anything else, such as mappings or values of several types, as JSON text.
    Json,
}

/// The value of a parameter at a point.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue {
    /// No value.
    Null,
    /// In a [`ParamType::Bool`] column.
    Bool(bool),
    /// In a [`ParamType::Int`] column.
    Int(i64),
    /// In a [`ParamType::Float`] column.
    Float(f64),
    /// In a [`ParamType::Text`] column; in a [`ParamType::Json`] column the JSON.
    Text(String),
}

/// The column of a path: its type is that of the scenario's own value there and of the values it will take.
pub(super) fn column(path: &str, base: Option<&Node>, examples: &[Node]) -> ParamColumn {
    let own = base.and_then(type_of);
    let taken = examples.iter().filter_map(type_of).map(|kind| match (kind, own) {
        // A field that holds floats takes `1` for 1.0, one that holds integers takes `1e6` for 1000000.
        (ParamType::Int, Some(ParamType::Float)) => ParamType::Float,
        (kind, _) => kind,
    });
    let kind = if own == Some(ParamType::Int) && examples.iter().all(is_integer) {
        ParamType::Int
    } else {
        taken.reduce(join).or(own).unwrap_or(ParamType::Json)
    };
    ParamColumn {
        path: path.to_owned(),
        kind,
    }
}

/// The value as one of its column.
pub(super) fn value(kind: ParamType, node: &Node) -> ParamValue {
    match (&node.kind, kind) {
        (Kind::Null, _) => ParamValue::Null,
        (Kind::Bool(value), ParamType::Bool) => ParamValue::Bool(*value),
        (Kind::Number(number), ParamType::Int) => match int64(*number) {
            Some(n) => ParamValue::Int(n),
            None => ParamValue::Null,
        },
        (Kind::Number(number), ParamType::Float) => ParamValue::Float(number.to_f64()),
        (Kind::Text(text), ParamType::Text) => ParamValue::Text(text.clone()),
        _ => ParamValue::Text(to_json(node).to_string()),
    }
}

fn join(a: ParamType, b: ParamType) -> ParamType {
    match (a, b) {
        _ if a == b => a,
        (ParamType::Int, ParamType::Float) | (ParamType::Float, ParamType::Int) => ParamType::Float,
        _ => ParamType::Json,
    }
}

fn type_of(node: &Node) -> Option<ParamType> {
    match &node.kind {
        Kind::Null => None,
        Kind::Bool(_) => Some(ParamType::Bool),
        Kind::Number(Number::Integer(n)) => Some(match i64::try_from(*n) {
            Ok(_) => ParamType::Int,
            Err(_) => ParamType::Json,
        }),
        Kind::Number(_) => Some(ParamType::Float),
        Kind::Text(_) => Some(ParamType::Text),
        Kind::List(_) | Kind::Map(_) => Some(ParamType::Json),
    }
}

fn int64(number: Number) -> Option<i64> {
    number.as_integer().and_then(|n| i64::try_from(n).ok())
}

fn is_integer(node: &Node) -> bool {
    match node.kind {
        Kind::Number(number) => int64(number).is_some(),
        Kind::Null => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::tree::scalar;

    fn kind(base: &str, examples: &[&str]) -> ParamType {
        let examples: Vec<Node> = examples.iter().map(|text| scalar(text, None)).collect();
        column("x", Some(&scalar(base, None)), &examples).kind
    }

    #[test]
    fn a_column_takes_the_type_of_the_field_and_its_values() {
        assert_eq!(kind("0.5", &["0", "1"]), ParamType::Float);
        assert_eq!(kind("5", &["0", "1"]), ParamType::Int);
        assert_eq!(kind("5", &["1e6"]), ParamType::Int);
        assert_eq!(kind("", &["1", "2"]), ParamType::Int);
        assert_eq!(kind("", &["1", "2.5"]), ParamType::Float);
        assert_eq!(kind("", &["", "2.5"]), ParamType::Float);
        assert_eq!(kind("a", &["b", "c"]), ParamType::Text);
        assert_eq!(kind("true", &["false"]), ParamType::Bool);
        assert_eq!(kind("a", &["b", "1"]), ParamType::Json);
        assert_eq!(kind("1", &["18446744073709551615"]), ParamType::Json);
    }

    #[test]
    fn values_follow_their_column() {
        assert_eq!(
            value(ParamType::Float, &scalar("1", None)),
            ParamValue::Float(1.0)
        );
        assert_eq!(
            value(ParamType::Int, &scalar("1e6", None)),
            ParamValue::Int(1_000_000)
        );
        assert_eq!(value(ParamType::Int, &scalar("", None)), ParamValue::Null);
        assert_eq!(
            value(ParamType::Json, &scalar("a", None)),
            ParamValue::Text("\"a\"".into())
        );
    }
}
