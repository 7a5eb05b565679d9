//! The texts a spec is made of (its file, a scenario file, a table, `--set` arguments) and places in them.

use std::sync::Arc;

/// A stretch of bytes in one of the [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Index of the text in [`Sources`].
    pub source: u32,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Whether `other` lies within this stretch.
    pub fn contains(&self, other: &Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// One text and the name to show for it.
#[derive(Clone, Debug)]
pub struct Source {
    /// A file path as the user gave it, or the argument the text came from.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// Every text read so far, in order of reading.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Vec<Source>,
}

impl Sources {
    /// Takes in a text and returns its index.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> u32 {
        self.texts.push(Source {
            name: name.into(),
            text: text.into(),
        });
        (self.texts.len() - 1) as u32
    }

    /// The text at an index returned by [`Sources::add`].
    pub fn get(&self, source: u32) -> Option<&Source> {
        self.texts.get(source as usize)
    }

    /// The characters a span covers; empty when the span does not fit its text.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source)
            .and_then(|source| source.text.get(span.start..span.end))
            .unwrap_or_default()
    }

    /// Line and column of a byte, both counted from 1, columns in characters.
    pub fn line_column(&self, source: u32, byte: usize) -> (usize, usize) {
        let Some(text) = self.get(source).and_then(|s| s.text.get(..byte)) else {
            return (1, 1);
        };
        let line = text.matches('\n').count() + 1;
        let line_start = text.rfind('\n').map_or(0, |newline| newline + 1);
        (line, text[line_start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let mut sources = Sources::default();
        let id = sources.add("x", "ab\nçd\n");
        assert_eq!(sources.line_column(id, 0), (1, 1));
        assert_eq!(sources.line_column(id, 3), (2, 1));
        assert_eq!(sources.line_column(id, 5), (2, 2), "ç is two bytes, one column");
        assert_eq!(
            sources.line_column(id, 99),
            (1, 1),
            "a place outside is not a panic"
        );
    }
}
