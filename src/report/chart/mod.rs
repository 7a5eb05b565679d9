//! Pictures as inline SVG: data in, markup out.
//!
//! Every chart is a struct of its data that renders as a `figure`: caption with unit, legend, and an SVG with a text
//! alternative that says the numbers in words. Colours are classes, so that a picture follows its page from light to dark.

mod boxes;
mod fan;
mod frame;
mod heat;
mod line;
mod rows;
mod scale;
mod shade;
mod svg;
mod thin;
mod tornado;

pub use boxes::{Boxes, Whiskers};
pub use fan::{Fan, Spread};
pub use heat::{Heat, Side};
pub use line::{Line, Mark, Series};
pub use scale::Axis;
pub(super) use thin::thin;
pub use tornado::{Tornado, signed};

#[cfg(test)]
mod testing;
