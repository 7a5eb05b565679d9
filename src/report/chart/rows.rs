//! Charts of rows: names at the left, values along an axis below.

use maud::{Markup, html};

use super::frame::WIDTH;
use super::scale::{Axis, Scale, Tick};
use super::svg::{fit, px, text_width};

/// The height of a row.
const ROW: f64 = 21.0;

/// The most that names take of the width.
const NAMES: f64 = 180.0;

/// A plot with a row for each name.
pub struct Rows {
    /// Along.
    pub x: Scale,
    /// The size of the picture.
    pub size: (f64, f64),
    names: Vec<String>,
    heading: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    ticks: (Vec<Tick>, String),
}

impl Rows {
    /// Rows of so many names with room for values `xs` of a unit. The heading stands over the names.
    pub fn new<'a>(
        heading: &str,
        names: impl IntoIterator<Item = &'a str>,
        xs: impl IntoIterator<Item = f64>,
        unit: &str,
    ) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| fit(name, NAMES)).collect();
        let widest = names.iter().map(|name| text_width(name)).fold(0.0, f64::max);
        let (left, right) = (widest + 12.0, WIDTH - 14.0);
        let top = if heading.is_empty() { 8.0 } else { 24.0 };
        let bottom = top + ROW * names.len() as f64 + 4.0;
        let axis = Axis::number(unit);
        // Labels need room: the wider the names, the fewer ticks.
        let x = Scale::new(xs, (left, right)).padded();
        Self {
            ticks: x.ticks(&axis, ((right - left) / 85.0) as usize),
            x,
            size: (WIDTH, bottom + 38.0),
            names,
            heading: heading.to_owned(),
            left,
            right,
            top,
            bottom,
        }
    }

    /// The middle of a row.
    pub fn y(&self, row: usize) -> f64 {
        self.top + ROW * (row as f64 + 0.5)
    }

    /// The names and the axis, which go under the data.
    pub fn axes(&self) -> Markup {
        let (ticks, unit) = &self.ticks;
        let upright = |value: f64| {
            let x = px(self.x.at(value));
            format!("M{x} {}V{}", px(self.top), px(self.bottom))
        };
        let grid: String = ticks.iter().map(|tick| upright(tick.value)).collect();
        html! {
            @if !self.heading.is_empty() { text x="2" y="13" { (fit(&self.heading, WIDTH - 4.0)) } }
            path.grid d=(grid) {}
            @if self.x.holds(0.0) { path.zero d=(upright(0.0)) {} }
            @for (row, name) in self.names.iter().enumerate() {
                text.end.strong x=(px(self.left - 7.0)) y=(px(self.y(row) + 4.5)) { (name) }
            }
            path.axis d=(format!("M{} {}H{}", px(self.left), px(self.bottom), px(self.right))) {}
            @for tick in ticks {
                text.mid x=(px(self.x.at(tick.value))) y=(px(self.bottom + 17.0)) { (tick.label) }
            }
            @if !unit.is_empty() {
                text.end x=(px(self.right)) y=(px(self.bottom + 33.0)) { (unit) }
            }
        }
    }
}
