//! Words and numbers that the sections of a page share.

use crate::report::number::short;

/// Names in a row: `a, b and c`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A number in a sentence or a table: whole ones in full.
pub fn shown(value: f64) -> String {
    match value {
        whole if whole == whole.trunc() && whole.abs() < 1e6 => {
            let text = format!("{:.0}", whole.abs());
            if whole < 0.0 { format!("−{text}") } else { text }
        }
        other => short(other),
    }
}

/// A text that begins a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_large() {
        assert_eq!(
            (capitalised("über"), capitalised("")),
            ("Über".to_owned(), String::new())
        );
    }

    #[test]
    fn names_and_numbers_read_well() {
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!((listed(&["a"]), listed(&[])), ("a".to_owned(), String::new()));
        for (value, text) in [(12_345.0, "12345"), (-3.0, "−3"), (0.25, "0.2500"), (-0.0, "0")] {
            assert_eq!(shown(value), text);
        }
    }
}
