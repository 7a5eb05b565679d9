//! Tables that a reader sorts by their headings.

use maud::{Markup, PreEscaped, Render, html};

/// A table. It scrolls sideways in its own box where it is wider than the page.
#[derive(Clone, Debug, Default)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    note: String,
    numeric: bool,
}

/// A cell: what is shown, and what it sorts by.
#[derive(Clone, Debug)]
pub struct Cell {
    shown: Markup,
    value: Option<f64>,
    class: &'static str,
}

impl Table {
    /// A table without columns. The caption says what it holds; it may be empty.
    pub fn new(caption: impl Into<String>) -> Self {
        Self {
            caption: caption.into(),
            ..Self::default()
        }
    }

    /// Adds a column of texts.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>) -> Self {
        self.columns.push(Column {
            name: name.into(),
            note: String::new(),
            numeric: false,
        });
        self
    }

    /// Adds a column of numbers, which stand to the right.
    #[must_use]
    pub fn number(mut self, name: impl Into<String>) -> Self {
        self.columns.push(Column {
            name: name.into(),
            note: String::new(),
            numeric: true,
        });
        self
    }

    /// Explains the last column, for a reader who points at its heading.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.note = note.into();
        }
        self
    }

    /// Adds a row, a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Cell {
    /// A text, which sorts as texts do.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::markup(html! { (text.as_ref()) })
    }

    /// A number and how it is shown. One that is not finite sorts last.
    pub fn number(value: f64, shown: impl AsRef<str>) -> Self {
        Self {
            value: Some(value).filter(|value| value.is_finite()),
            ..Self::text(shown)
        }
    }

    /// A count.
    pub fn count(count: u64) -> Self {
        Self::number(count as f64, super::number::grouped(count))
    }

    /// A name of the machine's: an account, an instruction, a command.
    pub fn code(text: impl AsRef<str>) -> Self {
        Self::markup(html! { code { (text.as_ref()) } })
    }

    /// Anything else; it sorts by its text.
    pub fn markup(shown: Markup) -> Self {
        Self {
            shown,
            value: None,
            class: "",
        }
    }

    /// Nothing to show; sorts last.
    pub fn none() -> Self {
        Self {
            class: "none",
            ..Self::text("–")
        }
    }

    /// Sorts by a number instead of the text.
    #[must_use]
    pub fn sorted_by(mut self, value: f64) -> Self {
        self.value = Some(value).filter(|value| value.is_finite());
        self
    }

    /// Adds a class of the style sheet, such as `ok`, `warn`, `bad` or `wrap`.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        let numeric = |place: usize| self.columns.get(place).is_some_and(|column| column.numeric);
        let sorts = self.rows.len() > 1;
        // A box that scrolls must be reachable by keyboard, and then it needs a name.
        let name = if self.caption.is_empty() {
            "Table"
        } else {
            &self.caption
        };
        html! {
            div.scroll tabindex="0" role="region" aria-label=(name) {
                table.sorts[sorts] {
                    @if !self.caption.is_empty() { caption { (self.caption) } }
                    thead { tr {
                        @for column in &self.columns {
                            th.n[column.numeric] scope="col" title=[Some(&column.note).filter(|note| !note.is_empty())] {
                                @if sorts { button type="button" { (column.name) } } @else { (column.name) }
                            }
                        }
                    } }
                    tbody {
                        @for row in &self.rows {
                            tr { @for (place, cell) in row.iter().enumerate() { (cell.render_in(numeric(place))) } }
                        }
                    }
                }
            }
        }
    }
}

impl Cell {
    fn render_in(&self, numeric: bool) -> Markup {
        let class = match (numeric, self.class) {
            (true, "") => "n".to_owned(),
            (true, class) => format!("n {class}"),
            (false, class) => class.to_owned(),
        };
        html! {
            td class=[Some(class).filter(|class| !class.is_empty())] data-v=[self.value] {
                (PreEscaped(&self.shown.0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_and_carry_their_values() {
        let mut table = Table::new("Fees & more")
            .text("name")
            .number("fee")
            .note("in USD");
        table.row([Cell::text("<b>"), Cell::number(-1.5, "−1.5")]);
        table.row([Cell::code("a&b"), Cell::number(f64::NAN, "–")]);
        table.row([Cell::none(), Cell::count(1_000).class("bad")]);
        let html = table.render().into_string();
        for piece in [
            "Fees &amp; more",
            "<td>&lt;b&gt;</td><td class=\"n\" data-v=\"-1.5\">−1.5</td>",
            "<code>a&amp;b</code></td><td class=\"n\">–</td>",
            "<td class=\"none\">–</td><td class=\"n bad\" data-v=\"1000\">1\u{202f}000</td>",
            "title=\"in USD\"",
        ] {
            assert!(html.contains(piece), "{piece} in {html}");
        }
        assert_eq!(html.matches("<button").count(), 2);
    }

    #[test]
    fn a_single_row_needs_no_sorting() {
        let mut table = Table::new("").text("name");
        table.row([Cell::text("one")]);
        assert!(!table.render().into_string().contains("<button"));
        assert_eq!((table.len(), table.is_empty()), (1, false));
    }
}
