//! From YAML text to the tree.

use serde_saphyr::{DuplicateKeyPolicy, Location, NonFiniteFloatPolicy, Spanned};

use super::raw::Raw;
use super::{Key, Kind, Node, Number};
use crate::sweep::decimal::Decimal;
use crate::sweep::diagnostic::{Fault, Problem};
use crate::sweep::source::{Sources, Span};

/// Reads the text at index `source` of `sources`.
///
/// # Errors
/// Text that is not YAML, a key written twice, a number that is not finite.
pub fn parse(sources: &Sources, source: u32) -> Result<Node, Fault> {
    parse_text(sources.get(source).map(|s| &*s.text).unwrap_or_default(), source)
}

/// Reads a text whose bytes stand at the same places as those of the source.
///
/// # Errors
/// As [`parse`].
pub fn parse_text(text: &str, source: u32) -> Result<Node, Fault> {
    let reader = Reader { text, source };
    let options = serde_saphyr::options! {
        // Otherwise `no` and `on` become booleans even where a name is meant.
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    };
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let message = error.without_snippet().to_string();
        let span = error.location().map(|location| reader.span(location));
        Problem::Syntax(without_place(&message)).at(span)
    })?;
    reader.node(raw)
}

/// A single value out of a table cell: empty, `true`, `false`, a number, otherwise text.
pub fn scalar(text: &str, span: Option<Span>) -> Node {
    let kind = match text {
        "" | "null" | "~" => Kind::Null,
        "true" => Kind::Bool(true),
        "false" => Kind::Bool(false),
        _ => match (spelled(text), text.parse::<f64>()) {
            (Some(number), _) => Kind::Number(number),
            (None, Ok(value)) if value.is_finite() => Kind::Number(Number::Float(value)),
            _ => Kind::Text(text.to_owned()),
        },
    };
    Node { kind, span }
}

/// The number a text spells, unless it has too many digits.
fn spelled(text: &str) -> Option<Number> {
    let decimal = Decimal::parse(text)?;
    Some(match decimal.as_integer() {
        Some(n) if !text.contains(['.', 'e', 'E']) => Number::Integer(n),
        _ => Number::Decimal(decimal),
    })
}

/// The library puts "line 3 column 4" before or after its message; the diagnostic shows that itself.
fn without_place(message: &str) -> String {
    let message = message.lines().next().unwrap_or(message);
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = match message.split_once(": ") {
        Some((place, message)) if place.starts_with("line ") => message,
        _ => message,
    };
    let message = message.split(" at line ").next().unwrap_or(message);
    message.trim_end_matches(':').to_owned()
}

struct Reader<'a> {
    text: &'a str,
    source: u32,
}

impl Reader<'_> {
    fn node(&self, raw: Spanned<Raw>) -> Result<Node, Fault> {
        let mut span = self.span(raw.defined);
        let kind = match raw.value {
            Raw::Null => Kind::Null,
            Raw::Bool(value) => Kind::Bool(value),
            Raw::Integer(n) => Kind::Number(Number::Integer(n)),
            Raw::Float(value) if !value.is_finite() => {
                let written = self.text.get(span.start..span.end).unwrap_or_default();
                let message = format!("`{written}` is not a finite number");
                return Err(Problem::invalid(message).at(Some(span)));
            }
            Raw::Float(value) => Kind::Number(self.as_spelled(span, value)),
            Raw::Text(text) => Kind::Text(text),
            Raw::List(items) => {
                let items: Vec<Node> = items
                    .into_iter()
                    .map(|item| self.node(item))
                    .collect::<Result<_, Fault>>()?;
                span = self.extent(span, &items);
                Kind::List(items)
            }
            Raw::Map(raw) => {
                let mut entries: Vec<(Key, Node)> = Vec::with_capacity(raw.len());
                for (key, value) in raw {
                    let (name, span) = (key.value, Some(self.span(key.defined)));
                    if entries.iter().any(|(known, _)| known.name == name) {
                        return Err(Problem::invalid(format!("the key `{name}` is written twice")).at(span));
                    }
                    entries.push((Key { name, span }, self.node(value)?));
                }
                span = self.extent(span, entries.iter().map(|(_, value)| value));
                Kind::Map(entries)
            }
        };
        Ok(Node {
            kind,
            span: Some(span),
        })
    }

    /// The number as spelled in the text, as long as the spelling gives the value the library read.
    fn as_spelled(&self, span: Span, value: f64) -> Number {
        let text = self.text.get(span.start..span.end).unwrap_or_default();
        spelled(text.trim())
            .filter(|number| number.to_f64() == value)
            .unwrap_or(Number::Float(value))
    }

    fn span(&self, location: Location) -> Span {
        let span = location.span();
        let start = match span.byte_offset() {
            Some(offset) => offset as usize,
            None => self.byte_at(location.line(), location.column()),
        };
        let start = start.min(self.text.len());
        let end = (start + span.byte_len().unwrap_or(0) as usize).min(self.text.len());
        Span {
            source: self.source,
            start,
            end,
        }
    }

    /// Syntax errors are placed by line and column alone, both counted from 1.
    fn byte_at(&self, line: u64, column: u64) -> usize {
        let before = (line as usize).saturating_sub(1);
        let start: usize = self.text.split_inclusive('\n').take(before).map(str::len).sum();
        let within = self.text[start..]
            .chars()
            .take((column as usize).saturating_sub(1));
        start + within.map(char::len_utf8).sum::<usize>()
    }

    /// The library marks where a list or mapping starts; it ends with its last child or its bracket.
    fn extent<'n>(&self, start: Span, children: impl IntoIterator<Item = &'n Node>) -> Span {
        // An alias stands for a value written further up.
        let ends = children
            .into_iter()
            .filter_map(|child| child.span)
            .filter(|span| span.start >= start.start);
        let last = ends.map(|span| span.end).max().unwrap_or(start.start);
        let closing = match self.text.as_bytes().get(start.start) {
            Some(b'[') => self.text.get(last..).and_then(|rest| rest.find(']')),
            Some(b'{') => self.text.get(last..).and_then(|rest| rest.find('}')),
            _ => None,
        };
        let end = closing.map_or(last.max(start.end), |closing| last + closing + 1);
        Span { end, ..start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Node, Sources) {
        let mut sources = Sources::default();
        let source = sources.add("test", text);
        (parse(&sources, source).unwrap(), sources)
    }

    #[test]
    fn every_value_knows_where_it_is_written() {
        let (root, sources) = read("a: [1, {b: x}]\nc:\n  d: 'é f'\n  e: [ ]\n");
        let text = |node: &Node| sources.text(node.span.unwrap()).to_owned();
        assert_eq!(text(root.get("a").unwrap()), "[1, {b: x}]");
        assert_eq!(text(root.get("c").unwrap()), "d: 'é f'\n  e: [ ]");
        assert_eq!(text(root.get("c").unwrap().get("d").unwrap()), "'é f'");
        assert_eq!(text(root.get("c").unwrap().get("e").unwrap()), "[ ]");
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let (root, _) = read("[1, 1.50, 1e3, -2, 100000000000000000000, '7', no]");
        let Kind::List(items) = &root.kind else { panic!() };
        let shown: Vec<String> = items.iter().map(Node::describe).collect();
        let expected =
            ["1", "1.50", "1000", "-2", "100000000000000000000"].map(|n| format!("the number `{n}`"));
        assert_eq!(shown[..5], expected);
        assert_eq!(shown[5..], ["the text `7`", "the text `no`"]);
        assert_eq!(items[4].kind, Kind::Number(Number::Integer(10i128.pow(20))));
    }

    #[test]
    fn aliases_and_merges_stand_for_what_they_name() {
        let (root, sources) = read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n");
        assert_eq!(root.get("c").unwrap().get("y"), root.get("a").unwrap().get("y"));
        let b = root.get("b").unwrap();
        let y = b.get("y").unwrap();
        assert_eq!(
            (y.describe().as_str(), sources.text(y.span.unwrap())),
            ("the number `3`", "3")
        );
        assert_eq!(b.get("x").unwrap().describe(), "the number `1`");
    }
}
