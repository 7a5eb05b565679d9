//! What all charts have in common: the figure with caption, legend and text alternative, and a plot with two axes.

use maud::{Markup, PreEscaped, html};

use super::scale::{Axis, Scale, Tick};
use super::svg::{px, text_width};

/// Width of a plot's picture in its own pixels. It is shown at about that size, and at two thirds of it on a phone.
pub const WIDTH: f64 = 480.0;

/// A line of a legend.
pub struct Key {
    /// What it stands for.
    pub name: String,
    /// The class that colours it.
    pub class: String,
    /// How the sample looks: a line, `dashed`, or a `block`.
    pub sample: &'static str,
}

/// The class of the colour of a series.
pub fn colour(series: usize) -> String {
    format!("c{}", series % super::super::theme::SERIES + 1)
}

/// The figure around a picture. `words` is the text alternative.
pub fn figure(
    title: &str,
    unit: &str,
    keys: &[Key],
    words: &str,
    (width, height): (f64, f64),
    body: &Markup,
) -> Markup {
    // A picture wider than usual keeps a size at which it can be read, and scrolls.
    let least = (width > WIDTH * 1.3).then(|| format!("min-width:{}px", px(width * 0.8)));
    let scrolls = least.is_some().then_some("0");
    html! {
        figure {
            figcaption { (title) @if !unit.is_empty() { " " span { (unit) } } }
            @if !keys.is_empty() {
                ul.legend { @for key in keys {
                    li class=(key.class) { i class=[Some(key.sample).filter(|sample| !sample.is_empty())] {} span { (key.name) } }
                } }
            }
            div.picture tabindex=[scrolls] {
                svg viewBox=(format!("0 0 {} {}", px(width), px(height))) role="img" style=[least] xmlns="http://www.w3.org/2000/svg" {
                    title { (title) }
                    desc { (words) }
                    (body)
                }
            }
        }
    }
}

/// A plot: where its axes are, and its scales.
pub struct Frame {
    /// Along.
    pub x: Scale,
    /// Up.
    pub y: Scale,
    /// The size of the picture.
    pub size: (f64, f64),
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x_ticks: (Vec<Tick>, String),
    y_ticks: Vec<Tick>,
}

impl Frame {
    /// A plot of values `ys` over `xs`.
    pub fn new(
        xs: impl IntoIterator<Item = f64>,
        x_axis: &Axis,
        ys: impl IntoIterator<Item = f64>,
        height: f64,
    ) -> Self {
        let (top, bottom) = (10.0, height - 38.0);
        let y = Scale::new(ys, (bottom, top)).padded();
        let (y_ticks, _) = y.ticks(&Axis::number(""), 5);
        let widest = y_ticks
            .iter()
            .map(|tick| text_width(&tick.label))
            .fold(0.0, f64::max);
        let (left, right) = (widest + 12.0, WIDTH - 12.0);
        let x = Scale::new(xs, (left, right));
        Self {
            x_ticks: x.ticks(x_axis, 6),
            x,
            y,
            size: (WIDTH, height),
            left,
            right,
            top,
            bottom,
            y_ticks,
        }
    }

    /// How wide the plot is, in pixels.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The upper and lower end of the plot, in pixels.
    pub fn ends(&self) -> (f64, f64) {
        (self.top, self.bottom)
    }

    /// The axes, which go under the data.
    pub fn axes(&self) -> Markup {
        let grid: String = self
            .y_ticks
            .iter()
            .map(|tick| {
                format!(
                    "M{} {}H{}",
                    px(self.left),
                    px(self.y.at(tick.value)),
                    px(self.right)
                )
            })
            .collect();
        let (ticks, unit) = &self.x_ticks;
        html! {
            path.grid d=(grid) {}
            @if self.y.holds(0.0) {
                path.zero d=(format!("M{} {}H{}", px(self.left), px(self.y.at(0.0)), px(self.right))) {}
            }
            @for tick in &self.y_ticks {
                text.end x=(px(self.left - 6.0)) y=(px(self.y.at(tick.value) + 4.5)) { (tick.label) }
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

/// Markup from a path's data, without any where there is nothing to draw.
pub fn stroke(class: &str, data: &str) -> Markup {
    match data {
        "" => PreEscaped(String::new()),
        data => html! { path class=(class) d=(data) {} },
    }
}
