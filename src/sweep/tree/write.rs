//! From the tree back to JSON and YAML.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Kind, Node, Number};

/// The tree as JSON; decimals become the nearest `f64`, which JSON prints in its shortest form.
pub fn to_json(node: &Node) -> serde_json::Value {
    use serde_json::Value;
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(Number::Integer(n)) => json_integer(*n),
        Kind::Number(number) => Value::from(number.to_f64()),
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(items) => Value::Array(items.iter().map(to_json).collect()),
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.name.clone(), to_json(value)))
                .collect(),
        ),
    }
}

/// Integers beyond 64 bits are text in JSON, where most readers would round them.
fn json_integer(n: i128) -> serde_json::Value {
    match (i64::try_from(n), u64::try_from(n)) {
        (Ok(n), _) => n.into(),
        (_, Ok(n)) => n.into(),
        _ => n.to_string().into(),
    }
}

/// The tree as YAML that [`super::parse`] reads back to an equal tree.
///
/// # Errors
/// None in practice: the library refuses only keys that are no scalars.
pub fn to_yaml(node: &Node) -> Result<String, String> {
    serde_saphyr::to_string(node).map_err(|error| error.to_string())
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(Number::Integer(n)) => match (i64::try_from(*n), u64::try_from(*n)) {
                (Ok(n), _) => serializer.serialize_i64(n),
                (_, Ok(n)) => serializer.serialize_u64(n),
                _ => serializer.serialize_i128(*n),
            },
            Kind::Number(number) => serializer.serialize_f64(number.to_f64()),
            Kind::Text(text) => serializer.serialize_str(text),
            Kind::List(items) => serializer.collect_seq(items),
            Kind::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&key.name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::source::Sources;
    use crate::sweep::tree::{Key, parse};
    use proptest::prelude::*;

    fn node() -> impl Strategy<Value = Node> {
        let number = prop_oneof![
            any::<i64>().prop_map(|n| Number::Integer(n.into())),
            (any::<u64>()).prop_map(|n| Number::Integer(n.into())),
            any::<i32>().prop_map(|n| Number::Float(f64::from(n) + 0.1)),
            (-1e300..1e300f64).prop_map(Number::Float),
        ];
        let leaf = prop_oneof![
            Just(Kind::Null),
            any::<bool>().prop_map(Kind::Bool),
            number.prop_map(Kind::Number),
            any::<String>().prop_map(Kind::Text),
            "(1.5|null|true|no|~|- a|a: b|#x|1e5|0x10|1_000| |\\.inf|2020-01-01|12:30|<<|&a|\\*a|\n x \n)"
                .prop_map(Kind::Text),
        ];
        leaf.prop_map(Node::new).prop_recursive(4, 30, 5, |inner| {
            let map = proptest::collection::hash_map("[a-z_]{1,6}|[0-9]{1,2}|no|null", inner.clone(), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..5).prop_map(Kind::List),
                map.prop_map(|map| {
                    let key = |name| Key { name, span: None };
                    Kind::Map(map.into_iter().map(|(name, value)| (key(name), value)).collect())
                }),
            ]
            .prop_map(Node::new)
        })
    }

    proptest! {
        #[test]
        fn yaml_reads_back_to_what_was_written(node in node()) {
            let yaml = to_yaml(&node).unwrap();
            let mut sources = Sources::default();
            let source = sources.add("written", yaml.clone());
            let again = parse(&sources, source).map_err(|fault| TestCaseError::fail(format!("{fault}\n{yaml}")))?;
            prop_assert_eq!(to_json(&again), to_json(&node), "{}", yaml);
        }
    }
}
