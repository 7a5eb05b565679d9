//! From the tree to a typed value and back, with every error placed.

use std::fmt::Display;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected,
    IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::blame::{culprit, in_words, is_found, is_text, key_place};
use super::{Key, Kind, Node, Number, parse};
use crate::sweep::diagnostic::{Fault, Problem, quoted_list};
use crate::sweep::source::{Sources, Span};

/// Reads a typed value; an error stands at the innermost value it concerns.
///
/// # Errors
/// A value of the wrong type, an unknown or missing key, and whatever `T` itself refuses.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, Fault> {
    Value(node).read(PhantomData)
}

/// The tree of a typed value, defaults included, without places.
///
/// # Errors
/// A value that does not serialise: maps with keys that are no text, numbers that are not finite.
pub fn to_node<T: Serialize>(value: &T) -> Result<Node, Fault> {
    let unwritable =
        |reason: String| Problem::invalid(format!("the scenario cannot be written out: {reason}")).at(None);
    // JSON is YAML, keeps floats apart from integers, and holds integers beyond 64 bits.
    let text = serde_json::to_string(value).map_err(|error| unwritable(error.to_string()))?;
    let mut sources = Sources::default();
    let source = sources.add("scenario with defaults", text);
    let node = parse(&sources, source).map_err(|fault| unwritable(fault.problem.to_string()))?;
    Ok(node.without_places())
}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Problem::invalid(message.to_string()).at(None)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (expected, found) = (in_words(&expected.to_string()), found.to_string());
        Problem::WrongType { expected, found }.at(None)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let known = expected.iter().map(|&name| name.to_owned()).collect();
        Problem::UnknownKey {
            key: field.to_owned(),
            known,
        }
        .at(None)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let known = expected.iter().map(|&name| name.to_owned()).collect();
        Problem::UnknownName {
            name: variant.to_owned(),
            known,
        }
        .at(None)
    }

    fn missing_field(field: &'static str) -> Self {
        Problem::MissingKey(field.to_owned()).at(None)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// A node being read.
#[derive(Clone, Copy)]
struct Value<'a>(&'a Node);

impl Value<'_> {
    /// Gives an error this node's place and words, unless it comes from further inside.
    ///
    /// Readers of internally tagged enums and of flattened fields copy the values first, and their errors come
    /// back without a place: the value or key that such an error names is looked for inside this node.
    fn place(self, mut fault: Fault) -> Fault {
        if fault.span.is_some() {
            return fault;
        }
        let node = match &*fault.problem {
            Problem::WrongType { found, .. } => culprit(self.0, &|node| is_found(node, found)),
            Problem::UnknownKey { key: name, .. } | Problem::UnknownName { name, .. } => {
                let key = key_place(self.0, name);
                fault.span =
                    key.or_else(|| culprit(self.0, &|node| is_text(node, name)).and_then(|node| node.span));
                None
            }
            _ => None,
        };
        let scalar = !matches!(self.0.kind, Kind::List(_) | Kind::Map(_));
        if let (Problem::WrongType { found, .. }, Some(node)) =
            (&mut *fault.problem, node.or(scalar.then_some(self.0)))
        {
            *found = node.describe();
            fault.span = node.span;
        }
        fault.or_at(self.0.span)
    }

    fn read<'de, T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self).map_err(|fault| self.place(fault))
    }

    fn unexpected(self, expected: &dyn Expected) -> Fault {
        let (expected, found) = (in_words(&expected.to_string()), self.0.describe());
        Problem::WrongType { expected, found }.at(self.0.span)
    }
}

fn visit_integer<'de, V: Visitor<'de>>(n: i128, visitor: V) -> Result<V::Value, Fault> {
    if let Ok(n) = u64::try_from(n) {
        visitor.visit_u64(n)
    } else if let Ok(n) = i64::try_from(n) {
        visitor.visit_i64(n)
    } else if let Ok(n) = u128::try_from(n) {
        visitor.visit_u128(n)
    } else {
        visitor.visit_i128(n)
    }
}

macro_rules! read_as {
    ($read:ident: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.$read(visitor)
        }
    )*};
}

impl Value<'_> {
    /// `1e6` and `2.0` are integers too where one is needed.
    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Number(number) => match number.as_integer() {
                Some(n) => visit_integer(n, visitor),
                None => visitor.visit_f64(number.to_f64()),
            },
            _ => self.deserialize_any(visitor),
        }
        .map_err(|fault| self.place(fault))
    }

    fn float<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Number(number) => visitor.visit_f64(number.to_f64()),
            _ => self.deserialize_any(visitor),
        }
        .map_err(|fault| self.place(fault))
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Number(Number::Integer(n)) => visit_integer(*n, visitor),
            Kind::Number(number) => match number.as_integer().and_then(|n| i64::try_from(n).ok()) {
                Some(n) => visit_integer(n.into(), visitor),
                None => visitor.visit_f64(number.to_f64()),
            },
            Kind::Text(text) => visitor.visit_str(text),
            Kind::List(items) => {
                let mut items = Items(items.iter());
                let value = visitor.visit_seq(&mut items)?;
                match items.0.next() {
                    Some(extra) => Err(Problem::invalid("one item too many").at(extra.span)),
                    None => Ok(value),
                }
            }
            Kind::Map(entries) => visitor.visit_map(Entries::of(entries)),
        }
        .map_err(|fault| self.place(fault))
    }

    read_as!(integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    read_as!(float: deserialize_f32 deserialize_f64);

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|fault| self.place(fault))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|fault| self.place(fault))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let (name, span, content) = match &self.0.kind {
            Kind::Text(name) => (name, self.0.span, None),
            Kind::Map(entries) if entries.len() == 1 => {
                (&entries[0].0.name, entries[0].0.span, Some(&entries[0].1))
            }
            Kind::Map(entries) => {
                let names: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
                let message = format!(
                    "exactly one of {} is expected, found {}",
                    quoted_list(variants),
                    if names.is_empty() {
                        "none".to_owned()
                    } else {
                        quoted_list(&names)
                    },
                );
                return Err(self.place(Fault::custom(message)));
            }
            _ => {
                let choice = format!("one of {}", quoted_list(variants));
                return Err(self.unexpected(&choice.as_str()));
            }
        };
        visitor
            .visit_enum(Variant { name, span, content })
            .map_err(|fault| self.place(fault))
    }

    serde::forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a>(std::slice::Iter<'a, Node>);

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.0.next().map(|item| Value(item).read(seed)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'a> {
    rest: std::vec::IntoIter<&'a (Key, Node)>,
    value: Option<&'a Node>,
}

impl<'a> Entries<'a> {
    /// The entries as written, but for `kind`, which comes first wherever it is written: it says what the others are, and
    /// a merged group (`<<: *base`) has it last.
    fn of(entries: &'a [(Key, Node)]) -> Self {
        let (mut kinds, others): (Vec<_>, Vec<_>) = entries
            .iter()
            .partition(|(key, value)| key.name == "kind" && matches!(value.kind, Kind::Text(_)));
        kinds.extend(others);
        Self {
            rest: kinds.into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let name: StrDeserializer<'_, Fault> = key.name.as_str().into_deserializer();
        seed.deserialize(name)
            .map(Some)
            .map_err(|fault| fault.or_at(key.span))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let value = self
            .value
            .take()
            .ok_or_else(|| Fault::custom("a value was asked for before its key"))?;
        Value(value).read(seed)
    }
}

struct Variant<'a> {
    name: &'a str,
    span: Option<Span>,
    content: Option<&'a Node>,
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a> {
    type Error = Fault;
    type Variant = Content<'a>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Content<'a>), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.into_deserializer();
        let variant = seed.deserialize(name).map_err(|fault| fault.or_at(self.span))?;
        Ok((variant, Content(self.content)))
    }
}

struct Content<'a>(Option<&'a Node>);

impl Content<'_> {
    fn needed(&self, expected: &str) -> Result<Value<'_>, Fault> {
        let found = || "only a name".to_owned();
        let missing = || {
            Problem::WrongType {
                expected: expected.to_owned(),
                found: found(),
            }
            .at(None)
        };
        self.0.map(Value).ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.0 {
            None => Ok(()),
            Some(content) if content.kind == Kind::Null => Ok(()),
            Some(content) => Err(Value(content).unexpected(&"nothing after this name")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        self.needed("a name and its value")?.read(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.needed("a name and its list")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.needed("a name and its mapping")?.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        Unit,
        New(u8),
        Pair(i8, f32),
        Named { on: bool },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(u64);

    fn read<T: DeserializeOwned>(yaml: &str) -> Result<T, String> {
        let mut sources = Sources::default();
        let source = sources.add("test", yaml);
        from_node(&parse(&sources, source).unwrap()).map_err(|fault| {
            let text = fault.span.map(|span| sources.text(span)).unwrap_or_default();
            format!("{fault} ({text})")
        })
    }

    #[test]
    fn enums_are_a_name_or_a_name_with_its_value() {
        assert_eq!(read("unit"), Ok(Shape::Unit));
        assert_eq!(read("unit:"), Ok(Shape::Unit));
        assert_eq!(read("new: 255"), Ok(Shape::New(255)));
        assert_eq!(read("pair: [-1, 2]"), Ok(Shape::Pair(-1, 2.0)));
        assert_eq!(read("named: {on: true}"), Ok(Shape::Named { on: true }));
        let refused = |yaml| read::<Shape>(yaml).unwrap_err();
        assert_eq!(
            refused("new: 256"),
            "expected an integer from 0 to 255, found the number `256` (256)"
        );
        assert_eq!(
            refused("new"),
            "expected a name and its value, found the text `new` (new)"
        );
        assert_eq!(
            refused("unit: 1"),
            "expected nothing after this name, found the number `1` (1)"
        );
        assert_eq!(refused("pair: [1, 2, 3]"), "one item too many (3)");
        assert_eq!(
            refused("named: {on: 1}"),
            "expected `true` or `false`, found the number `1` (1)"
        );
        assert!(refused("{unit: , new: 1}").starts_with("exactly one of `unit`, `new`, `pair`, `named`"));
    }

    #[test]
    fn options_newtypes_and_maps_read_as_their_content() {
        assert_eq!(read::<Option<u8>>("~"), Ok(None));
        assert_eq!(read::<Option<u8>>("3"), Ok(Some(3)));
        assert_eq!(read("18446744073709551615"), Ok(Wrapped(u64::MAX)));
        assert_eq!(
            read("340282366920938463463374607431768"),
            Ok(340_282_366_920_938_463_463_374_607_431_768_u128)
        );
        assert_eq!(read("-1e3"), Ok(-1000_i16));
        assert_eq!(read::<BTreeMap<String, f64>>("{a: 1, b: 0.5}").unwrap()["b"], 0.5);
        assert_eq!(read::<(u8, String)>("[1, x]"), Ok((1, "x".to_owned())));
        assert_eq!(
            read::<String>("12"),
            Err("expected a text, found the number `12` (12)".to_owned())
        );
    }

    proptest! {
        #[test]
        fn typed_values_survive_being_written_out(
            texts: Vec<String>,
            numbers: Vec<(u128, i64)>,
            floats in proptest::collection::vec(proptest::num::f64::NORMAL, 0..5),
        ) {
            // A tree holds integers up to 2^127 - 1.
            let numbers: Vec<(u128, i64)> = numbers.into_iter().map(|(a, b)| (a >> 1, b)).collect();
            let value = (texts, numbers, floats);
            let node = to_node(&value).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
            prop_assert_eq!(from_node::<(Vec<String>, Vec<(u128, i64)>, Vec<f64>)>(&node).unwrap(), value);
        }
    }
}
