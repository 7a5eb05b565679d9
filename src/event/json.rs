//! JSON as Python reads and writes it: numbers with a fraction to the last bit, a space after every comma and colon.

use std::io;

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Parses JSON, leaving each number with a fraction or exponent as a string of its text.
///
/// Without a feature that would be switched on for every crate of the build, serde_json's own reading of such a number may
/// miss the nearest double by one, and a price by a unit. A [`Field`](super::Field) reads the text with the standard library.
///
/// # Errors
/// Where `text` is not JSON, or not that of a `T`.
pub fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    // First as it stands, so that a message counts columns in the file.
    serde_json::from_str::<IgnoredAny>(text)?;
    serde_json::from_str(&fractions_quoted(text))
}

/// `text`, which is JSON, with quotes around each number that is not plain digits.
fn fractions_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, token) = rest.split_at(start);
        quoted.push_str(before);
        let is_string = token.starts_with('"');
        let length = if is_string {
            string_length(token)
        } else {
            number_length(token)
        };
        let (token, after) = token.split_at(length);
        if !is_string && token.contains(['.', 'e', 'E']) {
            quoted.extend(["\"", token, "\""]);
        } else {
            quoted.push_str(token);
        }
        rest = after;
    }
    quoted.push_str(rest);
    quoted
}

fn number_length(token: &str) -> usize {
    token
        .find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))
        .unwrap_or(token.len())
}

/// The length of the string that `token` starts with, its quotes included.
fn string_length(token: &str) -> usize {
    let mut escaped = false;
    for (place, c) in token.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    token.len()
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// The JSON of `value` on one line.
///
/// # Errors
/// Where `value` has no JSON form.
pub fn spaced(value: &impl Serialize) -> io::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Spaced))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fraction_stays_as_it_is_written() {
        let text = r#"{"a": -1.50, "b.5": [2e3, 7, -8], "c": "quote \" 1.5 \\", "d": 18446744073709551615, "é": 0.1}"#;
        let value: serde_json::Value = parse(text).unwrap();
        let expected = json!({
            "a": "-1.50", "b.5": ["2e3", 7, -8], "c": "quote \" 1.5 \\", "d": u64::MAX, "é": "0.1"
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_fails() {
        let error = parse::<serde_json::Value>(r#"{"a": 1.5, "b": NaN}"#).unwrap_err();
        assert_eq!((error.line(), error.column()), (1, 17));
        assert!(parse::<serde_json::Value>("[1.]").is_err());
        assert!(parse::<serde_json::Value>("[01.5]").is_err());
    }

    #[test]
    fn looks_as_python_writes_it() {
        let value = json!({"a": [1, 2.5], "b": {"c": null, "d": "x,y"}, "e": {}});
        assert_eq!(
            spaced(&value).unwrap(),
            r#"{"a": [1, 2.5], "b": {"c": null, "d": "x,y"}, "e": {}}"#
        );
    }
}
