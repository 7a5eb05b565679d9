//! Pictures as inline SVG: data in, markup out.
//!
//! Every chart is a struct of its data that renders as a `figure`: caption with unit, legend, and an SVG with a text
//! alternative that says the numbers in words. Colours are classes, so that a picture follows its page from light to dark.

mod fan;
mod frame;
mod line;
mod scale;
mod svg;
mod thin;

pub use fan::{Fan, Spread};
pub use line::{Line, Mark, Series};
pub use scale::Axis;

#[cfg(test)]
mod testing;
